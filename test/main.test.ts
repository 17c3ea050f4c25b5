import { describe, expect, it, vi } from 'vitest';
import type { Cost } from '../src/cost/report.js';
import { fingerprintOf } from '../src/upstream/call/circuit/stopStore.js';
import { openDriver } from '../src/upstream/store/open.js';
import { documentFolder, recordingLogger, temporaryFolder, temporaryStore, testToken } from './fixtures.js';
import { type Answer, cost, scriptedUpstream, success } from './harness.js';
import { graphqlUrl, start } from './program.js';

/** For conditions that another process brings about, on a busy machine. */
const patiently = { timeout: 20_000 };

async function ask(url: string, query: string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}

describe('the program', () => {
  it('starts without an account: it prints one line, and the sandbox answers, marked as such', async () => {
    const running = start({});
    const url = await graphqlUrl(running);
    expect(running.out).toMatch(
      /^Page: http:\/\/127\.0\.0\.1:\d+\/ · GraphiQL: http:\/\/127\.0\.0\.1:\d+\/graphql · sandbox: .+ · store: memory: lost at a restart\n$/,
    );
    expect(running.err).toBe('');
    expect(
      await ask(
        url,
        '{ creator(id: "6629722295873044494") { profile { name } } upstream { isSandbox environment } }',
      ),
    ).toEqual({
      data: {
        creator: { profile: { name: '张大仙' } },
        upstream: { isSandbox: true, environment: 'sandbox' },
      },
      extensions: { sandbox: true, cost: cost({ paidCalls: 1 }) },
    });
    const { data } = await ask(url, '{ upstream { callsTotal } }');
    expect(data.upstream.callsTotal).toBe(1);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'waits on %s for a call in flight, says so, and stores the paid answer',
    async (signal) => {
      const waiting: (() => void)[] = [];
      const upstream = await scriptedUpstream(
        () => (response) => waiting.push(() => response.end('{"code":0,"data":{"nick_name":"张"}}')),
      );
      const env = {
        JUSTONEAPI_TOKEN: testToken,
        JUSTONEAPI_BASE_URL: upstream.baseUrl,
        STORE_URL: await temporaryStore(),
      };
      const query = '{ creator(id: "6629722295873044494") { profile { name } } }';
      const running = start(env, { hasTerminal: false });
      const url = await graphqlUrl(running);
      const asked = ask(url, query);
      await vi.waitFor(() => expect(waiting).toHaveLength(1), patiently);
      running.process.kill(signal);
      await vi.waitFor(
        () => expect(running.err).toContain('Waiting for calls that may be billed'),
        patiently,
      );
      await expect(ask(url, query)).rejects.toThrow('fetch failed');
      waiting[0]?.();
      const answer = (calls: Partial<Cost>) => ({
        data: { creator: { profile: { name: '张' } } },
        extensions: { cost: cost(calls) },
      });
      expect(await asked).toEqual(answer({ paidCalls: 1 }));
      expect(await running.ended).toBe(0);
      expect(await ask(await graphqlUrl(start(env)), query)).toEqual(answer({ cachedCalls: 1 }));
      expect(upstream.calls).toEqual(['profile 6629722295873044494 SHORT_VIDEO']);
    },
  );

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends at once on a second %s, with a call in flight',
    async (signal) => {
      const upstream = await scriptedUpstream(() => () => undefined);
      const env = { JUSTONEAPI_TOKEN: testToken, JUSTONEAPI_BASE_URL: upstream.baseUrl };
      const running = start({ ...env, SHUTDOWN_DELAY_SECONDS: '20' }, { hasTerminal: false });
      const url = await graphqlUrl(running);
      const hanging = ask(url, '{ creator(id: "6629722295873044494") { profile { name } } }').catch(
        () => 'cut',
      );
      await vi.waitFor(() => expect(upstream.calls).toHaveLength(1), patiently);
      const sentAt = performance.now();
      running.process.kill(signal);
      await vi.waitFor(async () => expect((await fetch(new URL('/ready', url))).status).toBe(503), patiently);
      running.process.kill(signal);
      await running.ended;
      expect(performance.now() - sentAt).toBeLessThan(10_000);
      expect(await hanging).toBe('cut');
      expect(upstream.calls).toEqual(['profile 6629722295873044494 SHORT_VIDEO']);
    },
  );

  it('ends on a fault in native code: a handler of the signal would run into the fault again and again', async () => {
    const running = start({});
    await graphqlUrl(running);
    running.process.kill('SIGSEGV');
    await running.ended;
    expect(running.process.signalCode).toBe('SIGSEGV');
  });

  it('calls upstream with a token, which it never prints', async () => {
    const upstream = await scriptedUpstream((_, nth) =>
      nth === 1 ? success({ nick_name: '真' }) : { body: { code: 100, message: testToken, data: null } },
    );
    const running = start({
      JUSTONEAPI_TOKEN: testToken,
      JUSTONEAPI_BASE_URL: upstream.baseUrl,
      LOG_LEVEL: 'trace',
    });
    const url = await graphqlUrl(running);
    expect(running.out).toContain(`upstream: ${upstream.baseUrl} ·`);
    const query = '{ creator(id: "6629722295873044494") { profile { name raw } prices { id } } }';
    const answer = await ask(url, query);
    // The refused call took an attempt, and is not billed.
    expect(answer.extensions).toEqual({ cost: cost({ paidCalls: 1, failedCalls: 1, attempts: 2 }) });
    expect(answer.errors).toHaveLength(1);
    running.process.kill('SIGINT');
    expect(await running.ended).toBe(0);
    expect(running.out + running.err + JSON.stringify(answer)).not.toContain(testToken);
    expect(upstream.calls).toHaveLength(2);
  });

  it('warns once that prod-cn sends the token unencrypted, also with several workers', async () => {
    const running = start({
      JUSTONEAPI_TOKEN: testToken,
      JUSTONEAPI_ENVIRONMENT: 'prod-cn',
      STORE_URL: await temporaryStore(),
      WORKERS: '2',
    });
    await graphqlUrl(running);
    running.process.kill('SIGINT');
    await running.ended;
    expect(running.err.match(/unencrypted/g)).toHaveLength(1);
  });

  it('stays stopped after a crash when the balance was used up, until the operator lifts the stop', async () => {
    const balance: { isUsedUp: boolean } = { isUsedUp: true };
    const upstream = await scriptedUpstream(() =>
      balance.isUsedUp ? { body: { code: 601, data: null } } : success({ nick_name: '张' }),
    );
    const path = await temporaryFolder();
    const env = {
      JUSTONEAPI_TOKEN: testToken,
      JUSTONEAPI_BASE_URL: upstream.baseUrl,
      STORE_URL: `sqlite:${path}/store.db`,
    };
    const query = '{ creator(id: "6629722295873044494") { profile { name } } }';
    const codes = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions['code']);

    const first = start(env);
    const firstUrl = await graphqlUrl(first);
    expect(codes(await ask(firstUrl, query))).toEqual(['UPSTREAM_BALANCE_EXHAUSTED']);
    const store = await openDriver(
      { storeUrl: env.STORE_URL, cacheMaxBytes: 1_048_576 },
      recordingLogger().logger,
    );
    const key = `stop:${fingerprintOf(testToken, upstream.baseUrl)}:*`;
    await vi.waitFor(async () => expect(await store.getMany([key])).not.toEqual([null]), patiently);
    await store.close();
    first.process.kill('SIGKILL');
    await first.ended;

    balance.isUsedUp = false;
    const second = start(env);
    const secondUrl = await graphqlUrl(second);
    expect(codes(await ask(secondUrl, query))).toEqual(['UPSTREAM_BALANCE_EXHAUSTED']);
    expect(upstream.calls).toHaveLength(1);

    const resume = start(env, { args: ['store', 'resume'] });
    expect(await resume.ended).toBe(0);
    expect(resume.out).toBe('Lifted: calls are made again.\n');
    await vi.waitFor(async () => expect(codes(await ask(secondUrl, query))).toBeUndefined(), patiently);
    expect(upstream.calls).toHaveLength(2);
  });

  it.each([
    [['store', 'drop'], '"store" has no command "drop".\n\nThe store, for operators.'],
    [['store', 'get'], 'Expected ID after store get, but got nothing.\n\nThe store, for operators.'],
    [['export'], 'Expected FILE after export, but got nothing.\n\nExports creators'],
    [['serve'], 'There is no command "serve".\n\nThe GraphQL server.'],
    [['--port', '80'], 'There is no option "--port".\n\nThe GraphQL server.'],
  ])('refuses an unknown command line, whatever its configuration: %j', async (args, why) => {
    const running = start({ PORT: 'http' }, { args });
    expect(await running.ended).toBe(2);
    expect(running.out).toBe('');
    expect(running.err).toContain(why);
  });

  it.each([
    [['--help'], /^The GraphQL server\.\n/],
    [['-h'], /^The GraphQL server\.\n/],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
    [['store', '--help'], /^The store, for operators\./],
    [['export', '--help'], /^Exports creators to a spreadsheet/],
  ])('answers without starting a server: %j', async (args, answer) => {
    const running = start({ PORT: 'http' }, { args });
    expect(await running.ended).toBe(0);
    expect(running.out).toMatch(answer);
    expect(running.err).toBe('');
  });

  it('says that its store can not be opened', async () => {
    const running = start({ JUSTONEAPI_TOKEN: testToken, STORE_URL: 'sqlite:/dev/null/store' });
    expect(await running.ended).toBe(1);
    expect(running.err).toMatch(
      /^The configuration can't be used:\n {2}- STORE_URL: \/dev\/null\/store can't be used as a store \(.+\)\n$/,
    );
  });

  it('names every fault of its persisted documents in one message, before it listens', async () => {
    const folder = await documentFolder({
      'a.json': { 1: '{ __typename }' },
      'b.json': { 1: '{ upstream { callsToday } }' },
      'c.json': '{"2": ',
    });
    const running = start({ PERSISTED_DOCUMENTS: folder });
    expect(await running.ended).toBe(1);
    expect(running.out).toBe('');
    expect(running.err).toBe(
      [
        "The configuration can't be used:",
        `  - PERSISTED_DOCUMENTS: ${folder}/b.json: 1 has another document in ${folder}/a.json; remove one of them`,
        `  - PERSISTED_DOCUMENTS: ${folder}/c.json: expected a JSON object of documents by id, as codegen's client preset writes it`,
        '',
      ].join('\n'),
    );
  });

  it('names every fault of its configuration in one message', async () => {
    const running = start({ PORT: 'http', LOG_LEVEL: 'loud', HOST: '0.0.0.0' });
    expect(await running.ended).toBe(1);
    expect(running.out).toBe('');
    expect(running.err).toBe(
      [
        "The configuration can't be used:",
        '  - PORT: expected a whole number from 0 to 65535, but got "http"',
        '  - LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent, but got "loud"',
        '  - HOST: "0.0.0.0" is reachable from other machines, and with a token every query spends money; set API_KEYS, or leave HOST at 127.0.0.1',
        '',
      ].join('\n'),
    );
  });

  it('says that its port is taken', async () => {
    const upstream = await scriptedUpstream(() => ({ body: '{}' }));
    const running = start({ PORT: new URL(upstream.baseUrl).port });
    expect(await running.ended).toBe(1);
    expect(running.err).toMatch(
      /another program listens on this port\. Stop it, or set PORT to another port\./,
    );
    expect(upstream.calls).toEqual([]);
  });
});
