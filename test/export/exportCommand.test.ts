import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listen } from '../../src/http.js';
import { atEnd, temporaryFolder, temporaryStore } from '../fixtures.js';
import { type SeenCall, sandboxUpstream, scriptedUpstream, startTestServer, success } from '../harness.js';
import { exportWith, fileWith, linkOf, manyIds } from './material.js';

const [first = '', second = '', third = ''] = manyIds(3);

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function outputPath(name: string): Promise<string> {
  return join(await temporaryFolder(), name);
}

const callsOf = (ids: readonly string[], sections: readonly string[]): SeenCall[] =>
  ids.flatMap((id) => sections.map((section) => `${section} ${id} SHORT_VIDEO`)).toSorted();

describe('the export command', () => {
  it('says what it will cost, asks, and pays nothing when the answer is no', async () => {
    const upstream = await sandboxUpstream();
    const out = await outputPath('out.csv');
    const list = await fileWith(`${first}\n${second}\n`);
    const setting = { upstream, env: { CALL_PRICE: '0.05' }, says: false };
    const exported = await exportWith([list, '-o', out], setting);
    expect(exported.code).toBe(1);
    expect(exported.questions).toEqual([
      '2 creators × 3 sections: 6 calls to pay (¥0.30), 0 are stored. Go on? [y/N] ',
    ]);
    expect(exported.err).toBe('Nothing was paid.\n');
    expect(await exists(out)).toBe(false);
    expect(upstream.calls).toEqual([]);
  });

  it('refuses with exit code 2 where nobody can be asked, and says how to go on', async () => {
    const upstream = await sandboxUpstream();
    const out = await outputPath('out.csv');
    const exported = await exportWith([await fileWith(first), '-o', out], { upstream });
    expect(exported.code).toBe(2);
    expect(exported.err).toContain('Nobody can be asked here, so nothing was paid. Add --yes to pay.');
    expect(await exists(out)).toBe(false);
    expect(upstream.calls).toEqual([]);
  });

  it('pays once the answer is yes, and nothing the second time, when it has nothing to ask', async () => {
    const upstream = await sandboxUpstream();
    const env = { STORE_URL: await temporaryStore() };
    const out = await outputPath('out.csv');
    const args = [
      await fileWith(`${first}\n${linkOf(second)}\n${first}`),
      '-o',
      out,
      '--fields',
      'id,name,price21To60',
    ];
    const once = await exportWith(args, { upstream, env, says: true });
    expect(once.code).toBe(0);
    expect(once.err).toBe(
      `1 row repeats a creator, who is asked for once.\n2 creators in ${out}: 4 calls paid, 0 cached.\n`,
    );
    const text = await readFile(out, 'utf8');
    expect(text.split('\r\n').map((line) => line.split(',')[0])).toEqual([
      '\ufeff达人 ID',
      first,
      second,
      '',
    ]);
    expect(upstream.calls.toSorted()).toEqual(callsOf([first, second], ['profile', 'prices']));

    const again = await exportWith(args, { upstream, env });
    expect(again.code).toBe(0);
    expect(again.err).toMatch(/2 creators × 2 sections: 0 calls to pay .*, 4 are stored\.\n/);
    expect(await readFile(out, 'utf8')).toBe(text);
    expect(upstream.calls).toHaveLength(4);
  });

  it('writes NDJSON to standard output out of a list on standard input, with numbers and lists as they are', async () => {
    const upstream = await scriptedUpstream(() =>
      success({ nick_name: '张', follower: 5, tags_relation: '{"美食":["探店"]}' }),
    );
    const args = ['-', '-o', '-', '--yes', '--fields', 'id,name,followers,lowestPrice'];
    const exported = await exportWith(args, { upstream, stdin: `${first};${second}` });
    expect(exported.code).toBe(0);
    expect(
      exported.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { id: first, name: '张', followers: 5, lowestPrice: null },
      { id: second, name: '张', followers: 5, lowestPrice: null },
    ]);
    expect(upstream.calls).toHaveLength(2);
  });

  it('makes columns of the leaf fields of a query, under their aliases, and checks it before anything is paid', async () => {
    const upstream = await sandboxUpstream();
    const query = await fileWith(
      `query Mine($ids: [ID!]!) {
        list: creators(ids: $ids) { id who: profile { name tags { name } } ...Money }
      }
      fragment Money on Creator { prices { byDuration { s60: seconds21To60 { price { amount } isAvailable } } } }`,
      'mine.graphql',
    );
    const list = await fileWith('6629722295873044494');
    const args = [list, '-o', '-', '--format', 'csv', '--yes', '--query'];
    const exported = await exportWith([...args, query], { upstream });
    expect(exported.code).toBe(0);
    const [titles, row] = exported.out.slice(1).split('\r\n');
    expect(titles).toBe(
      'id,who.name,who.tags.name,prices.byDuration.s60.price.amount,prices.byDuration.s60.isAvailable,errors',
    );
    expect(row).toMatch(/^6629722295873044494,张大仙,[^,]+,659100,true,$/);
    expect(upstream.calls.toSorted()).toEqual(callsOf(['6629722295873044494'], ['prices', 'profile']));

    const faults = [
      ['{ creators(ids: ["1"]) { id } }', 'expected the field creators with the variable ids'],
      [
        'query ($ids: [ID!]!) { creators(ids: $ids) { naem } }',
        'Cannot query field "naem" on type "Creator".',
      ],
      ['query ($ids: [ID!]!) { creators(ids: $ids) { ', 'Syntax Error'],
      [
        'query ($ids: [ID!]!, $age: Int) { creators(ids: $ids) { profile(maxAgeSeconds: $age) { name } } }',
        'expected no variable but ids',
      ],
    ];
    for (const [text = '', why = ''] of faults) {
      const path = await fileWith(text, 'wrong.graphql');
      await expect(exportWith([...args, path], { upstream })).rejects.toThrow(why);
    }
    expect(upstream.calls).toHaveLength(2);
  });

  it('asks a running server, with its key out of the environment, and at most QUERY_MAX_CALLS at once', async () => {
    const upstream = await sandboxUpstream();
    const server = await startTestServer({
      upstream,
      env: { API_KEYS: 'sheet:sheet-key-123', QUERY_MAX_CALLS: '5', CALL_PRICE: '0.1' },
    });
    const port = await listen(server.respond, { port: 0, host: '127.0.0.1', keepAliveSeconds: 5 });
    atEnd(() => port.close());
    const ids = manyIds(7);
    const args = [
      await fileWith(ids.join('\n')),
      '-o',
      '-',
      '--url',
      port.origin,
      '--yes',
      '--fields',
      'prices,name',
    ];
    await expect(exportWith(args)).rejects.toThrow('The server refuses the export (UNAUTHENTICATED): ');
    expect(upstream.calls).toEqual([]);

    const env = { XINGTU_API_KEY: 'sheet-key-123' };
    const exported = await exportWith(args, { env });
    expect(exported.code).toBe(0);
    expect(exported.err).toBe(
      '7 creators × 2 sections: 14 calls to pay (¥1.40), 0 are stored.\n7 creators: 14 calls paid (¥1.40), 0 cached.\n',
    );
    const rows = exported.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ name }) => typeof name)).toEqual(ids.map(() => 'string'));
    expect(upstream.calls.toSorted()).toEqual(callsOf(ids, ['prices', 'profile']));
    const spend = '{ upstream { spend(days: 1) { operationName calls } } }';
    const { data } = await server.ask(spend, {}, { authorization: 'Bearer sheet-key-123' });
    expect(data.upstream.spend).toEqual([
      { operationName: 'Export', calls: 7 },
      { operationName: 'Export', calls: 7 },
    ]);
  });

  it('says that no server answers at the address', async () => {
    const args = [await fileWith(first), '-o', '-', '--yes', '--url', 'http://127.0.0.1:1'];
    await expect(exportWith(args)).rejects.toThrow('http://127.0.0.1:1 does not answer');
    await expect(exportWith([...args.slice(0, -1), 'http://me:secret@host'])).rejects.toThrow(
      /^Expected --url to be the address of a server/,
    );
  });

  it('asks once more at the end for what failed and may pass, and keeps the order of the list', async () => {
    const failed = new Set<string>();
    const upstream = await scriptedUpstream((call) => {
      if (call.startsWith(`profile ${first}`) && !failed.has(call)) {
        failed.add(call);
        return { body: { code: 301, data: null } };
      }
      return success({ nick_name: `张${call.split(' ')[1]}` });
    });
    const args = [await fileWith(`${first}\n${second}`), '-o', '-', '--yes', '--fields', 'name'];
    const exported = await exportWith(args, { upstream, env: { UPSTREAM_RETRIES: '0' } });
    expect(exported.code).toBe(0);
    expect(exported.out).toBe(`{"name":"张${first}"}\n{"name":"张${second}"}\n`);
    expect(upstream.calls).toEqual([
      ...callsOf([first, second], ['profile']),
      `profile ${first} SHORT_VIDEO`,
    ]);
  });

  it('does not ask again for what failed and was billed', async () => {
    const upstream = await scriptedUpstream((call) =>
      call.includes(first) ? { body: 'no JSON' } : success({ nick_name: '张' }),
    );
    const args = [
      await fileWith(`${first}\n${second}`),
      '-o',
      '-',
      '--yes',
      '--fields',
      'name',
      '--language',
      'en',
    ];
    const exported = await exportWith(args, { upstream, env: { XINGTU_API_KEY: '' } });
    expect(exported.code).toBe(3);
    expect(exported.out.split('\n')[0]).toContain('"code":"UPSTREAM_INVALID_RESPONSE"');
    expect(exported.err).toContain('1 creator not complete: UPSTREAM_INVALID_RESPONSE 1.');
    expect(upstream.calls).toHaveLength(2);
  });

  it('goes on after failures, but stops when the budget is spent, and says so', async () => {
    const upstream = await sandboxUpstream();
    const ids = manyIds(9);
    const env = { DAILY_MAX_CALLS: '4', QUERY_MAX_CALLS: '2' };
    const args = [await fileWith(ids.join('\n')), '-o', '-', '--yes', '--fields', 'name'];
    const exported = await exportWith(args, { upstream, env });
    expect(exported.code).toBe(3);
    const rows = exported.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.filter(({ name }) => name !== null)).toHaveLength(4);
    expect(exported.err).toMatch(/BUDGET_EXCEEDED \d[\s\S]+Stopped: [\s\S]+missing\.\n/);
    expect(upstream.calls).toHaveLength(4);
  });

  it.each([
    [['--fields', 'naem'], 'There is no field "naem". The nearest is name.'],
    [['--column', 'creater'], 'The nearest is "creator".'],
  ])('names what is nearest to %j', async (args, why) => {
    const upstream = await sandboxUpstream();
    const list = await fileWith(`creator,note\n${first},a\n`);
    await expect(exportWith([list, '-o', '-', '--yes', ...args], { upstream })).rejects.toThrow(why);
    expect(upstream.calls).toEqual([]);
  });

  it('refuses to replace the list, or to pay for a file that it can not write', async () => {
    const upstream = await sandboxUpstream();
    const list = await fileWith(third);
    await expect(exportWith([list, '-o', list, '--yes'], { upstream })).rejects.toThrow('is the list itself');
    const nowhere = join(await temporaryFolder(), 'none', 'out.csv');
    await expect(exportWith([list, '-o', nowhere, '--yes'], { upstream })).rejects.toThrow(
      /none\/out\.csv can't be written .+ Nothing was paid\.$/,
    );
    expect(upstream.calls).toEqual([]);
  });

  it.each([
    [['-o', 'a.csv'], 'Expected FILE after export, but got nothing.'],
    [['list.csv'], 'Expected -o and the name of a file'],
    [['list.csv', '-o', 'out.pdf'], 'Expected out.pdf to end with .xlsx, .csv or .ndjson.'],
    [['list.csv', '-o', '-', '--format', 'xlsx'], 'Expected csv or ndjson on standard output.'],
    [
      ['list.csv', '-o', 'a.csv', '--fields', 'id', '--query', 'q'],
      'Expected --fields or --query, but got both.',
    ],
    [['list.csv', '-o', 'a.csv', '--key', 'k'], 'Expected --key only with --url.'],
    [['list.csv', '-o', 'a.csv', '--language', 'fr'], 'Expected --language to be zh or en'],
    [['list.csv', '-o', 'a.csv', '--feilds', 'id'], "Unknown option '--feilds'"],
  ])('refuses the command line %j', async (args, why) => {
    await expect(exportWith(args)).rejects.toThrow(why);
  });
});
