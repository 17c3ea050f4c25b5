import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { startBalancer } from './balancer.js';
import { atEnd, moreAnswers, temporaryStore, testToken } from './fixtures.js';
import { freePort } from './freePort.js';
import { gatedUpstream, scriptedUpstream, success, type Upstream } from './harness.js';
import { graphqlUrl, type Running, start, workersOf } from './program.js';
import { describeRedis, startRedis } from './redis.js';

/** For conditions that other processes bring about, on a busy machine. */
const patiently = { timeout: 20_000 };

const profile = 'profile 6629722295873044494 SHORT_VIDEO';
const query = '{ creator(id: "6629722295873044494") { profile { name } } }';
const named = { creator: { profile: { name: '张' } } };

/** So that the clients do not take the whole machine. */
const betweenRequestsMs = 50;

interface Response {
  readonly status: number | undefined;
  readonly closes: boolean;
  readonly body: string;
}

/** Rejects with what became of a request that got no whole response. */
function send(url: URL | string, agent: Agent | false, body?: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const headers = { 'content-type': 'application/json' };
    const sent = request(url, { agent, method, headers }, async (response) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        const closes = response.headers.connection === 'close';
        resolve({ status: response.statusCode, closes, body: Buffer.concat(chunks).toString() });
      } catch (error) {
        reject(error);
      }
    });
    sent.on('error', reject).end(body);
  });
}

const ask = (url: string, agent: Agent | false = false, asked = query) =>
  send(url, agent, JSON.stringify({ query: asked }));

const readiness = async (url: string) => (await send(new URL('/ready', url), false)).status;

async function startOn(upstream: Upstream, env: Record<string, string> = {}): Promise<Running> {
  return start(
    {
      JUSTONEAPI_TOKEN: testToken,
      JUSTONEAPI_BASE_URL: upstream.baseUrl,
      STORE_URL: await temporaryStore(),
      ...env,
    },
    { hasTerminal: false },
  );
}

const answering = () => scriptedUpstream(() => success({ nick_name: '张' }));

/** A client that keeps one connection, until a new one is refused: then no request of it was on its way. */
function keepAliveClient(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const client = { answered: 0, closed: 0, lost: [] as unknown[] };
  const ended = (async () => {
    for (;;) {
      try {
        const { closes, body } = await ask(url, agent);
        expect(JSON.parse(body).data).toEqual(named);
        client.answered += 1;
        if (closes) client.closed += 1;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') client.lost.push(error);
        return agent.destroy();
      }
      await sleep(betweenRequestsMs);
    }
  })();
  return Object.assign(client, { ended });
}

describe.each([
  ['one process', {}],
  ['two workers', { WORKERS: '2' }],
])('a server of %s that gets SIGTERM', (_, workers) => {
  it('is not ready but serves for a while, then closes connections with a response, and loses no request', async () => {
    const upstream = await answering();
    const env: Record<string, string> = {
      ...workers,
      SHUTDOWN_DELAY_SECONDS: '2',
      SHUTDOWN_DRAIN_SECONDS: '5',
    };
    const running = await startOn(upstream, env);
    const url = await graphqlUrl(running);
    const clients = Array.from({ length: 32 }, () => keepAliveClient(url));
    await vi.waitFor(() => {
      for (const { answered } of clients) expect(answered).toBeGreaterThan(2);
    }, patiently);
    running.process.kill('SIGTERM');
    await vi.waitFor(async () => expect(await readiness(url)).toBe(503), patiently);
    const before = clients.map(({ answered }) => answered);
    // The workers take turns, and none is ready.
    const each = await Promise.all(Array.from({ length: 4 }, () => readiness(url)));
    expect(each).toEqual([503, 503, 503, 503]);
    expect((await ask(url)).status).toBe(200);
    await Promise.all(clients.map(({ ended }) => ended));
    expect(clients.flatMap(({ lost }) => lost)).toEqual([]);
    for (const [nth, { answered, closed }] of clients.entries()) {
      expect(answered - (before[nth] ?? 0)).toBeGreaterThan(2);
      expect(closed).toBe(1);
    }
    expect(await running.ended).toBe(0);
    expect(running.err).toBe('');
    expect(upstream.calls).toEqual([profile]);
  });

  it('makes calls until then, and waits for one that was sent', async () => {
    const upstream = await gatedUpstream(() => success({ nick_name: '张' }));
    const running = await startOn(upstream, { ...workers, SHUTDOWN_DELAY_SECONDS: '1' });
    const url = await graphqlUrl(running);
    running.process.kill('SIGTERM');
    await vi.waitFor(async () => expect(await readiness(url)).toBe(503), patiently);
    const asked = ask(url);
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1), patiently);
    await vi.waitFor(() => expect(running.err).toContain('Waiting for calls that may be billed'), patiently);
    await expect(readiness(url)).rejects.toThrow('ECONNREFUSED');
    upstream.open();
    const { closes, body } = await asked;
    expect([JSON.parse(body).data, closes]).toEqual([named, true]);
    expect(await running.ended).toBe(0);
    expect(upstream.calls).toEqual([profile]);
  });

  it('tells a client whose call takes too long that it failed, and ends in time', async () => {
    const upstream = await gatedUpstream(() => success({}));
    const running = await startOn(upstream, { ...workers, SHUTDOWN_TIMEOUT_SECONDS: '3' });
    const url = await graphqlUrl(running);
    const asked = ask(url);
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1), patiently);
    const sentAt = performance.now();
    running.process.kill('SIGTERM');
    const { data, errors } = JSON.parse((await asked).body);
    expect(data).toEqual({ creator: { profile: null } });
    expect(errors).toMatchObject([{ extensions: { endpoint: 'profile', retryable: true } }]);
    expect(await running.ended).toBe(0);
    expect(performance.now() - sentAt).toBeLessThan(10_000);
    expect(upstream.calls).toEqual([profile]);
  });
});

it('a server that gets SIGTERM while it starts handles it, as process 1 must, which the signal would not end', async () => {
  // A Redis that says nothing.
  const store = createServer().listen(0, '127.0.0.1');
  await once(store, 'listening');
  const connected = once(store, 'connection');
  const running = start({ STORE_URL: `redis://127.0.0.1:${(store.address() as AddressInfo).port}` });
  const [socket] = await connected;
  atEnd(async () => {
    socket.destroy();
    store.close();
  });
  running.process.kill('SIGTERM');
  expect(await running.ended).toBe(0);
});

describeRedis('what a server paid for while Redis was away', () => {
  const waits = 'The end waits until the store has what memory stored';

  it('is there for the next one, since the end waits for Redis', async () => {
    const upstream = await answering();
    const redis = await startRedis();
    const env = { STORE_URL: redis.url };
    const running = await startOn(upstream, env);
    const url = await graphqlUrl(running);
    await redis.stop();
    expect(JSON.parse((await ask(url)).body).data).toEqual(named);
    running.process.kill('SIGTERM');
    await vi.waitFor(() => expect(running.err).toContain(waits), patiently);
    await redis.restart();
    expect(await running.ended).toBe(0);
    const next = await graphqlUrl(await startOn(upstream, env));
    expect(JSON.parse((await ask(next)).body).data).toEqual(named);
    expect(upstream.calls).toEqual([profile]);
  });

  it('is there after a reload, since a worker that retires waits for Redis', async () => {
    const upstream = await answering();
    const redis = await startRedis();
    const running = await startOn(upstream, { STORE_URL: redis.url, WORKERS: '2' });
    const url = await graphqlUrl(running);
    const before = workersOf(running);
    await redis.stop();
    expect(JSON.parse((await ask(url)).body).data).toEqual(named);
    running.process.kill('SIGHUP');
    await vi.waitFor(() => expect(running.err).toContain(waits), patiently);
    await redis.restart();
    await vi.waitFor(() => {
      const now = workersOf(running);
      expect(now).toHaveLength(2);
      expect(now.filter((pid) => before.includes(pid))).toEqual([]);
    }, patiently);
    // The workers take turns, and each finds out by itself that Redis is back.
    await vi.waitFor(async () => {
      const each = await Promise.all(Array.from({ length: 4 }, () => send(new URL('/ready', url), false)));
      for (const { body } of each) expect(body).not.toContain('store: lost');
    }, patiently);
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask(url)));
    for (const { body } of answers) expect(JSON.parse(body).data).toEqual(named);
    expect(upstream.calls).toEqual([profile]);
  });
});

it('two workers that get SIGTERM close connections only when none of them listens, so that no client is reset', async () => {
  const upstream = await answering();
  const running = await startOn(upstream, {
    WORKERS: '2',
    SHUTDOWN_DELAY_SECONDS: '1',
    SHUTDOWN_DRAIN_SECONDS: '10',
  });
  const url = await graphqlUrl(running);
  const [paused = 0] = workersOf(running);
  const clients = Array.from({ length: 16 }, () => keepAliveClient(url));
  const progress = () => clients.reduce((sum, { answered }) => sum + answered, 0);
  const everyoneIsAnswered = () =>
    vi.waitFor(() => {
      for (const { answered } of clients) expect(answered).toBeGreaterThan(2);
    }, patiently);
  await everyoneIsAnswered();
  running.process.kill('SIGTERM');
  await vi.waitFor(async () => {
    const each = await Promise.all(Array.from({ length: 4 }, () => readiness(url)));
    expect(each).toEqual([503, 503, 503, 503]);
  }, patiently);
  process.kill(paused, 'SIGSTOP');
  // The other one stops listening meanwhile.
  await sleep(1_500);
  const before = progress();
  await vi.waitFor(() => expect(progress()).toBeGreaterThan(before), patiently);
  process.kill(paused, 'SIGCONT');
  await Promise.all(clients.map(({ ended }) => ended));
  expect(clients.flatMap(({ lost }) => lost)).toEqual([]);
  expect(clients.map(({ closed }) => closed)).toEqual(clients.map(() => 1));
  expect(await running.ended).toBe(0);
  expect(upstream.calls).toEqual([profile]);
});

it('a rolling restart of two servers behind a balancer loses no request', async () => {
  const upstream = await answering();
  const ports = [await freePort(), await freePort()];
  const storeUrl = await temporaryStore();
  const startOne = (nth: number) =>
    startOn(upstream, {
      PORT: String(ports[nth]),
      STORE_URL: storeUrl,
      SHUTDOWN_DELAY_SECONDS: '1',
      SHUTDOWN_DRAIN_SECONDS: '1',
      WORKERS: String(nth + 1),
    });
  const servers = [await startOne(0), await startOne(1)];
  const balancer = await startBalancer(ports.map((port) => `http://127.0.0.1:${port}`));
  const used = (nth: number, expected: boolean) =>
    vi.waitFor(() => expect(balancer.isUsed(nth)).toBe(expected), patiently);
  await Promise.all([used(0, true), used(1, true)]);

  let isOver = false;
  const wrong: Response[] = [];
  const answered = Array<number>(16).fill(0);
  const clients = answered.map(async (_, client) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!isOver) {
      const response = await ask(balancer.url.concat('/graphql'), agent);
      if (response.status !== 200 || JSON.stringify(JSON.parse(response.body).data) !== JSON.stringify(named))
        wrong.push(response);
      answered[client] = (answered[client] ?? 0) + 1;
      await sleep(betweenRequestsMs);
    }
    agent.destroy();
  });
  await moreAnswers(answered);
  for (const nth of [0, 1]) {
    servers[nth]?.process.kill('SIGTERM');
    await used(nth, false);
    await moreAnswers(answered);
    expect(await servers[nth]?.ended).toBe(0);
    servers[nth] = await startOne(nth);
    await used(nth, true);
    await moreAnswers(answered);
  }
  isOver = true;
  await Promise.all(clients);
  expect(wrong).toEqual([]);
  expect(upstream.calls).toEqual([profile]);
});

/** Of util-linux: it runs a program in a terminal of its own, and passes on what it reads, such as Ctrl-C. */
const hasScript = (() => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch {
    return false;
  }
})();

const title = hasScript ? 'a server in a terminal' : 'a server in a terminal: skipped, script is not there';

describe.skipIf(!hasScript)(title, () => {
  const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

  /** With a call that upstream does not answer. */
  async function startInTerminal(env: Record<string, string>) {
    const upstream = await gatedUpstream(() => success({ nick_name: '张' }));
    const child = spawn('script', ['-qec', `exec "${process.execPath}" "${main}"`, '/dev/null'], {
      cwd: fileURLToPath(new URL('../dist', import.meta.url)),
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        JUSTONEAPI_TOKEN: testToken,
        JUSTONEAPI_BASE_URL: upstream.baseUrl,
        STORE_URL: await temporaryStore(),
        ...env,
      },
    });
    const terminal = { text: '', ended: once(child, 'close') };
    child.stdout.on('data', (chunk) => {
      terminal.text += chunk;
    });
    atEnd(async () => {
      child.kill('SIGKILL');
      await terminal.ended;
    });
    await vi.waitFor(() => expect(terminal.text).toMatch(/http:\S+\/graphql/), patiently);
    const url = /http:\S+\/graphql/.exec(terminal.text)?.[0] ?? '';
    const asked = ask(url).then(
      ({ body }) => JSON.parse(body).data,
      () => 'cut',
    );
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1), patiently);
    const pressCtrlC = () => void child.stdin.write('\x03');
    return { upstream, terminal, asked, pressCtrlC };
  }

  it.each([{}, { WORKERS: '2' }])(
    'says on Ctrl-C for which calls it waits, and waits for nothing else: %j',
    async (env) => {
      const delay = { SHUTDOWN_DELAY_SECONDS: '20' };
      const { upstream, terminal, asked, pressCtrlC } = await startInTerminal({ ...env, ...delay });
      const pressedAt = performance.now();
      pressCtrlC();
      const message = 'Waiting up to 23 s for 1 call that may be billed. Press Ctrl-C again to end now.';
      await vi.waitFor(() => expect(terminal.text).toContain(message), patiently);
      upstream.open();
      expect(await asked).toEqual(named);
      await terminal.ended;
      expect(performance.now() - pressedAt).toBeLessThan(12_000);
      expect(terminal.text.split(message)).toHaveLength(2);
      expect(upstream.calls).toEqual([profile]);
    },
  );

  it('ends at once on a second Ctrl-C', async () => {
    const { upstream, terminal, asked, pressCtrlC } = await startInTerminal({});
    pressCtrlC();
    await vi.waitFor(() => expect(terminal.text).toContain('Press Ctrl-C again'), patiently);
    const pressedAt = performance.now();
    pressCtrlC();
    await terminal.ended;
    expect(performance.now() - pressedAt).toBeLessThan(10_000);
    expect(await asked).toBe('cut');
    expect(upstream.calls).toEqual([profile]);
  });
});
