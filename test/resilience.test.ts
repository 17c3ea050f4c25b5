import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { listenerFor } from '../src/http.js';
import { startSandbox } from '../src/sandbox/server.js';
import { fingerprintOf } from '../src/upstream/call/circuit/stopStore.js';
import { endpointNames } from '../src/upstream/endpoints/table.js';
import { atEnd, realClock, testStore, testToken } from './fixtures.js';
import {
  type Answer,
  type Reply,
  sandboxUpstream,
  scriptedUpstream,
  shortTimeout,
  startTestServer,
  success,
  type TestServer,
} from './harness.js';

const id = '6629722295873044494';
const ids = (count: number) =>
  Array.from({ length: count }, (_, nth) => `${6600000000000000000n + BigInt(nth)}`);
const profileOf = (creatorId: string, args = '') =>
  `{ creator(id: "${creatorId}") { profile${args} { name isStale } } }`;
const manyProfiles = 'query ($ids: [ID!]!) { creators(ids: $ids) { profile { hasData } } }';
const codesOf = (answer: Answer) => (answer.errors ?? []).map(({ extensions }) => extensions['code']);

/** An upstream whose answers wait until they are released. */
async function heldUpstream() {
  const waiting: ServerResponse[] = [];
  let onArrival = () => {};
  const upstream = await scriptedUpstream(() => (response) => {
    waiting.push(response);
    onArrival();
  });
  return {
    ...upstream,
    release(reply: object | string = { code: 0, data: { nick_name: '张' } }): void {
      const body = typeof reply === 'string' ? reply : JSON.stringify(reply);
      for (const response of waiting.splice(0)) response.end(body);
    },
    /** Resolves when so many calls have come since the start. */
    async arrived(count: number): Promise<void> {
      while (upstream.calls.length < count) {
        await new Promise<void>((resolve) => {
          onArrival = resolve;
        });
      }
    },
  };
}

/** Resolves when so many attempts for profiles have ended. */
const ended = (server: TestServer, count: number) =>
  vi.waitFor(async () => expect((await server.client.status()).endpoints[0]?.attempts).toBe(count));

describe('a call is tried again', () => {
  it.each([
    ['two 301s', '9000000000000000921', 3],
    ['a reset', '9000000000000000923', 2],
  ])('until upstream answers: %s, %s', async (_, creatorId, calls) => {
    const server = await startTestServer();
    const { data, errors } = await server.ask(profileOf(creatorId));
    expect(errors).toBeUndefined();
    expect(data.creator.profile.name).toEqual(expect.any(String));
    expect(server.calls).toHaveLength(calls);
  });

  it.each([
    ['9000000000000000301', 'UPSTREAM_COLLECTION_FAILED', 4],
    ['9000000000000000500', 'UPSTREAM_UNAVAILABLE', 3],
    ['9000000000000000904', 'UPSTREAM_UNAVAILABLE', 4],
  ])('as often as its code allows: %s', async (creatorId, code, calls) => {
    const server = await startTestServer();
    expect(codesOf(await server.ask(profileOf(creatorId)))).toEqual([code]);
    expect(server.calls).toHaveLength(calls);
  });

  it('after the wait that upstream asked for, and other calls to the endpoint wait, too', async () => {
    const limit: Reply = { body: { code: 302, data: null }, headers: { 'retry-after': '1' } };
    const upstream = await scriptedUpstream((_, nth) =>
      nth === 1 ? limit : success({ nick_name: '张', price_info: [] }),
    );
    const server = await startTestServer({ upstream });
    const [first = '', second = ''] = ids(2);
    const limited = server.ask(profileOf(first));
    await ended(server, 1);
    const other = server.ask(profileOf(second));
    const elsewhere = await server.ask(`{ creator(id: "${second}") { prices { hasData } } }`);
    expect(elsewhere.errors).toBeUndefined();
    server.clock.advance(0.9);
    await upstream.caughtUp();
    expect(server.calls).toEqual([`profile ${first} SHORT_VIDEO`, `prices ${second} SHORT_VIDEO`]);
    server.clock.advance(0.2);
    await ended(server, 2);
    await upstream.caughtUp();
    expect(server.calls).toHaveLength(3);
    server.clock.advance(0.2);
    expect((await limited).errors).toBeUndefined();
    expect((await other).errors).toBeUndefined();
    expect(server.calls).toHaveLength(4);
  });

  it('only while an operation waits for it', async () => {
    const upstream = await heldUpstream();
    const server = await startTestServer({ upstream });
    const client = await connectedClient(server, profileOf(id));
    await upstream.arrived(1);
    await client.disconnect();
    upstream.release({ code: 301, data: null });
    await ended(server, 1);
    await upstream.caughtUp();
    expect(upstream.calls).toHaveLength(1);
  });
});

describe('a call that may have been billed is not tried again', () => {
  it.each([
    ['9000000000000000777', 'UPSTREAM_REJECTED'],
    ['9000000000000000901', 'UPSTREAM_TIMEOUT'],
    ['9000000000000000902', 'UPSTREAM_INVALID_RESPONSE'],
    ['9000000000000000905', 'UPSTREAM_UNAVAILABLE'],
    ['9000000000000000906', 'UPSTREAM_REJECTED'],
    ['9000000000000000907', 'UPSTREAM_TIMEOUT'],
    ['9000000000000000908', 'UPSTREAM_INVALID_RESPONSE'],
    ['9000000000000000910', 'UPSTREAM_UNAVAILABLE'],
  ])('%s: %s', async (creatorId, code) => {
    const env = code === 'UPSTREAM_TIMEOUT' ? shortTimeout : {};
    const server = await startTestServer({ env });
    expect(codesOf(await server.ask(profileOf(creatorId)))).toEqual([code]);
    expect(server.calls).toHaveLength(1);
  });
});

describe('a stop', () => {
  it('fails the calls in the queue at once', async () => {
    const upstream = await heldUpstream();
    const server = await startTestServer({ upstream, env: { UPSTREAM_CONCURRENCY: '2' } });
    const answer = server.ask(manyProfiles, { ids: ids(50) });
    await upstream.arrived(2);
    upstream.release({ code: 601, data: null });
    expect(codesOf(await answer)).toEqual(Array(50).fill('UPSTREAM_BALANCE_EXHAUSTED'));
    expect(upstream.calls).toHaveLength(2);
  });

  it('whose answer begins like a success lets at most one more call go, also when that answer does', async () => {
    const upstream = await heldUpstream();
    const server = await startTestServer({ upstream, env: { UPSTREAM_CONCURRENCY: '1' } });
    const answer = server.ask(manyProfiles, { ids: ids(50) });
    await upstream.arrived(1);
    const likeSuccess = '{"code":0,"data":null,"code":601}';
    upstream.release(likeSuccess);
    await upstream.arrived(2);
    upstream.release(likeSuccess);
    expect(codesOf(await answer)).toEqual(Array(50).fill('UPSTREAM_BALANCE_EXHAUSTED'));
    expect(upstream.calls).toHaveLength(2);
  });

  it('stops all endpoints while stored answers are served, and is reported', async () => {
    const server = await startTestServer();
    await server.ask(profileOf(id));
    await server.ask(profileOf('9000000000000000303'));
    const old = await server.ask(profileOf(id, '(maxAgeSeconds: 0)'));
    expect(old.data.creator.profile).toEqual({ name: '张大仙', isStale: true });
    const { data, errors } = await server.ask(`{
      creator(id: "${id}") { prices { hasData } }
    }`);
    expect(data.creator.prices).toBeNull();
    // Noon in China.
    expect(errors?.[0]?.extensions).toEqual({
      code: 'UPSTREAM_QUOTA_EXCEEDED',
      endpoint: 'prices',
      upstreamCode: 303,
      retryable: true,
      retryAfterSeconds: 12 * 3_600,
    });
    const status = await server.ask(
      '{ upstream { stop { code upstreamCode since nextProbeAt } endpoints { circuit circuitSince } } }',
    );
    expect(status.data.upstream).toEqual({
      stop: {
        code: 'UPSTREAM_QUOTA_EXCEEDED',
        upstreamCode: 303,
        since: '2026-03-01T04:00:00.000Z',
        nextProbeAt: '2026-03-01T16:00:00.000Z',
      },
      endpoints: endpointNames.map(() => ({ circuit: 'OPEN', circuitSince: '2026-03-01T04:00:00.000Z' })),
    });
    expect(server.calls).toHaveLength(2);
  });

  it('is stored for the next server, until it is lifted', async () => {
    const store = testStore();
    const first = await startTestServer({ store });
    await first.ask(profileOf('9000000000000000601'));
    const second = await startTestServer({ store });
    expect(codesOf(await second.ask(profileOf(id)))).toEqual(['UPSTREAM_BALANCE_EXHAUSTED']);
    expect(second.calls).toEqual([]);

    await store.forget(`stop:${fingerprintOf(testToken, null)}:*`);
    second.clock.advance(1);
    expect((await second.ask(profileOf(id))).errors).toBeUndefined();
    expect(second.calls).toHaveLength(1);
    expect((await second.ask('{ upstream { stop { code } } }')).data.upstream.stop).toBeNull();
  });

  it('of one endpoint does not stop the others', async () => {
    const server = await startTestServer();
    await server.ask(profileOf('9000000000000000600'));
    const { data, errors } = await server.ask(
      `{ creator(id: "${id}") { profile { name } prices { hasData } } upstream { stop { code } } }`,
    );
    expect(data).toEqual({ creator: { profile: null, prices: { hasData: true } }, upstream: { stop: null } });
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['UPSTREAM_FORBIDDEN']);
    expect(server.calls).toHaveLength(2);
  });
});

describe('an outage of upstream under load', () => {
  it('fails calls, serves stale answers, opens the circuit, and ends by itself', async () => {
    let calls = 0;
    const onCall = () => {
      calls += 1;
    };
    const start = (port: number) => startSandbox({ port, onCall });
    const first = await start(0);
    const server = await startTestServer({
      upstream: { baseUrl: first.baseUrl, calls: [] },
      env: { UPSTREAM_RETRIES: '1' },
    });
    const circuit = async () =>
      (await server.ask('{ upstream { endpoints { name circuit health } } }')).data.upstream.endpoints[0];
    const known = ids(5);
    await server.ask(manyProfiles, { ids: known });
    expect(calls).toBe(5);

    await first.close();
    const off = await server.ask(manyProfiles, { ids: ids(15) });
    expect(off.data.creators.slice(0, 5)).toEqual(Array(5).fill({ profile: { hasData: true } }));
    expect(codesOf(off)).toEqual(Array(10).fill('UPSTREAM_UNAVAILABLE'));
    const stale = await server.ask(profileOf(known[0] ?? '', '(maxAgeSeconds: 0)'));
    expect(stale.data.creator.profile.isStale).toBe(true);
    expect(await circuit()).toMatchObject({ name: 'PROFILE', circuit: 'OPEN' });

    const second = await start(Number(new URL(first.baseUrl).port));
    atEnd(() => second.close());
    const open = await server.ask(manyProfiles, { ids: ids(15) });
    expect(open.errors?.[0]?.extensions).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      retryable: true,
      retryAfterSeconds: 60,
    });
    expect(calls).toBe(5);

    server.clock.advance(60);
    const probing = await server.ask(manyProfiles, { ids: ids(15) });
    expect(codesOf(probing)).toEqual(Array(9).fill('UPSTREAM_UNAVAILABLE'));
    expect(calls).toBe(6);
    expect((await server.ask(manyProfiles, { ids: ids(15) })).errors).toBeUndefined();
    expect(calls).toBe(15);
    expect(await circuit()).toMatchObject({ circuit: 'CLOSED' });
  });
});

describe('the limiter', () => {
  it('sends the next call before it reads an answer, and still measures how long the answer took', async () => {
    const upstream = await heldUpstream();
    const server = await startTestServer({ upstream, env: { UPSTREAM_CONCURRENCY: '1' } });
    const answer = server.ask(manyProfiles, { ids: ids(2) });
    await upstream.arrived(1);
    upstream.release();
    await upstream.arrived(2);
    server.clock.advance(1);
    upstream.release();
    expect((await answer).errors).toBeUndefined();
    expect((await server.client.status()).endpoints[0]).toMatchObject({ p50Ms: 0, p95Ms: 1_000 });
    expect(upstream.calls).toHaveLength(2);
  });

  it('keeps to UPSTREAM_CONCURRENCY over all requests', async () => {
    const upstream = await heldUpstream();
    const server = await startTestServer({ upstream, env: { UPSTREAM_CONCURRENCY: '3' } });
    const answers = [0, 3, 6].map((from) => server.ask(manyProfiles, { ids: ids(9).slice(from, from + 3) }));
    for (const inAll of [3, 6, 9]) {
      await upstream.arrived(inAll);
      await upstream.caughtUp();
      expect(upstream.calls).toHaveLength(inAll);
      upstream.release();
    }
    for (const { errors } of await Promise.all(answers)) expect(errors).toBeUndefined();
  });

  it('sends a single call between the calls of a batch', async () => {
    const upstream = await heldUpstream();
    const server = await startTestServer({ upstream, env: { UPSTREAM_CONCURRENCY: '1' } });
    const batch = server.ask(manyProfiles, { ids: ids(100) });
    await upstream.arrived(1);
    const dashboard = server.ask(profileOf(id));
    for (let nth = 1; nth <= 3; nth += 1) {
      await upstream.arrived(nth);
      upstream.release();
    }
    expect((await dashboard).errors).toBeUndefined();
    expect(upstream.calls.length).toBeLessThanOrEqual(4);
    for (let nth = 4; nth <= 101; nth += 1) {
      await upstream.arrived(nth);
      upstream.release();
    }
    expect((await batch).errors).toBeUndefined();
    expect(upstream.calls).toHaveLength(101);
  });

  it('refuses calls beyond UPSTREAM_QUEUE_MAX', async () => {
    const upstream = await heldUpstream();
    const env = { UPSTREAM_CONCURRENCY: '2', UPSTREAM_QUEUE_MAX: '3' };
    const server = await startTestServer({ upstream, env });
    const answer = server.ask(manyProfiles, { ids: ids(10) });
    await upstream.arrived(2);
    upstream.release();
    await upstream.arrived(4);
    upstream.release();
    await upstream.arrived(5);
    upstream.release();
    const { errors } = await answer;
    expect(errors).toHaveLength(5);
    expect(errors?.[0]?.extensions).toEqual({
      code: 'UPSTREAM_UNAVAILABLE',
      endpoint: 'profile',
      retryable: true,
      retryAfterSeconds: 5,
    });
    expect(upstream.calls).toHaveLength(5);
  });

  it('sends at most UPSTREAM_CALLS_PER_SECOND in any second', async () => {
    const upstream = await sandboxUpstream();
    // When requests leave. When they arrive says little: a busy machine lets them wait, and takes several at once.
    const sentAtMs: number[] = [];
    const onSent = (message: unknown) => {
      const { request } = message as { readonly request: { readonly origin: string } };
      if (request.origin === upstream.baseUrl) sentAtMs.push(performance.now());
    };
    subscribe('undici:client:sendHeaders', onSent);
    atEnd(async () => void unsubscribe('undici:client:sendHeaders', onSent));
    const server = await startTestServer({
      upstream,
      env: { UPSTREAM_CALLS_PER_SECOND: '10' },
      clock: realClock,
    });
    const answers = await Promise.all(ids(25).map((creatorId) => server.ask(profileOf(creatorId))));
    for (const { errors } of answers) expect(errors).toBeUndefined();
    expect(upstream.calls).toHaveLength(25);
    expect(sentAtMs).toHaveLength(25);
    const inSecondsFrom = sentAtMs.map(
      (from) => sentAtMs.filter((at) => at >= from && at < from + 1_000).length,
    );
    expect(Math.max(...inSecondsFrom)).toBeLessThanOrEqual(10);
  });
});

describe('QUERY_TIMEOUT_MS', () => {
  it('sends the answer with the sections that have come, and the other calls go on and are stored', async () => {
    const upstream = await heldUpstream();
    const env = { QUERY_TIMEOUT_MS: '5000', UPSTREAM_CONCURRENCY: '1' };
    const server = await startTestServer({ upstream, env });
    const query = `{ creator(id: "${id}") { profile { name } prices { hasData } cpMetrics { hasData } } }`;
    const answer = server.ask(query);
    await upstream.arrived(1);
    upstream.release();
    await upstream.arrived(2);
    await ended(server, 1);
    server.clock.advance(5);
    const { data, errors } = await answer;
    expect(data.creator).toEqual({ profile: { name: '张' }, prices: null, cpMetrics: null });
    expect(errors?.map(({ path }) => path?.at(-1))).toEqual(['prices', 'cpMetrics']);
    expect(errors?.[0]?.extensions).toEqual({
      code: 'UPSTREAM_TIMEOUT',
      endpoint: 'prices',
      retryable: true,
      retryAfterSeconds: 5,
    });

    upstream.release({ code: 0, data: { price_info: [] } });
    await upstream.arrived(3);
    upstream.release({ code: 0, data: { expect_vv: { value: '1' } } });
    await vi.waitFor(async () => expect((await server.client.status()).callsTotal).toBe(3));
    expect((await server.ask(query)).errors).toBeUndefined();
    expect(upstream.calls).toHaveLength(3);
  });

  it('lets a stored answer stand in', async () => {
    const upstream = await heldUpstream();
    const server = await startTestServer({ upstream });
    const first = server.ask(profileOf(id));
    await upstream.arrived(1);
    upstream.release();
    await first;
    const second = server.ask(profileOf(id, '(maxAgeSeconds: 0)'));
    await upstream.arrived(2);
    server.clock.advance(90);
    expect((await second).data.creator.profile).toEqual({ name: '张', isStale: true });
    upstream.release();
    expect(upstream.calls).toHaveLength(2);
  });
});

describe('a client that disconnects', () => {
  it('cancels the queued calls that only it waits for, and calls that were sent end and are stored', async () => {
    const upstream = await heldUpstream();
    const server = await startTestServer({ upstream, env: { UPSTREAM_CONCURRENCY: '2' } });
    const [sent = '', , , shared = ''] = ids(10);
    const list = ids(10).map((creatorId) => `"${creatorId}"`);
    const client = await connectedClient(server, `{ creators(ids: [${list}]) { profile { name } } }`);
    await upstream.arrived(2);
    const other = server.ask(profileOf(shared));
    await upstream.caughtUp();
    await client.disconnect();
    upstream.release();
    await upstream.arrived(3);
    upstream.release();
    expect((await other).errors).toBeUndefined();
    await upstream.caughtUp();
    expect(upstream.calls).toHaveLength(3);

    expect((await server.ask(profileOf(sent))).data.creator.profile).toEqual({ name: '张', isStale: false });
    expect(upstream.calls).toHaveLength(3);
  });

  it('leaves a call that was sent to operations that ask before its answer comes', async () => {
    const upstream = await heldUpstream();
    const server = await startTestServer({ upstream });
    const client = await connectedClient(server, profileOf(id));
    await upstream.arrived(1);
    await client.disconnect();
    const next = server.ask(profileOf(id));
    await upstream.caughtUp();
    upstream.release();
    expect((await next).data.creator.profile).toEqual({ name: '张', isStale: false });
    expect(upstream.calls).toHaveLength(1);
  });

  it('leaves its queued calls to be made for the next operation', async () => {
    const upstream = await heldUpstream();
    const server = await startTestServer({ upstream, env: { UPSTREAM_CONCURRENCY: '1' } });
    const [first = '', second = ''] = ids(2);
    const client = await connectedClient(
      server,
      `{ creators(ids: ["${first}", "${second}"]) { profile { name } } }`,
    );
    await upstream.arrived(1);
    await client.disconnect();
    const next = server.ask(profileOf(second));
    upstream.release();
    await upstream.arrived(2);
    upstream.release();
    expect((await next).errors).toBeUndefined();
    expect(upstream.calls).toHaveLength(2);
  });
});

describe('two environments', () => {
  it('fail over: unbilled calls go to the other environment at once', async () => {
    const first = await sandboxUpstream();
    const second = await sandboxUpstream();
    const gone = { baseUrl: 'http://127.0.0.1:1', calls: first.calls };
    const server = await startTestServer({
      upstream: gone,
      other: { upstream: second, random: () => 0.05 },
      // The retries wait for a few milliseconds.
      clock: realClock,
    });
    const answer = await server.ask(manyProfiles, { ids: ids(40) });
    expect(answer.errors).toBeUndefined();
    expect(second.calls).toHaveLength(40);
    const { data } = await server.ask('{ upstream { environment endpoints { circuit } } }');
    expect(data.upstream.environment).toBe('second');
    expect(data.upstream.endpoints[0].circuit).toBe('CLOSED');
  });

  it('make no more calls than one environment would', async () => {
    const first = await sandboxUpstream();
    const second = await sandboxUpstream();
    let draws = 0;
    const random = () => {
      draws += 1;
      return (draws % 4) / 4;
    };
    const server = await startTestServer({ upstream: first, other: { upstream: second, random } });
    await server.ask(manyProfiles, { ids: ids(40) });
    expect(first.calls).toHaveLength(30);
    expect(second.calls).toHaveLength(10);
  });
});

/** A client on a real connection, which asks and can disconnect. */
async function connectedClient(server: TestServer, query: string) {
  const http = createServer(listenerFor(server.respond));
  http.listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  atEnd(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  const body = JSON.stringify({ query });
  const socket = connect((http.address() as AddressInfo).port, '127.0.0.1');
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const [{ response }] = (await new Promise<unknown[]>((resolve) =>
    http.once('request', (_, response) => resolve([{ response }])),
  )) as [{ response: ServerResponse }];
  return {
    async disconnect(): Promise<void> {
      const noticed = new Promise((resolve) => response.once('close', resolve));
      socket.destroy();
      await noticed;
    },
  };
}
