import { describe, expect, it } from 'vitest';
import { digestOf, History, maxSeriesLength } from '../../../src/upstream/cache/history.js';
import { encodeAnswer, storeKey } from '../../../src/upstream/cache/storedAnswer.js';
import { type Call, callOf } from '../../../src/upstream/endpoints/call.js';
import { SandboxState } from '../../../src/upstream/sandboxState.js';
import { isSectionOf, type Section } from '../../../src/upstream/section.js';
import type { Store } from '../../../src/upstream/store/store.js';
import { recordingLogger, testClock, testStore } from '../../fixtures.js';

const profile = callOf('profile', { creatorId: '6629722295873044494', platform: 'SHORT_VIDEO' });
const key = storeKey('history', 'live', profile);
const dayMs = 86_400_000;

function setUp(options: { readonly keepDays?: number; readonly change?: (store: Store) => Store } = {}) {
  const clock = testClock();
  const store = (options.change ?? ((same) => same))(testStore(clock));
  const sandbox = new SandboxState(false);
  const { logger, logs } = recordingLogger();
  const keepMs = (options.keepDays ?? 400) * dayMs;
  const history = new History({ store, namespace: 'live', keepMs, sandbox, logger, now: clock.now });
  /** A paid answer with this `data`, a minute after the one before. */
  const pay = async (data: object | null, call: Call = profile) => {
    clock.advance(60);
    const body = data && JSON.stringify({ code: 0, data });
    const value = call.endpoint.decode((data ?? {}) as never, () => {}, clock.now());
    history.add(call, { body, fetchedAtMs: clock.now(), isSandbox: false, value });
    await history.settled();
  };
  /** The names in the history of a section that was fetched now. */
  const earlier = async (most = 10, waitForTurn = async () => {}) => {
    const { endpoint, args } = profile;
    const facts = {
      endpoint: endpoint.name,
      args,
      key: profile.key,
      hasData: true,
      isStale: false,
      raw: null,
    };
    const sections: Section[] = [];
    const section = { ...facts, fetchedAt: new Date(clock.now() + 1) };
    for await (const one of history.earlier(section, { most, waitForTurn })) sections.push(one);
    return sections;
  };
  const names = async (most?: number) => (await earlier(most)).map(nameIn);
  const length = async () => (await store.latest(key, { most: maxSeriesLength })).length;
  return { clock, store, sandbox, history, logs, pay, earlier, names, length };
}

function nameIn(section: Section): string | null {
  return isSectionOf(section, 'profile') ? section.name : 'of another endpoint';
}

describe('the history', () => {
  it('has an answer for each change of the values, the newest first', async () => {
    const { pay, names, length } = setUp();
    for (const name of ['a', 'a', 'b', 'b', 'a']) await pay({ nick_name: name });
    expect(await names()).toEqual(['a', 'b', 'a']);
    expect(await names(2)).toEqual(['a', 'b']);
    expect(await length()).toBe(3);
  });

  it('takes "no data" for an answer like any other', async () => {
    const { pay, earlier } = setUp();
    for (const data of [{ nick_name: 'a' }, null, null, { nick_name: 'b' }]) await pay(data);
    const sections = await earlier();
    expect(sections.map(({ hasData }) => hasData)).toEqual([true, false, true]);
    expect(sections.map(nameIn)).toEqual(['b', null, 'a']);
  });

  it('compares what is decoded, so that a key which no field shows makes no difference', async () => {
    const { pay, length } = setUp();
    await pay({ nick_name: 'a', follower: 1, grade: 1 });
    await pay({ nick_name: 'a', follower: '1', grade: 2 });
    expect(await length()).toBe(1);
  });

  it('compares the paths of links, and not their hosts and signatures', async () => {
    const { pay, length } = setUp();
    const avatar = (host: number, path: string, query: string) => ({
      nick_name: 'a',
      avatar_uri: `https://p${host}.douyinpic.com/${path}.jpeg?${query}`,
    });
    await pay(avatar(11, 'one', 'x-expires=1&x-signature=a'));
    await pay(avatar(26, 'one', 'x-expires=2&x-signature=b'));
    expect(await length()).toBe(1);
    await pay(avatar(26, 'two', 'x-expires=2&x-signature=b'));
    expect(await length()).toBe(2);
  });

  it('compares texts that only have a link in them as they are', () => {
    const digest = (text: string) => digestOf({ body: '{}', isSandbox: false }, { text });
    expect(digest('see https://a.example/p?1')).not.toBe(digest('see https://a.example/p?2'));
    expect(digest('https://a.example/p')).toBe(digest('http://b.example/p#c'));
    expect(digest('https://a.example/p')).toMatch(/^[\da-f]{16}$/);
  });

  it('compares a long text that is nearly a link in no time', () => {
    const text = `https://${'a'.repeat(200_000)}\t`;
    const startedAt = performance.now();
    expect(digestOf({ body: '{}', isSandbox: false }, { text })).toMatch(/^[\da-f]{16}$/);
    // With parts of the expression that match the same characters it takes hours.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('has only answers from before the section, each with a key of its own, and never stale', async () => {
    const { history, clock, pay, earlier } = setUp();
    await pay({ nick_name: 'a' });
    const atMs = clock.now();
    await pay({ nick_name: 'b' });
    const [newest] = await earlier();
    expect(newest).toMatchObject({ isStale: false, fetchedAt: new Date(clock.now()) });
    expect(newest?.key).toBe(`${profile.key}@${clock.now()}`);
    const older: Section[] = [];
    const options = { most: 10, waitForTurn: async () => {} };
    for await (const one of history.earlier(newest as Section, options)) older.push(one);
    expect(older.map(({ key }) => key)).toEqual([`${profile.key}@${atMs}`]);
  });

  it('leaves out an answer that the decoder of today does not tell from the one before it', async () => {
    const { clock, store, pay, names } = setUp();
    await pay({ nick_name: 'a', grade: 1 });
    for (const [nth, name] of ['a', 'a', 'b'].entries()) {
      // Of an earlier version, whose decoder read `grade`.
      clock.advance(60);
      const body = JSON.stringify({ code: 0, data: { nick_name: name, grade: nth + 2 } });
      const answer = { body, fetchedAtMs: clock.now(), isSandbox: false, version: 1 };
      const entry = { atMs: clock.now(), value: encodeAnswer(profile, answer), digest: `${nth}` };
      await store.append(key, entry, { lifeMs: dayMs });
    }
    await pay({ nick_name: 'c' });
    expect(await names()).toEqual(['c', 'b', 'a']);
    expect(await names(2)).toEqual(['c', 'b']);
    expect(await names(3)).toEqual(['c', 'b', 'a']);
  });

  it('leaves out and logs what cannot be read', async () => {
    const { clock, store, pay, names, logs } = setUp();
    await pay({ nick_name: 'a' });
    clock.advance(1);
    await store.append(key, { atMs: clock.now(), value: '', digest: null }, { lifeMs: dayMs });
    await pay({ nick_name: 'b' });
    expect(await names()).toEqual(['b', 'a']);
    expect(logs).toHaveLength(1);
    expect(logs[0]).toContain('An answer in the history can not be read');
  });

  it('does not show answers of a sandbox once upstream is real', async () => {
    const { clock, history, sandbox, pay, names } = setUp();
    await pay({ nick_name: 'real' });
    const body = '{"code":0,"data":{"nick_name":"made up"}}';
    clock.advance(60);
    const value = profile.endpoint.decode({ nick_name: 'made up' }, () => {}, clock.now());
    history.add(profile, { body, fetchedAtMs: clock.now(), isSandbox: true, value });
    expect(await names()).toEqual(['real']);
    sandbox.noteAnswer(true);
    expect(await names()).toEqual(['made up']);
  });

  it('is kept for as many days as it should be', async () => {
    const { clock, pay, names, length } = setUp({ keepDays: 2 });
    await pay({ nick_name: 'a' });
    clock.advance(86_400);
    await pay({ nick_name: 'b' });
    expect(await names()).toEqual(['b', 'a']);
    clock.advance(86_400 - 60);
    expect(await names()).toEqual(['b']);
    clock.advance(86_460);
    expect(await names()).toEqual([]);
    await pay({ nick_name: 'c' });
    expect(await length()).toBe(1);
  });

  it('is read for as many days as it should be now, when it was kept for longer', async () => {
    const { clock, store, pay } = setUp();
    await pay({ nick_name: 'a' });
    clock.advance(86_400);
    const sandbox = new SandboxState(false);
    const { logger } = recordingLogger();
    const rest = { store, namespace: 'live', keepMs: dayMs, sandbox, logger, now: clock.now };
    const section = { endpoint: 'profile', args: profile.args, fetchedAt: new Date(clock.now()) } as Section;
    const found = new History(rest).earlier(section, { most: 10, waitForTurn: async () => {} });
    expect(await found.next()).toMatchObject({ done: true });
  });

  it('has at most a thousand answers of a call', async () => {
    const { pay, names, length } = setUp();
    for (let nth = 0; nth <= maxSeriesLength; nth += 1) await pay({ nick_name: `${nth}` });
    expect(await length()).toBe(maxSeriesLength);
    const all = await names(2 * maxSeriesLength);
    expect([all[0], all.at(-1), all.length]).toEqual([`${maxSeriesLength}`, '1', maxSeriesLength]);
  });

  it('is neither kept nor read when it is switched off', async () => {
    const { pay, names, length } = setUp({ keepDays: 0 });
    await pay({ nick_name: 'a' });
    expect(await names()).toEqual([]);
    expect(await length()).toBe(0);
  });

  it('decodes each answer in its turn, and reads no more than it needs', async () => {
    const reads: number[] = [];
    const change = (store: Store): Store => ({
      ...store,
      latest: async (of, options) => {
        reads.push(options.most);
        return store.latest(of, options);
      },
    });
    const { pay, earlier } = setUp({ change });
    for (let nth = 0; nth < 10; nth += 1) await pay({ nick_name: `${nth}` });
    let turns = 0;
    const found = await earlier(3, async () => {
      turns += 1;
    });
    expect(found).toHaveLength(3);
    expect(turns).toBe(4);
    expect(reads).toEqual([4]);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('disk full'))],
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
  ])('logs a store that %s, and goes on', async (_, append) => {
    const { pay, logs } = setUp({ change: (store) => ({ ...store, append }) });
    await pay({ nick_name: 'a' });
    expect(logs).toHaveLength(1);
    expect(logs[0]).toContain('disk full');
  });
});
