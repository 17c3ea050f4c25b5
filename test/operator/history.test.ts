import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readStoreCommand, runStoreCommand } from '../../src/operator/storeCommand.js';
import { storeKey } from '../../src/upstream/cache/storedAnswer.js';
import { callOf } from '../../src/upstream/endpoints/call.js';
import { openRedisStore } from '../../src/upstream/store/redis/redis.js';
import type { Store } from '../../src/upstream/store/store.js';
import { atEnd, recordingLogger, temporaryFolder, testClock } from '../fixtures.js';
import { scriptedUpstream, startTestServer, success, testConfig } from '../harness.js';
import { describeRedis, startRedis } from '../redis.js';

const id = '6629722295873044494';
const otherId = '6712345678901234502';
const args = { creatorId: id, platform: 'SHORT_VIDEO' } as const;
const profile = callOf('profile', args);
const hourMs = 3_600_000;

/** A server, and commands on its store. The nth call answers n followers, except where the followers are given. */
async function setUp(more: Record<string, string> = {}, followers: readonly number[] = []) {
  const upstream = await scriptedUpstream((_, nth) => success({ follower: followers[nth - 1] ?? nth }));
  const { url } = await startRedis();
  const env = { JUSTONEAPI_BASE_URL: upstream.baseUrl, STORE_URL: url, ...more };
  const config = testConfig(env);
  const store = await openRedisStore(url);
  atEnd(() => store.close());
  // Redis has a clock of its own, so this one starts near it.
  const clock = testClock(Date.now() - hourMs);
  const server = await startTestServer({ upstream, store, clock, env });
  const run = async (...commandLine: string[]) => {
    const command = readStoreCommand(commandLine);
    return command ? runStoreCommand(command, config, recordingLogger().logger) : '';
  };
  const pay = async (creatorId = id) => {
    clock.advance(1);
    const query = `{ creator(id: "${creatorId}") { profile(maxAgeSeconds: 0) { followerCount } } }`;
    await server.ask(query);
  };
  const history = async () => {
    const query = `{ creator(id: "${id}") { profile { history { followerCount } } } }`;
    const { data } = await server.ask(query);
    return data.creator.profile.history.map((one: { followerCount: number }) => one.followerCount);
  };
  return { upstream, store, run, pay, history };
}

async function keysIn(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.keys('history:')) keys.push(key);
  return keys.sort();
}

async function seriesIn(store: Store): Promise<{ readonly followers: number[]; readonly times: number[] }> {
  const [key = ''] = await keysIn(store);
  const entries = (await store.latest(key, { most: 100 })).toReversed();
  const bodies = entries.map(({ value }) => JSON.parse(value.slice(value.indexOf('\n') + 1)));
  return { followers: bodies.map(({ data }) => data.follower), times: entries.map(({ atMs }) => atMs) };
}

/** The lines of history in an export about one call, each an hour older than the one after it. */
async function exportOf(followers: readonly number[]) {
  const from = await setUp({}, followers);
  for (const _ of followers) await from.pay();
  const path = join(await temporaryFolder(), 'answers.jsonl');
  const told = await from.run('export', path);
  const [head = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect(from.upstream.calls).toHaveLength(followers.length);
  /** Writes lines as those of another store's namespace. */
  const rewrite = async (store: Store, change: (lines: string[]) => string[]) => {
    const namespace = (await keysIn(store))[0]?.split(':')[1] ?? '';
    const own = lines.map((line) => JSON.stringify({ ...JSON.parse(line), namespace }));
    await writeFile(path, [head, ...change(own)].join('\n'));
    return path;
  };
  return { told, head, lines, path, rewrite };
}

function aged(line: string, hours: number): string {
  const fetchedAt = new Date(Date.now() - hours * hourMs).toISOString();
  return JSON.stringify({ ...JSON.parse(line), fetchedAt });
}

describeRedis('the store command', () => {
  it('counts the history, and says how much of it a creator has', async () => {
    const { upstream, run, pay } = await setUp();
    expect(await run('stats')).toContain('\nhistory: none\n');
    for (const creatorId of [id, id, otherId]) await pay(creatorId);
    expect(await run('stats')).toContain('\nhistory: of 2 calls\n');
    expect(JSON.parse(await run('get', id)).sections).toMatchObject([
      { endpoint: 'profile', historyLength: 2 },
    ]);
    expect(upstream.calls).toHaveLength(3);
  });

  it('forgets the history of a creator, in every namespace and version, and of nobody else', async () => {
    const { upstream, store, run, pay, history } = await setUp();
    for (const creatorId of [id, id, otherId]) await pay(creatorId);
    const entry = { atMs: Date.now(), value: 'a value', digest: null };
    const others = [storeKey('history', 'live', profile), `history:sandbox:v0:${profile.key}`];
    for (const key of others) await store.append(key, entry, { lifeMs: hourMs });
    expect(await run('forget', id)).toBe(`Forgotten: 1 answers and the history of 3 calls about ${id}.`);
    const [left, ...more] = await keysIn(store);
    expect(left).toContain(otherId);
    expect(more).toEqual([]);
    await pay();
    expect(await history()).toEqual([]);
    expect(upstream.calls).toHaveLength(4);
  });

  it('exports the history, of which an import adds what is missing, in the order of time', async () => {
    const { told, head, lines, rewrite } = await exportOf([1, 2, 1]);
    expect(told).toBe('Exported: 1 answers and 3 entries of history.');
    expect(JSON.parse(head)).toEqual({ xingtuGraphqlExport: 3 });
    expect(lines.map((line) => JSON.parse(line).history)).toEqual([undefined, true, true, true]);

    const to = await setUp({}, [1]);
    await to.pay();
    // From the newest to the oldest: the order in the file does not matter.
    const path = await rewrite(to.store, (own) => own.slice(1).map((line, nth) => aged(line, nth + 2)));
    expect(await to.run('import', path)).toMatch(/^Imported: 0 answers and 3 entries of history\. .+: 0\.$/);
    const imported = await seriesIn(to.store);
    expect(imported.followers).toEqual([1, 2, 1, 1]);
    expect(imported.times).toEqual(imported.times.toSorted((a, b) => a - b));
    // The last one has the values of the one before it, and so has the section.
    expect(await to.history()).toEqual([1, 2, 1]);

    expect(await to.run('import', path)).toMatch(/^Imported: 0 answers and 0 entries of history\. .+: 3\.$/);
    expect(await seriesIn(to.store)).toEqual(imported);
    expect(to.upstream.calls).toHaveLength(1);
  });

  it('imports history into an empty store, where the next paid answer adds nothing if it is equal', async () => {
    const { rewrite } = await exportOf([1, 2]);
    const to = await setUp({}, [7, 2]);
    await to.pay();
    const path = await rewrite(to.store, (own) => own);
    await to.run('forget', id);
    expect(await to.run('import', path)).toMatch(/^Imported: 1 answers and 2 entries of history\. .+: 0\.$/);
    await to.pay();
    expect((await seriesIn(to.store)).followers).toEqual([1, 2]);
    expect(await to.history()).toEqual([2, 1]);
    expect(to.upstream.calls).toHaveLength(2);
  });

  it('imports no history that is too old, or of another version, or where none is kept', async () => {
    const { rewrite, lines } = await exportOf([1]);
    const to = await setUp({ HISTORY_DAYS: '2' });
    await to.pay();
    const path = await rewrite(to.store, ([, line = '']) => [aged(line, 49), aged(line, 47)]);
    await appendFile(path, `\n${JSON.stringify({ ...JSON.parse(lines[1] ?? ''), endpointVersion: 'v0' })}`);
    expect(await to.run('import', path)).toMatch(/^Imported: 0 answers and 1 entries of history\. .+: 2\.$/);
    const without = await setUp({ HISTORY_DAYS: '0' });
    expect(await without.run('import', path)).toMatch(
      /^Imported: 0 answers and 0 entries of history\. .+: 3\.$/,
    );
    expect(to.upstream.calls).toHaveLength(1);
  });

  it('imports a file of version 2, which has no history', async () => {
    const { rewrite } = await exportOf([1]);
    const to = await setUp();
    await to.pay();
    const path = await rewrite(to.store, ([answer = '']) => [answer]);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"xingtuGraphqlExport":3', '"xingtuGraphqlExport":2'));
    await to.run('forget', id);
    expect(await to.run('import', path)).toMatch(/^Imported: 1 answers and 0 entries of history\. .+: 0\.$/);
    expect(to.upstream.calls).toHaveLength(1);
  });
});
