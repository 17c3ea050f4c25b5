import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { hasRedisServer } from './bench/redisServer.js';
import { atEnd, temporaryFolder } from './fixtures.js';
import { cost } from './harness.js';
import { blocksOf, pageAt } from './pages.js';
import { startRedis } from './redis.js';
import { trends } from './trendsEndpoint.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const run = promisify(execFile);
const id = '6712345678901234502';

describe('an endpoint that is added as CONTRIBUTING.md says', () => {
  it('is served, planned, priced and stored like the others', async () => {
    const copy = await copyOfSource();
    const page = pageAt('CONTRIBUTING.md');
    for (const code of blocksOf(page, 'ts')) {
      const [, path = ''] = /^\/\/ (src\/\S+)\n/.exec(code) ?? [];
      await write(join(copy, path), code);
    }
    for (const diff of blocksOf(page, 'diff')) await apply(diff, copy);
    await checkTypes(copy);
    await build(copy);

    const server = await serve(copy, { CACHE_TTL_TOPICS_SECONDS: '60' });
    const query = `{ creator(id: "${id}") { topics { names } } upstream { endpoints { name } } }`;
    const dry = await server.ask(query, { 'x-dry-run': '1' });
    expect(dry.extensions.cost).toMatchObject({ dryRun: true, paidCalls: 1 });
    const { data, extensions } = await server.ask(query);
    expect(data.creator.topics.names).toEqual([expect.any(String), expect.stringContaining('日常')]);
    expect(data.upstream.endpoints.map(({ name }: { name: string }) => name)).toContain('TOPICS');
    expect(extensions.cost).toEqual(cost({ paidCalls: 1 }));
    expect((await server.ask(query)).extensions.cost).toEqual(cost({ cachedCalls: 1 }));

    // A call that finds the same values adds nothing to the history.
    const again = '(maxAgeSeconds: 0) { names fetchedAt history { names fetchedAt } }';
    const later = await server.ask(`{ creator(id: "${id}") { topics${again} } }`);
    const { history, ...topics } = later.data.creator.topics;
    expect(history).toEqual([{ names: topics.names, fetchedAt: expect.any(String) }]);
    expect(history[0].fetchedAt < topics.fetchedAt).toBe(true);
    expect(later.extensions.cost).toEqual(cost({ paidCalls: 1 }));
  });
});

/** Text with colons, a page, a date range, and no creator. */
const argsOf = (text: string, page = 1) =>
  `(text: ${JSON.stringify(text)}, page: ${page}, from: "2026-03-01", to: "2026-03-31")`;
const trendsQuery = (...args: readonly string[]) =>
  `{ ${args.map((arg, nth) => `t${nth}: trends${arg} { words }`).join(' ')} }`;

describe('an endpoint with arguments of its own', () => {
  it('takes no change outside its files and the lists', async () => {
    const copy = await copyOfSource();
    for (const [path, code] of Object.entries(trends.files)) await write(join(copy, path), code);
    for (const diff of trends.changes) await apply(diff, copy);
    await build(copy);
    const folder = await temporaryFolder();
    const stores = [
      `sqlite:${join(folder, 'store.db')}`,
      ...(hasRedisServer() ? [(await startRedis()).url] : []),
    ];
    for (const [nth, storeUrl] of stores.entries()) await passesThrough(copy, folder, storeUrl, nth);
  });
});

async function passesThrough(copy: string, folder: string, storeUrl: string, nth: number): Promise<void> {
  const upstream = await trendsUpstream();
  const env = { JUSTONEAPI_TOKEN: 'a-token', JUSTONEAPI_BASE_URL: upstream.baseUrl, STORE_URL: storeUrl };
  const [one, other] = [await serve(copy, env), await serve(copy, env)];

  // Planned and priced, before anything is called.
  const both = trendsQuery(argsOf('a:b'), argsOf('a', 2), argsOf('a:b'));
  const dry = await one.ask(both, { 'x-dry-run': '1', 'x-cost-debug': '1' });
  expect(dry.extensions.cost).toMatchObject({ requestedCalls: 2, paidCalls: 2 });
  expect(dry.extensions.cost.calls[0]).toMatchObject({
    endpoint: 'trends',
    args: { text: 'a:b', page: 1, from: '2026-03-01', to: '2026-03-31' },
  });
  expect(upstream.requests).toEqual([]);

  // One call for both servers and all operations, whatever the text holds.
  const answers = await Promise.all([one, other, one, other].map((server) => server.ask(both)));
  for (const { data } of answers) {
    expect(data).toEqual({ t0: { words: ['a:b 1'] }, t1: { words: ['a 2'] }, t2: { words: ['a:b 1'] } });
  }
  expect(upstream.requests.toSorted()).toEqual([
    '/trends/v1?keyword=a%3Ab&page_no=1&start=20260301&end=20260331',
    '/trends/v1?keyword=a&page_no=2&start=20260301&end=20260331',
  ]);

  // Out of memory, and after a restart out of the store.
  expect((await one.ask(both)).extensions.cost).toEqual(cost({ cachedCalls: 2 }));
  await Promise.all([one.end(), other.end()]);
  const later = await serve(copy, env);
  expect((await later.ask(both)).extensions.cost).toEqual(cost({ cachedCalls: 2 }));
  const quoted = trendsQuery(argsOf('"}:{'));
  expect((await later.ask(quoted)).data).toEqual({ t0: { words: ['"}:{ 1'] } });
  await later.end();

  // Counted, exported, and imported into another store.
  expect(await store(copy, env, 'stats')).toContain(': 3 of 0 creators: trends 3');
  const file = join(folder, `export-${nth}.jsonl`);
  expect(await store(copy, env, 'export', file)).toMatch(/Exported: 3 answers and \d entries of history/);
  const imported = { ...env, STORE_URL: `sqlite:${join(folder, `imported-${nth}.db`)}` };
  expect(await store(copy, imported, 'import', file)).toContain('Imported: 3 answers');
  const last = await serve(copy, imported);
  expect((await last.ask(both)).extensions.cost).toEqual(cost({ cachedCalls: 2 }));
  expect(upstream.requests).toHaveLength(3);
  await last.end();
}

/** A project of its own, with everything but what is built. */
async function copyOfSource(): Promise<string> {
  const copy = await temporaryFolder();
  for (const folder of ['src', 'build'])
    await cp(join(root, folder), join(copy, folder), { recursive: true });
  for (const file of ['package.json', 'tsconfig.json', 'build.js'])
    await cp(join(root, file), join(copy, file));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Applies a diff: a line that comes after one that stays, or first. */
async function apply(diff: string, copy: string): Promise<void> {
  const [, file = ''] = /^\/\/ (src\/\S+)$/m.exec(diff) ?? [];
  const path = join(copy, file);
  let text = await readFile(path, 'utf8');
  const lines = diff.split('\n').filter((line) => /^[ +]/.test(line));
  for (const [at, line] of lines.entries()) {
    if (!line.startsWith('+')) continue;
    const stays = lines[at - 1];
    if (stays?.startsWith(' ')) {
      expect(text).toContain(`\n${stays.slice(1)}\n`);
      text = text.replace(`\n${stays.slice(1)}\n`, `\n${stays.slice(1)}\n${line.slice(1)}\n`);
    } else text = `${line.slice(1)}\n${text}`;
  }
  await writeFile(path, text);
}

async function checkTypes(copy: string): Promise<void> {
  const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), [], { cwd: copy }).catch(
    (error) => error,
  );
  expect(stdout).toBe('');
}

async function build(copy: string): Promise<void> {
  await run(process.execPath, [join(copy, 'build.js'), 'server']);
}

/** There is no balancer to tell of the end. */
const atOnce = { SHUTDOWN_DELAY_SECONDS: '0', SHUTDOWN_DRAIN_SECONDS: '0', LOG_LEVEL: 'warn' };

async function serve(copy: string, env: Record<string, string>) {
  const child = spawnIn(copy, [], { PORT: '0', ...atOnce, ...env });
  let out = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  const ended = once(child, 'exit');
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  while (!out.includes('\n')) {
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended]);
    expect(child.exitCode).toBeNull();
  }
  const url = /http:\S+\/graphql/.exec(out)?.[0] ?? '';
  return {
    ask: async (query: string, headers: Record<string, string> = {}) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      });
      // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test's own query gives it
      return (await response.json()) as any;
    },
    end: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function store(copy: string, env: Record<string, string>, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ['dist/main.js', 'store', ...args], {
    cwd: copy,
    env: { PATH: process.env['PATH'], ...env },
  });
  return stdout;
}

function spawnIn(copy: string, args: readonly string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['dist/main.js', ...args], {
    cwd: copy,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Answers with the keyword and the page that it was asked for; writes down what it was asked, without the token. */
async function trendsUpstream(): Promise<{ readonly baseUrl: string; readonly requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://upstream');
    requests.push((request.url ?? '').replace(/token=[^&]*&/, ''));
    const trend_words = [`${url.searchParams.get('keyword')} ${url.searchParams.get('page_no')}`];
    response.end(JSON.stringify({ code: 0, data: { trend_words } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
