import { request } from 'node:http';
import { expect, it } from 'vitest';
import { listen } from '../../src/http.js';
import { atEnd } from '../fixtures.js';
import { type Answer, startTestServer, type TestServer, testConfig } from '../harness.js';

const authorization = 'Bearer secret-key-1';
const keys = { API_KEYS: 'dash:secret-key-1' };
const names = { ALLOWED_HOSTS: 'Api.example., 10.0.0.7, [2001:db8::1]' };
const query = new URLSearchParams({
  query: '{ creator(id: "6629722295873044494") { profile { name } } }',
});

interface OnPort {
  readonly server: TestServer;
  /** Sends a GET with `host` as its Host header. */
  ask(
    host: string,
    path?: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; text: string }>;
}

async function onPort(env: Record<string, string>): Promise<OnPort> {
  const server = await startTestServer({ env });
  const http = await listen(server.respond, testConfig({ ...env, PORT: '0' }));
  atEnd(() => http.close());
  return {
    server,
    ask: (host, path = `/graphql?${query}`, headers = {}) =>
      new Promise((resolve, reject) => {
        const sent = request(
          http.origin + path,
          { headers: { authorization, ...headers, host } },
          async (answer) => {
            let text = '';
            for await (const chunk of answer) text += chunk;
            resolve({ status: answer.statusCode ?? 0, text });
          },
        );
        sent.on('error', reject).end();
      }),
  };
}

const loopback = [
  'localhost',
  'LOCALHOST:4000',
  'xingtu.localhost:80',
  '127.0.0.1:4000',
  '127.9.9.9',
  '[::1]:4000',
  'localhost.:4000',
  '127.0.0.1.',
  '[::ffff:127.0.0.1]:4000',
  '[::ffff:7f09:101]',
];
const foreign = [
  'evil.example',
  'evil.example:4000',
  'localhost.evil.example',
  'notlocalhost',
  '127.0.0.1.evil.example',
  '127.evil.example',
  '10.0.0.8',
  '0.0.0.0:4000',
  '[2001:db8::2]',
  '[::ffff:10.0.0.8]',
  'evil.example.',
];
const listed = [
  'api.example',
  'API.EXAMPLE:4000',
  'api.example.:4000',
  '10.0.0.7:4000',
  '[2001:db8:0::1]:4000',
];

it.each([
  ['loopback only, without keys', {}, loopback, [...foreign, ...listed]],
  ['loopback and ALLOWED_HOSTS, without keys', names, [...loopback, ...listed], foreign],
  ['any name, with keys', keys, [...loopback, ...foreign, ...listed], []],
  ['loopback and ALLOWED_HOSTS, with keys', { ...keys, ...names }, [...loopback, ...listed], foreign],
])('the server answers to %s', async (_, env, allowed, refused) => {
  const { server, ask } = await onPort(env);
  for (const host of refused) expect([host, (await ask(host)).status]).toEqual([host, 403]);
  expect(server.calls).toEqual([]);
  for (const host of allowed) expect([host, (await ask(host)).status]).toEqual([host, 200]);
  expect(server.calls).toHaveLength(1);
});

it('a refusal names the host and the setting', async () => {
  const { server, ask } = await onPort({});
  const { status, text } = await ask('Evil.example:4000', undefined, {
    'sec-fetch-site': 'same-origin',
    origin: 'http://evil.example:4000',
  });
  expect(status).toBe(403);
  expect((JSON.parse(text) as Answer).errors).toEqual([
    {
      message:
        'This server does not answer to the name evil.example. If it should, add the name to ALLOWED_HOSTS.',
      extensions: { code: 'FORBIDDEN', retryable: false, requestId: expect.any(String) },
    },
  ]);
  expect(server.calls).toEqual([]);
});

it('any name may request /health and /ready, and nothing else', async () => {
  const { server, ask } = await onPort({});
  const status = async (path: string, accept = '*/*') =>
    (await ask('10.0.0.8:4000', path, { accept })).status;
  expect(await status('/health')).toBe(200);
  expect(await status('/ready')).toBe(200);
  expect(await status('/metrics')).toBe(403);
  expect(await status('/', 'text/html')).toBe(403);
  expect(await status('/graphql', 'text/html')).toBe(403);
  expect(await status(`/graphql?${query}&x=/ready`)).toBe(403);
  expect(server.calls).toEqual([]);
});
