import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { atEnd, moreAnswers, temporaryStore, testToken } from '../fixtures.js';
import { type Answer, gatedUpstream, scriptedUpstream, success, type Upstream } from '../harness.js';
import { graphqlUrl, start, workersOf } from '../program.js';

/** For conditions that other processes bring about, on a busy machine. */
const patiently = { timeout: 25_000 };

const profile = 'profile 6712345678901234511 SHORT_VIDEO';
const query = '{ creator(id: "6712345678901234511") { profile { name } } }';

async function startWorkers(count: number, { baseUrl }: Upstream, env: Record<string, string> = {}) {
  const running = start({
    JUSTONEAPI_TOKEN: testToken,
    JUSTONEAPI_BASE_URL: baseUrl,
    STORE_URL: await temporaryStore(),
    WORKERS: String(count),
    ...env,
  });
  atEnd(async () => {
    for (const pid of workersOf(running)) process.kill(pid, 'SIGKILL');
  });
  return { running, url: await graphqlUrl(running) };
}

/** One request, over a new connection, which the next worker gets, or over one of an agent. */
function send(url: string, { agent = false, body }: { agent?: Agent | false; body?: string } = {}) {
  return new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    request(url, { agent, method: body ? 'POST' : 'GET', headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve(Buffer.concat(chunks).toString());
    })
      .on('error', reject)
      .end(body);
  });
}

async function ask(url: string, agent: Agent | false = false): Promise<Answer> {
  return JSON.parse(await send(url, { agent, body: JSON.stringify({ query }) }));
}

const paidIn = async (url: string) =>
  /^xingtu_calls_paid_total{.*$/m.exec(await send(new URL('/metrics', url).href))?.[0];

describe('workers', () => {
  it('share one port and paid answers, are replaced when they die, and are reloaded without losing a request', async () => {
    const upstream = await gatedUpstream(() => success({ nick_name: '张' }));
    const { running, url } = await startWorkers(3, upstream);
    expect(running.out).toMatch(
      /^Page: http:\S+\/ · GraphiQL: http:\S+\/graphql · upstream: \S+ · store: sqlite:\S+ · 3 workers\n$/,
    );
    const first = workersOf(running);
    expect(first).toHaveLength(3);

    // All of them are asked at once: one makes the call, and the others wait for its answer.
    const asked = Array.from({ length: 9 }, () => ask(url));
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1), patiently);
    upstream.open();
    const answers = await Promise.all(asked);
    for (const { data } of answers) expect(data).toEqual({ creator: { profile: { name: '张' } } });
    const paid = answers.map(({ extensions }) => extensions?.cost?.paidCalls ?? 0);
    expect(paid.reduce((a, b) => a + b)).toBe(1);
    for (let nth = 0; nth < 3; nth += 1)
      expect(await paidIn(url)).toBe('xingtu_calls_paid_total{key="",endpoint="profile"} 1');

    // One dies.
    process.kill(first[0] as number, 'SIGKILL');
    await vi.waitFor(() => expect(running.err).toContain('A worker ended by itself (SIGKILL)'), patiently);
    expect((await ask(url)).data.creator.profile.name).toBe('张');
    await vi.waitFor(() => expect(workersOf(running)).toHaveLength(3), patiently);

    // All are replaced, while clients go on over kept and new connections.
    const agent = new Agent({ keepAlive: true, maxSockets: 3 });
    const before = workersOf(running);
    let isOver = false;
    const answered = [0, 0, 0, 0];
    const clients = [agent, agent, agent, false as const].map(async (how, client) => {
      while (!isOver) {
        expect((await ask(url, how)).data.creator.profile.name).toBe('张');
        answered[client] = (answered[client] ?? 0) + 1;
        // So that the clients do not take the whole machine.
        await sleep(20);
      }
    });
    await moreAnswers(answered);
    running.process.kill('SIGHUP');
    await vi.waitFor(() => expect(running.err).toContain('Reloaded: 3 new workers'), patiently);
    await moreAnswers(answered);
    isOver = true;
    await Promise.all(clients);
    agent.destroy();
    await vi.waitFor(() => expect(workersOf(running)).toHaveLength(3), patiently);
    expect(workersOf(running).filter((pid) => before.includes(pid))).toEqual([]);
    // The worker that had paid has ended.
    expect(await paidIn(url)).toBe('xingtu_calls_paid_total{key="",endpoint="profile"} 1');

    running.process.kill('SIGTERM');
    expect(await running.ended).toBe(0);
    expect(upstream.calls).toEqual([profile]);
    expect(running.err.split('\n').filter(Boolean)).toHaveLength(2);
  });

  it('which are killed have told what they counted until a moment before, though nobody asked', async () => {
    const upstream = await scriptedUpstream(() => success({ nick_name: '张' }));
    const { running, url } = await startWorkers(2, upstream);
    const answeredAtMs: number[] = [];
    const startedAtMs = performance.now();
    while (performance.now() - startedAtMs < 1_500) {
      await ask(url);
      answeredAtMs.push(performance.now());
    }
    const killedAtMs = performance.now();
    process.kill(workersOf(running)[0] as number, 'SIGKILL');
    await vi.waitFor(() => expect(running.err).toContain('A worker ended by itself (SIGKILL)'), patiently);
    const metrics = await send(new URL('/metrics', url).href);
    const told = [...metrics.matchAll(/^xingtu_answers_total\{.*\} (\d+)$/gm)].map(([, count]) =>
      Number(count),
    );
    const sum = told.reduce((a, b) => a + b, 0);
    expect(sum).toBeLessThanOrEqual(answeredAtMs.length);
    // Counters are sent five times a second.
    expect(sum).toBeGreaterThanOrEqual(answeredAtMs.filter((atMs) => atMs < killedAtMs - 1_000).length);
    expect(metrics).toContain('xingtu_calls_paid_total{key="",endpoint="profile"} 1\n');
    expect(upstream.calls).toEqual([profile]);
  });

  it('wait for a call in flight when a terminal signals all of them, and store the paid answer', async () => {
    const upstream = await gatedUpstream(() => success({ nick_name: '张' }));
    const env = { STORE_URL: await temporaryStore() };
    const { running, url } = await startWorkers(2, upstream, env);
    const asked = ask(url);
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1), patiently);
    for (const pid of [...workersOf(running), running.process.pid ?? 0]) process.kill(pid, 'SIGINT');
    await vi.waitFor(() => expect(running.err).toContain('Waiting for calls that may be billed'), patiently);
    upstream.open();
    expect((await asked).data.creator.profile.name).toBe('张');
    expect(await running.ended).toBe(0);
    expect(running.err.match(/"calls":1,/g)).toHaveLength(1);
    expect(upstream.calls).toEqual([profile]);
  });

  it('end at once on a second signal to their primary', async () => {
    const upstream = await scriptedUpstream(() => () => {});
    const { running, url } = await startWorkers(2, upstream, { SHUTDOWN_DELAY_SECONDS: '20' });
    const cut = ask(url).catch(() => 'cut');
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1), patiently);
    const sentAt = performance.now();
    running.process.kill('SIGTERM');
    await vi.waitFor(
      async () => expect(await send(new URL('/ready', url).href)).toContain('"ready":false'),
      patiently,
    );
    running.process.kill('SIGTERM');
    // Their output closes when all of them have ended.
    await running.ended;
    expect(performance.now() - sentAt).toBeLessThan(10_000);
    expect(await cut).toBe('cut');
    expect(upstream.calls).toEqual([profile]);
  });

  it('answer a scrape with what they know, when their primary is killed', async () => {
    const upstream = await scriptedUpstream(() => success({}));
    const { running, url } = await startWorkers(2, upstream, { SHUTDOWN_DELAY_SECONDS: '2' });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const metrics = String(new URL('/metrics', url));
    expect(await send(metrics, { agent })).toContain('xingtu_store_up 1');
    const killed = once(running.process, 'exit');
    running.process.kill('SIGKILL');
    await killed;
    expect(await send(metrics, { agent })).toContain('xingtu_store_up 1');
    agent.destroy();
    expect(upstream.calls).toEqual([]);
  });

  it('end by themselves when their primary is killed, and store the paid answer', async () => {
    const upstream = await gatedUpstream(() => success({ nick_name: '张' }));
    const { running, url } = await startWorkers(2, upstream);
    const asked = ask(url);
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1), patiently);
    running.process.kill('SIGKILL');
    upstream.open();
    expect((await asked).data.creator.profile.name).toBe('张');
    await running.ended;
    expect(upstream.calls).toEqual([profile]);
  });

  it('end together when they can not start, and print the reason once', async () => {
    const upstream = await scriptedUpstream(() => ({ body: '{}' }));
    const running = start({
      PORT: new URL(upstream.baseUrl).port,
      STORE_URL: await temporaryStore(),
      WORKERS: '2',
    });
    expect(await running.ended).toBe(1);
    expect(running.out).toBe('');
    expect(running.err).toMatch(
      /^.+EADDRINUSE.+another program listens on this port\. Stop it, or set PORT to another port\.\n$/,
    );
    expect(upstream.calls).toEqual([]);
  });

  it('share one sandbox without an account', async () => {
    const running = start({ STORE_URL: await temporaryStore(), WORKERS: '2' });
    const url = await graphqlUrl(running);
    const answers = [await ask(url), await ask(url), await ask(url)];
    expect(answers.map(({ extensions }) => extensions?.cost?.paidCalls)).toEqual([1, 0, 0]);
    for (const { extensions } of answers) expect(extensions?.['sandbox']).toBe(true);
    running.process.kill('SIGTERM');
    expect(await running.ended).toBe(0);
  });
});
