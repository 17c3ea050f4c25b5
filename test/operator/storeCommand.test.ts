import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CommandLineError } from '../../src/commandLine.js';
import type { StoreConfig } from '../../src/operator/commandContext.js';
import { readStoreCommand, runStoreCommand } from '../../src/operator/storeCommand.js';
import type { Endpoint } from '../../src/upstream/endpoints/endpoint.js';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { openDriver } from '../../src/upstream/store/open.js';
import { atEnd, realClock, recordingLogger, temporaryFolder, temporaryStore } from '../fixtures.js';
import { scriptedUpstream, startTestServer, testConfig } from '../harness.js';

const id = '6629722295873044494';
const query = `{ creator(id: "${id}") { profile { followerCount } prices { hasData } } }`;

/** A server, and commands on its store. Both use the real time, because a command has no other. */
async function setUp(more: Record<string, string> = {}) {
  const upstream = await scriptedUpstream((call, nth) =>
    call.startsWith('profile')
      ? { body: `{"code":0,"data":{"follower":${nth},"huge":12345678901234567890}}` }
      : { body: { code: 201, data: null } },
  );
  const env = {
    JUSTONEAPI_BASE_URL: upstream.baseUrl,
    STORE_URL: await temporaryStore(),
    ...more,
  };
  const config = testConfig(env);
  const store = await openDriver(config, recordingLogger().logger);
  atEnd(() => store.close());
  const server = await startTestServer({ upstream, store, clock: realClock, env });
  const run = (...args: string[]) => runStore(args, config);
  const ask = async (headers?: Record<string, string>) =>
    (await server.ask(query, {}, headers)).data.creator.profile.followerCount;
  return { upstream, run, ask };
}

type Flags = Pick<Endpoint, 'isPersonal' | 'hasHistory'>;

/** Gives the profile's endpoint flags, until the test ends. */
function flagProfile(flags: Flags): void {
  const profile: { -readonly [Flag in keyof Flags]: Flags[Flag] } = endpoints.profile;
  Object.assign(profile, flags);
  onTestFinished(() => {
    delete profile.isPersonal;
    delete profile.hasHistory;
  });
}

/** The namespace of the answers in the store. */
async function namespaceIn({ run }: Pick<Awaited<ReturnType<typeof setUp>>, 'run'>): Promise<string> {
  return /custom-\w+/.exec(await run('stats'))?.[0] ?? '';
}

/** The lines of an export. Its history has a suite of its own. */
function withoutHistory(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => !('history' in JSON.parse(line)));
}

async function runStore(args: readonly string[], config: StoreConfig): Promise<string> {
  const command = readStoreCommand(args);
  return command ? runStoreCommand(command, config, recordingLogger().logger) : 'help';
}

describe('the store command', () => {
  it('shows the stored answers about a creator, by id or link, as upstream sent them', async () => {
    const { upstream, run, ask } = await setUp();
    await ask();
    const link = `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}`;
    const shown = JSON.parse(await run('get', link));
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    const args = { creatorId: id, platform: 'SHORT_VIDEO' };
    expect(shown.id).toBe(id);
    expect(shown.sections).toEqual([
      {
        endpoint: 'profile',
        args,
        fetchedAt: time,
        historyLength: expect.any(Number),
        data: { follower: 1, huge: '12345678901234567890' },
      },
      { endpoint: 'prices', args, fetchedAt: time, historyLength: expect.any(Number), data: null },
    ]);
    expect(upstream.calls).toHaveLength(2);
  });

  it('forgets a creator, also in the memory of a running server', async () => {
    const { upstream, run, ask } = await setUp();
    expect(await ask()).toBe(1);
    expect(await run('forget', id)).toMatch(
      new RegExp(`^Forgotten: 2 answers and the history of \\d calls about ${id}\\.$`),
    );
    expect(await run('forget', id)).toBe(`Forgotten: 0 answers and the history of 0 calls about ${id}.`);
    await vi.waitFor(async () => expect(await ask()).toBe(3));
    expect(upstream.calls).toHaveLength(4);
  });

  it('counts stored answers and paid calls, and names stops', async () => {
    const { upstream, run, ask } = await setUp();
    expect(await run('stats')).toMatch(
      /^answers: none\nhistory: none\nsize: .+ MiB\ncalls today: 0\nstops: none$/,
    );
    await ask();
    expect(await run('stats')).toMatch(
      /^answers \(custom-\w{16}\): 2 of 1 creators: prices 1, profile 1\nhistory: .+\nsize: /,
    );
    expect(upstream.calls).toHaveLength(2);
  });

  it('shows what each key has spent of its budget', async () => {
    const env = { API_KEYS: 'dash:dashboard-key:5,ops:ops-key-123', DAILY_MAX_CALLS: '100' };
    const { upstream, run, ask } = await setUp(env);
    await ask({ authorization: 'Bearer dashboard-key' });
    expect(await run('stats')).toContain(
      '\ncalls today: 2 of 100\ncalls today (key dash): 2 of 5\ncalls today (key ops): 0\n',
    );
    expect(upstream.calls).toHaveLength(2);
  });

  it('leaves personal data out of an export, and says so', async () => {
    const { upstream, run, ask } = await setUp();
    await ask();
    flagProfile({ isPersonal: true });
    const path = join(await temporaryFolder(), 'answers.jsonl');
    expect(await run('export', path)).toBe(
      'Exported: 1 answers and 1 entries of history. Left out, because they hold personal data: 2.',
    );
    const text = await readFile(path, 'utf8');
    expect(text).not.toContain('profile');
    expect(text).not.toContain('follower');
    expect(upstream.calls).toHaveLength(2);
  });

  it('leaves personal data out of an import, and says so', async () => {
    const { upstream, run, ask } = await setUp();
    await ask();
    const path = join(await temporaryFolder(), 'answers.jsonl');
    await run('export', path);
    await run('forget', id);
    flagProfile({ isPersonal: true });
    expect(await run('import', path)).toMatch(
      /^Imported: 1 answers and 1 entries of history\. Skipped, .+: 0\. Left out, because they hold personal data: 2\.$/,
    );
    expect(JSON.parse(await run('get', id)).sections).toMatchObject([{ endpoint: 'prices' }]);
    expect(upstream.calls).toHaveLength(2);
  });

  it.each<[what: string, flags: Flags]>([
    ['personal data', { isPersonal: true }],
    ['an endpoint without one', { hasHistory: false }],
  ])('finds no history of %s', async (_what, flags) => {
    flagProfile(flags);
    const { upstream, run, ask } = await setUp({ ALLOW_PERSONAL_DATA: '1' });
    await ask();
    expect(JSON.parse(await run('get', id)).sections).toMatchObject([
      { endpoint: 'profile', historyLength: 0 },
      { endpoint: 'prices', historyLength: 1 },
    ]);
    expect(upstream.calls).toHaveLength(2);
  });

  it('carries answers to another store, where newer ones stay', async () => {
    const [from, to] = [await setUp(), await setUp()];
    await from.ask();
    const path = join(await temporaryFolder(), 'answers.jsonl');
    expect(await from.run('export', path)).toMatch(/^Exported: 2 answers and \d entries of history\.$/);
    const lines = withoutHistory(await readFile(path, 'utf8'));
    expect(lines).toHaveLength(3);

    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ args: { creatorId: id, platform: 'SHORT_VIDEO' } });

    // The two stores have different namespaces, because the servers have different base URLs.
    const { namespace } = JSON.parse(lines[1] ?? '');
    await to.ask();
    await writeFile(path, lines.join('\n').replaceAll(namespace, await namespaceIn(to)));
    expect(await to.run('import', path)).toMatch(/^Imported: 0 answers and .+: 2\.$/);
    await to.run('forget', id);
    expect(await to.run('import', path)).toMatch(/^Imported: 2 answers and .+: 0\.$/);
    expect(JSON.parse(await to.run('get', id)).sections[0].data).toEqual({
      follower: 1,
      huge: '12345678901234567890',
    });
    expect(await to.ask()).toBe(1);
    expect([from.upstream.calls.length, to.upstream.calls.length]).toEqual([2, 2]);
  });

  it('imports a file of version 1, which names a creator and a platform instead of arguments', async () => {
    const { upstream, run, ask } = await setUp();
    await ask();
    const namespace = await namespaceIn({ run });
    await run('forget', id);
    const path = join(await temporaryFolder(), 'answers.jsonl');
    const answer = {
      realm: namespace,
      endpoint: 'profile',
      endpointVersion: 'v1',
      creatorId: id,
      platform: 'SHORT_VIDEO',
      fetchedAt: new Date().toISOString(),
      isSandbox: false,
      version: Date.now() * 1000,
      data: { follower: 7 },
    };
    await writeFile(path, `{"xingtuGraphqlExport":1}\n${JSON.stringify(answer)}\n`);
    expect(await run('import', path)).toMatch(/^Imported: 1 answers and /);
    // The running server hears of the changes a moment later. What the file does not have is paid again.
    await vi.waitFor(async () => {
      expect(await ask()).toBe(7);
      expect(upstream.calls.map((call) => call.split(' ')[0])).toEqual(['profile', 'prices', 'prices']);
    });
  });

  it('has no character that some programs take for the end of a line, and may have one when it is read', async () => {
    const { upstream, run, ask } = await setUp();
    await ask();
    const folder = await temporaryFolder();
    const [path, next] = [join(folder, 'answers.jsonl'), join(folder, 'next.jsonl')];
    await run('export', path);
    const name = 'a\u2028b\u2029c';
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll('"huge":', `"nick_name":"${name}","huge":`));
    await run('forget', id);
    expect(await run('import', path)).toMatch(/^Imported: 2 answers/);
    expect(await run('get', id)).toContain(JSON.stringify(name));
    await run('export', next);
    expect(await readFile(next, 'utf8')).toContain('"nick_name":"a\\u2028b\\u2029c"');
    expect(await readFile(next, 'utf8')).not.toMatch(/[\u2028\u2029]/);
    expect(upstream.calls).toHaveLength(2);
  });

  it('leaves out expired answers', async () => {
    const { upstream, run, ask } = await setUp();
    await ask();
    const path = join(await temporaryFolder(), 'answers.jsonl');
    await run('export', path);
    const lines = withoutHistory(await readFile(path, 'utf8'));
    await writeFile(path, lines.join('\n').replaceAll(/"fetchedAt":"\d{4}/g, '"fetchedAt":"2020'));
    await run('forget', id);
    expect(await run('import', path)).toMatch(/^Imported: 0 answers and .+: 2\.$/);
    expect(upstream.calls).toHaveLength(2);
  });

  it.each([
    ['an empty file', ''],
    ['something else', '{"hello":1}\n'],
    ['an unknown version', '{"xingtuGraphqlExport":4}\n'],
    ['a line that is no answer', '{"xingtuGraphqlExport":2}\n{"namespace":"live"}\n'],
    ['a line that is no answer of version 1', '{"xingtuGraphqlExport":1}\n{"realm":"live"}\n'],
    ['a line that is cut off', '{"xingtuGraphqlExport":2}\n{"namespace":"li'],
  ])('imports nothing from %s', async (_, text) => {
    const { upstream, run } = await setUp();
    const path = join(await temporaryFolder(), 'answers.jsonl');
    await writeFile(path, text);
    await expect(run('import', path)).rejects.toThrow(/can't be imported: .+ Nothing was changed\.$/);
    expect(await run('stats')).toContain('answers: none');
    expect(upstream.calls).toEqual([]);
  });

  it('overwrites no file, and says that a file is missing', async () => {
    const { upstream, run } = await setUp();
    const path = join(await temporaryFolder(), 'answers.jsonl');
    await expect(run('import', path)).rejects.toThrow(/no such file/);
    await writeFile(path, 'precious');
    await expect(run('export', path)).rejects.toThrow(/can't be written \(the file exists/);
    expect(await readFile(path, 'utf8')).toBe('precious');
    expect(upstream.calls).toEqual([]);
  });

  it.each([
    [[], 'Expected a command after store, but got nothing.'],
    [['drop'], '"store" has no command "drop".'],
    [['toString'], '"store" has no command "toString".'],
    [['--all'], '"store" has no command "--all".'],
    [['get'], 'Expected ID after store get, but got nothing.'],
    [['forget', ''], 'Expected ID after store forget, but got nothing.'],
    [['export'], 'Expected FILE after store export, but got nothing.'],
    [['get', '--json'], '"store get" has no option "--json".'],
    [['get', '--days', '7', id], '"store get" has no option "--days".'],
    [['spend', '--day', '2'], '"store spend" has no option "--day".'],
    [['spend', '-d', '2'], '"store spend" has no option "-d".'],
    [['spend', '--csv=yes'], '"store spend" has no option "--csv=yes".'],
    [['spend', '--toString', '2'], '"store spend" has no option "--toString".'],
    [['spend', '--days'], 'Expected a value after --days, but got nothing.'],
    [['spend', '--days', '2', '--days=3'], 'Expected --days once, but got it twice.'],
    [['spend', '--days', '0'], 'Expected --days to be a number from 1 to 400, but got "0".'],
    [['spend', '--days=401'], 'Expected --days to be a number from 1 to 400, but got "401".'],
    [['spend', '--days', '1.5'], 'Expected --days to be a number from 1 to 400, but got "1.5".'],
    [
      ['spend', '--by', 'day,price'],
      'Expected --by to be a list of day, hour, key, endpoint, operation, creator, with commas and each at most once, but got "day,price".',
    ],
    [['spend', '--by', 'day,day'], 'Expected --by to be a list of'],
    [['spend', '--by='], 'Expected --by to be a list of'],
    [['spend', '7'], 'Expected nothing after store spend, but got "7".'],
    [['stats', 'all'], 'Expected nothing after store stats, but got "all".'],
    [['get', id, id], `Expected nothing after store get ID, but got "${id}".`],
  ])('says what is missing or too much, and shows the usage: %j', (args, why) => {
    expect(() => readStoreCommand(args)).toThrow(CommandLineError);
    expect(() => readStoreCommand(args)).toThrow(why);
    expect(() => readStoreCommand(args)).toThrow('\n\nThe store, for operators.');
  });

  it.each(['--help', '-h'])('shows its usage: %s', (option) => {
    expect(readStoreCommand([option])).toBeNull();
  });

  it('refuses a malformed id', async () => {
    const { run } = await setUp();
    await expect(run('forget', '12')).rejects.toThrow("Expected a creator's id");
  });

  it('refuses a store that ends with its server', async () => {
    const config = testConfig({ STORE_URL: 'memory:' });
    await expect(runStore(['stats'], config)).rejects.toThrow('STORE_URL is memory:');
  });
});
