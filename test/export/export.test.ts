import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import readWorkbook, { readSheet } from 'read-excel-file/node';
import { describe, expect, it, vi } from 'vitest';
import { columns, defaultColumnKeys, headingOf } from '../../src/columns/columns.js';
import { cellOf, selectionOf } from '../../src/columns/selection.js';
import { listen } from '../../src/http.js';
import { atEnd, temporaryFolder, testToken } from '../fixtures.js';
import { sandboxUpstream, scriptedUpstream, startTestServer, testConfig, type Upstream } from '../harness.js';
import { start } from '../program.js';

const idsOf = (count: number) =>
  Array.from({ length: count }, (_, nth) => String(6_700_000_000_000_000_000n + BigInt(nth)));
const linkOf = (id: string) => `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}`;

interface ExportOptions {
  readonly upstream: Upstream;
  readonly folder: string;
  readonly env?: Record<string, string>;
}

/** The command in a process of its own, without a terminal. */
function startExport(args: readonly string[], { upstream, folder, env = {} }: ExportOptions) {
  return start(
    {
      STORE_URL: `sqlite:${join(folder, 'store.db')}`,
      JUSTONEAPI_TOKEN: testToken,
      JUSTONEAPI_BASE_URL: upstream.baseUrl,
      ...env,
    },
    { args: ['export', ...args] },
  );
}

async function runExport(args: readonly string[], options: ExportOptions) {
  const running = startExport(args, options);
  const code = await running.ended;
  return { code, out: running.out, err: running.err };
}

async function listIn(folder: string, content: string | Uint8Array, name = 'list.csv'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const linesOf = async (path: string) =>
  (await readFile(path, 'utf8')).replace('\ufeff', '').trimEnd().split('\r\n');

describe('npm run export', () => {
  it('makes a workbook of 120 links of a CSV in GBK, with one command', async () => {
    const [upstream, folder] = [await sandboxUpstream(), await temporaryFolder()];
    const ids = idsOf(120);
    // 昵称,主页 / 张三,https://…
    const title = Buffer.from([0xea, 0xc7, 0xb3, 0xc6, 0x2c, 0xd6, 0xf7, 0xd2, 0xb3, 0x0d, 0x0a]);
    const name = Buffer.from([0xd5, 0xc5, 0xc8, 0xfd, 0x2c]);
    const rows = ids.flatMap((id) => [name, Buffer.from(`${linkOf(id)}\r\n`)]);
    const list = await listIn(folder, Buffer.concat([title, ...rows]));
    const file = join(folder, 'creators.xlsx');
    const env = { CALL_PRICE: '0.05' };
    const { code, err } = await runExport([list, '-o', file, '--yes'], { upstream, folder, env });
    expect(err).toBe(
      `120 creators × 3 sections: 360 calls to pay (¥18.00), 0 are stored.\n120 creators in ${file}: 360 calls paid (¥18.00), 0 cached.\n`,
    );
    expect(code).toBe(0);
    expect(upstream.billed).toHaveLength(360);

    const chosen = columns.filter(({ key }) => defaultColumnKeys.includes(key));
    const server = await startTestServer({ upstream: await sandboxUpstream() });
    const query = `query ($ids: [ID!]!) { creators(ids: $ids) { ${selectionOf(chosen)} } }`;
    const [first, second] = [ids.slice(0, 60), ids.slice(60)];
    const answers = [await server.ask(query, { ids: first }), await server.ask(query, { ids: second })];
    const expected = answers
      .flatMap(({ data }) => data.creators)
      .map((creator) =>
        chosen.map((column) => {
          const cell = cellOf(column, creator);
          return (Array.isArray(cell) ? cell.join('、') : cell) || null;
        }),
      );
    const sheets = await readWorkbook(file);
    expect(sheets.map(({ sheet }) => sheet)).toEqual(['达人', '失败', '费用']);
    const [titles, ...cells] = await readSheet(file, '达人');
    expect(titles).toEqual(chosen.map((column) => headingOf(column, 'zh')));
    expect(cells).toEqual(expected);
    expect(cells.map(([id]) => id)).toEqual(ids);
    expect(await readSheet(file, '费用')).toEqual(
      expect.arrayContaining([
        ['付费调用', 360],
        ['花费（元）', 18],
      ]),
    );
  });

  it('pays once for 500 creators, however often it is interrupted', async () => {
    const upstream = await sandboxUpstream({ latency: { kind: 'constant', ms: 20 } });
    const folder = await temporaryFolder();
    const ids = idsOf(500);
    const list = await listIn(folder, ids.join('\n'), 'list.txt');
    const file = join(folder, 'creators.csv');
    const args = [list, '-o', file, '--yes', '--language', 'en'];
    for (const [interruptedAfter, signal, code] of [
      [300, 'SIGINT', 130],
      [900, 'SIGTERM', 143],
    ] as const) {
      const running = startExport(args, { upstream, folder });
      await vi.waitFor(() => expect(upstream.calls.length).toBeGreaterThan(interruptedAfter), {
        timeout: 30_000,
        interval: 5,
      });
      running.process.kill(signal);
      expect(await running.ended).toBe(code);
      expect(running.err).toContain('Run the same command again: what was paid for is stored.');
      // What the file has by then is in the order of the list.
      const [, ...lines] = await linesOf(file);
      expect(lines.length).toBeLessThan(500);
      const written = lines.map((line) => line.split(',')[0]);
      expect(written).toEqual(ids.filter((id) => written.includes(id)));
    }
    const paid = upstream.billed.length;
    const { code, err } = await runExport(args, { upstream, folder });
    expect(code).toBe(0);
    expect(err).toContain(`500 creators × 3 sections: ${1_500 - paid} calls to pay`);
    expect(err).toContain(`${paid} are stored.`);
    expect(upstream.billed).toHaveLength(1_500);
    expect(new Set(upstream.billed).size).toBe(1_500);
    const [, ...lines] = await linesOf(file);
    expect(lines.map((line) => line.split(',')[0])).toEqual(ids);
    expect(lines.filter((line) => !line.endsWith(','))).toEqual([]);
  });

  it('pays nothing without a yes, and nothing for a name that is wrong', async () => {
    const [upstream, folder] = [await sandboxUpstream(), await temporaryFolder()];
    const list = await listIn(folder, idsOf(3).join('\n'));
    const run = (...args: string[]) =>
      runExport([list, '-o', join(folder, 'out.csv'), ...args], { upstream, folder });
    const unasked = await run();
    expect(unasked.err).toContain('3 creators × 3 sections: 9 calls to pay, 0 are stored.');
    expect(unasked.err).toContain('Nobody can be asked here, so nothing was paid. Add --yes to pay.');
    expect(unasked.code).toBe(2);
    const wrong = await run('--yes', '--fields', 'name,folowers');
    expect(wrong.err).toContain('There is no field "folowers". The nearest is followers.');
    expect(wrong.code).toBe(1);
    const noColumn = await run('--yes', '--column', 'links');
    expect(noColumn.err).toContain('has no column "links"');
    expect(upstream.calls).toEqual([]);
  });

  it('says which rows hold no creator, and asks once for those that are there twice', async () => {
    const [upstream, folder] = [await sandboxUpstream(), await temporaryFolder()];
    const [a = '', b = ''] = idsOf(2);
    const list = await listIn(folder, `name;id\nA;${a}\nB;6.7E+18\nC;${linkOf(b)}\nA;${a}\n`);
    const file = join(folder, 'out.xlsx');
    const { code, err } = await runExport(
      [list, '-o', file, '--yes', '--fields', 'id,name', '--language', 'en'],
      {
        upstream,
        folder,
      },
    );
    expect(err).toContain(
      'Row 3 (6.7E+18): "6.7E+18" is a number that a spreadsheet or a program has rounded',
    );
    expect(err).toContain('1 row repeats a creator, who is asked for once.');
    expect(code).toBe(3);
    expect(upstream.billed.toSorted()).toEqual([`profile ${a} SHORT_VIDEO`, `profile ${b} SHORT_VIDEO`]);
    const [, rejected] = await readSheet(file, 'Failures');
    expect(rejected?.slice(0, 3)).toEqual(['6.7E+18', 'Row 3 of the list', 'BAD_USER_INPUT']);
  });

  it('makes columns of the fields of a document', async () => {
    const [upstream, folder] = [await sandboxUpstream(), await temporaryFolder()];
    const [id = ''] = idsOf(1);
    const list = await listIn(folder, id);
    const query = await listIn(
      folder,
      'query ($ids: [ID!]!) { creators(ids: $ids) { id profile { nick: name tags { name } } cpMetrics { viralRate } } }',
      'query.graphql',
    );
    const { code, out } = await runExport([list, '-o', '-', '--query', query, '--yes'], { upstream, folder });
    expect(code).toBe(0);
    const line = JSON.parse(out);
    expect(line).toEqual({
      id,
      'profile.nick': expect.any(String),
      'profile.tags.name': [expect.any(String)],
      'cpMetrics.viralRate': expect.toBeOneOf([expect.any(Number), null]),
    });
    expect(upstream.billed.toSorted()).toEqual([`cpMetrics ${id} SHORT_VIDEO`, `profile ${id} SHORT_VIDEO`]);

    const wrong = await listIn(
      folder,
      'query ($ids: [ID!]!) { creators(ids: $ids) { nam } }',
      'wrong.graphql',
    );
    const refused = await runExport([list, '-o', '-', '--query', wrong, '--yes'], { upstream, folder });
    expect(refused.err).toContain('Cannot query field "nam" on type "Creator"');
    expect(refused.code).toBe(1);
    expect(upstream.billed).toHaveLength(2);
  });

  it('asks a running server with its key, which appears nowhere', async () => {
    const upstream = await sandboxUpstream();
    const folder = await temporaryFolder();
    const env = { API_KEYS: 'lists:a-secret-key-of-lists' };
    const server = await startTestServer({ upstream, env });
    const http = await listen(server.respond, testConfig({ ...env, PORT: '0' }));
    atEnd(() => http.close());
    const list = await listIn(folder, idsOf(5).join('\n'));
    const file = join(folder, 'out.csv');
    const run = (key: string) =>
      runExport([list, '-o', file, '--url', http.origin, '--yes'], {
        upstream,
        folder,
        env: { XINGTU_API_KEY: key },
      });
    const wrong = await run('another-key');
    expect(wrong.err).toContain('The server refuses the export (UNAUTHENTICATED)');
    expect(wrong.code).toBe(1);
    expect(upstream.calls).toEqual([]);
    const right = await run('a-secret-key-of-lists');
    expect(right.code).toBe(0);
    expect(right.err + right.out + (await readFile(file, 'utf8'))).not.toContain('secret');
    expect(upstream.billed).toHaveLength(15);
    expect(server.logs).toEqual([]);
  });

  it('asks once more for what failed and may pass, and writes what is missing and why', async () => {
    const [failing = '', passing = '', good = ''] = idsOf(3);
    const calls = new Map<string, number>();
    const upstream = await scriptedUpstream((call) => {
      const times = (calls.get(call) ?? 0) + 1;
      calls.set(call, times);
      if (call.startsWith(`prices ${failing}`)) return { body: { code: 301 } };
      if (call.startsWith(`prices ${passing}`) && times === 1) return { body: { code: 301 } };
      return { body: { code: 0, data: { nick_name: '=1+1', follower: 7, price_info: [] } } };
    });
    const folder = await temporaryFolder();
    const list = await listIn(folder, [failing, passing, good].join('\n'));
    const file = join(folder, 'out.csv');
    const { code, err } = await runExport([list, '-o', file, '--yes', '--fields', 'id,name,price1To20'], {
      upstream,
      folder,
      env: { UPSTREAM_RETRIES: '0' },
    });
    expect(code).toBe(3);
    expect(err).toContain('1 creator not complete: UPSTREAM_COLLECTION_FAILED 1.');
    const [, ...lines] = await linesOf(file);
    // A name must not become a formula.
    expect(lines).toEqual([
      `${failing},'=1+1,,prices: UPSTREAM_COLLECTION_FAILED`,
      `${passing},'=1+1,,`,
      `${good},'=1+1,,`,
    ]);
    expect(calls.get(`prices ${failing} SHORT_VIDEO`)).toBe(2);
    expect(calls.get(`prices ${passing} SHORT_VIDEO`)).toBe(2);
    expect(calls.get(`profile ${failing} SHORT_VIDEO`)).toBe(1);
  });

  it('is refused before anything is paid if the file cannot be written', async () => {
    const [upstream, folder] = [await sandboxUpstream(), await temporaryFolder()];
    const list = await listIn(folder, idsOf(1).join('\n'));
    const { code, err } = await runExport([list, '-o', join(folder, 'none', 'out.csv'), '--yes'], {
      upstream,
      folder,
    });
    expect(err).toContain("can't be written");
    expect(err).toContain('Nothing was paid.');
    expect(code).toBe(1);
    expect(upstream.calls).toEqual([]);
  });
});
