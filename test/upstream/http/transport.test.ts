import { type AddressInfo, createServer } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { callOf } from '../../../src/upstream/endpoints/call.js';
import { endpoints } from '../../../src/upstream/endpoints/table.js';
import { UpstreamError } from '../../../src/upstream/errors.js';
import { createTransport } from '../../../src/upstream/http/transport.js';
import { atEnd, testToken } from '../../fixtures.js';
import { type Reply, scriptedUpstream } from '../../harness.js';

const call = callOf('profile', { creatorId: '6629722295873044494', platform: 'SHORT_VIDEO' });

function transportTo(baseUrl: string, timeoutMs = 5_000) {
  const transport = createTransport({ baseUrl, token: testToken, timeoutMs });
  atEnd(() => transport.close());
  return transport;
}

async function sendTo(reply: Reply, timeoutMs?: number) {
  const upstream = await scriptedUpstream(() => reply);
  const outcome = await transportTo(upstream.baseUrl, timeoutMs)
    .send(call, () => {})
    .catch((error: unknown) => error);
  return { outcome, calls: upstream.calls.length };
}

describe('the transport', () => {
  it('sends the token and then the arguments in the query, under any prefix of the base URL', async () => {
    let asked = '';
    let accepted: string | string[] | undefined;
    const upstream = await scriptedUpstream(() => (response) => {
      asked = response.req.url ?? '';
      accepted = response.req.headers['accept-encoding'];
      response.end('{}');
    });
    await transportTo(`${upstream.baseUrl}/proxy/`).send(call, () => {});
    expect(asked).toBe(
      `/proxy${endpoints.profile.path}?token=${testToken}&oAuthorId=6629722295873044494&platform=SHORT_VIDEO`,
    );
    expect(accepted).toBe('gzip, br');
    expect(upstream.calls).toHaveLength(1);
  });

  it('encodes what the endpoint makes of its arguments, in the order of the endpoint', async () => {
    let asked = '';
    const upstream = await scriptedUpstream(() => (response) => {
      asked = response.req.url ?? '';
      response.end('{}');
    });
    const endpoint = { ...endpoints.profile, query: () => ({ keyword: '游戏 & 美食=?#', 'a b': '1' }) };
    await transportTo(upstream.baseUrl).send({ ...call, endpoint }, () => {});
    expect(asked).toBe(
      `${endpoints.profile.path}?token=${testToken}&keyword=${encodeURIComponent('游戏 & 美食=?#')}&a%20b=1`,
    );
  });

  it('rejects and leaves nothing behind when the request cannot be built', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', note);
    atEnd(async () => void process.off('unhandledRejection', note));
    const bug = new RangeError('a bug');
    const endpoint = {
      ...endpoints.profile,
      query: () => {
        throw bug;
      },
    };
    const upstream = await scriptedUpstream(() => ({ body: '{}' }));
    const timeoutMs = 10;
    const send = transportTo(upstream.baseUrl, timeoutMs).send({ ...call, endpoint }, () => {});
    await expect(send).rejects.toBe(bug);
    // Its time would be up by then.
    await new Promise((resolve) => setTimeout(resolve, 2 * timeoutMs));
    expect(rejections).toEqual([]);
    expect(upstream.calls).toEqual([]);
  });

  it.each([
    ['plain', 'identity', Buffer.from('{"名":1}')],
    ['gzip', 'gzip', gzipSync('{"名":1}')],
    ['brotli', 'br', brotliCompressSync('{"名":1}')],
    ['deflate', 'deflate', deflateSync('{"名":1}')],
  ])('reads a body that is %s', async (_, encoding, body) => {
    const { outcome, calls } = await sendTo({ body, headers: { 'content-encoding': encoding } });
    expect(outcome).toEqual({ status: 200, body: '{"名":1}', retryAfter: null, isSandbox: false });
    expect(calls).toBe(1);
  });

  it('takes an answer that came in time, though it is read later', async () => {
    const timeoutMs = 1_000;
    const upstream = await scriptedUpstream(() => (response) => {
      response.end('{}');
      const busyUntilMs = performance.now() + 2 * timeoutMs;
      while (performance.now() < busyUntilMs);
    });
    const answer = await transportTo(upstream.baseUrl, timeoutMs).send(call, () => {});
    expect(answer).toMatchObject({ status: 200, body: '{}' });
    expect(upstream.calls).toHaveLength(1);
  });

  it('uses its connections again for the next calls', async () => {
    const ports = new Set<number | undefined>();
    const upstream = await scriptedUpstream(() => (response) => {
      ports.add(response.req.socket.remotePort);
      response.end('{}');
    });
    const transport = transportTo(upstream.baseUrl);
    for (let nth = 0; nth < 10; nth += 1) await transport.send(call, () => {});
    // The second call may be sent before the first connection is free again.
    expect(ports.size).toBeLessThanOrEqual(2);
    expect(upstream.calls).toHaveLength(10);
  });

  it('renews a connection after its time, so that it follows DNS', async () => {
    const ports = new Set<number | undefined>();
    const upstream = await scriptedUpstream(() => (response) => {
      ports.add(response.req.socket.remotePort);
      response.end('{}');
    });
    const connectionTtlMs = 1;
    const transport = createTransport({
      baseUrl: upstream.baseUrl,
      token: testToken,
      timeoutMs: 5_000,
      connectionTtlMs,
    });
    atEnd(() => transport.close());
    for (let nth = 0; nth < 5; nth += 1) {
      await transport.send(call, () => {});
      const connectedBeforeMs = Date.now();
      while (Date.now() <= connectedBeforeMs + connectionTtlMs) await new Promise(setImmediate);
    }
    expect(ports.size).toBe(5);
    expect(upstream.calls).toHaveLength(5);
  });

  it.each([
    ['30', '30'],
    [undefined, null],
  ])('passes Retry-After on: %s', async (header, retryAfter) => {
    const { outcome } = await sendTo({
      body: '{}',
      ...(header === undefined ? {} : { headers: { 'retry-after': header } }),
    });
    expect(outcome).toMatchObject({ retryAfter });
  });

  it.each(['gzip', 'zstd'])(
    'reads only the status of a refusal whose body is not the %s that it says',
    async (encoding) => {
      const { outcome } = await sendTo({
        status: 502,
        body: '<html>',
        headers: { 'content-encoding': encoding },
      });
      expect(outcome).toEqual({ status: 502, body: '', retryAfter: null, isSandbox: false });
    },
  );

  it('does not follow a redirect, which would get the token', async () => {
    const elsewhere = await scriptedUpstream(() => ({ body: '{}' }));
    const { outcome } = await sendTo({ status: 302, headers: { location: elsewhere.baseUrl }, body: '' });
    expect(outcome).toMatchObject({ status: 302 });
    expect(elsewhere.calls).toEqual([]);
  });
});

describe('a call without a whole answer', () => {
  const mebibyte = Buffer.alloc(1_048_576, ' ');
  const cases: readonly [says: string, reply: Reply, code: string, billed: string, message: RegExp][] = [
    ['never answered', () => undefined, 'UPSTREAM_TIMEOUT', 'maybe', /within 0.15 s/],
    [
      'answered in a slow drip',
      (response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
      'UPSTREAM_TIMEOUT',
      'maybe',
      /within 0.15 s/,
    ],
    [
      'reset before any answer',
      (response) => response.socket?.resetAndDestroy(),
      'UPSTREAM_UNAVAILABLE',
      'no',
      /lost/,
    ],
    [
      'lost half-way',
      (response) => response.writeHead(200, { 'content-length': 9 }).write('{', () => response.destroy()),
      'UPSTREAM_UNAVAILABLE',
      'maybe',
      /lost/,
    ],
    [
      'over 8 MB',
      (response) => {
        for (let nth = 0; nth < 9; nth += 1) response.write(mebibyte);
        response.end();
      },
      'UPSTREAM_INVALID_RESPONSE',
      'maybe',
      /over 8 MB/,
    ],
    [
      'over 8 MB once unpacked',
      { body: gzipSync(Buffer.alloc(9 * 1_048_576)), headers: { 'content-encoding': 'gzip' } },
      'UPSTREAM_INVALID_RESPONSE',
      'maybe',
      /over 8 MB/,
    ],
    [
      'gzip that is no gzip',
      { body: '{}', headers: { 'content-encoding': 'gzip' } },
      'UPSTREAM_INVALID_RESPONSE',
      'maybe',
      /compressed/,
    ],
    [
      'an encoding nobody asked for',
      { body: '{}', headers: { 'content-encoding': 'zstd' } },
      'UPSTREAM_INVALID_RESPONSE',
      'maybe',
      /compressed/,
    ],
  ];

  it.each(cases)('%s', async (_, reply, code, billed, message) => {
    const { outcome, calls } = await sendTo(reply, code === 'UPSTREAM_TIMEOUT' ? 150 : 5_000);
    expect(outcome).toBeInstanceOf(UpstreamError);
    expect(outcome).toMatchObject({ code, billed, endpoint: 'profile' });
    expect((outcome as UpstreamError).message).toMatch(message);
    expect(calls).toBe(1);
  });

  it('refused', async () => {
    const upstream = await scriptedUpstream(() => ({ body: '{}' }));
    const transport = transportTo(upstream.baseUrl.replace(/\d+$/, '1'));
    await expect(transport.send(call, () => {})).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      billed: 'no',
    });
    expect(upstream.calls).toEqual([]);
  });

  it('not HTTP at all', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n\r\n')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    atEnd(() => new Promise((resolve) => server.close(() => resolve())));
    const transport = transportTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await expect(transport.send(call, () => {})).rejects.toMatchObject({
      code: 'UPSTREAM_INVALID_RESPONSE',
      billed: 'maybe',
    });
  });

  it.each(cases)('shows neither the token nor a URL in its error: %s', async (_, reply, code) => {
    const { outcome } = await sendTo(reply, code === 'UPSTREAM_TIMEOUT' ? 150 : 5_000);
    const shown = everythingIn(outcome);
    expect(shown).not.toContain(testToken);
    expect(shown).not.toContain('oAuthorId');
  });
});

/** An error with its causes, stacks and hidden properties. */
function everythingIn(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const properties = Object.getOwnPropertyNames(error).map((name) => `${name}=${Reflect.get(error, name)}`);
  return [...properties, JSON.stringify(error), everythingIn(error.cause)].join('\n');
}
