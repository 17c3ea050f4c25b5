import { rename, writeFile } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { atEnd, temporaryFolder } from '../fixtures.js';
import { graphqlUrl, start } from '../program.js';

const patiently = { timeout: 25_000 };

const [oldToken, newToken] = ['tok-old-5e9f1c0d', 'tok-new-a2b7d6e4'];

/** Answers only to the tokens that are valid, and notes which token each call had. */
async function upstreamOf(valid: Set<string>) {
  const calls: { readonly token: string; readonly creatorId: string }[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://upstream');
    const token = searchParams.get('token') ?? '';
    calls.push({ token, creatorId: searchParams.get('oAuthorId') ?? '' });
    const body = valid.has(token) ? { code: 0, data: { nick_name: '张' } } : { code: 100, data: null };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { calls, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function ask(url: string, agent: Agent, creatorId: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    request(url, { agent, method: 'POST', headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve(Buffer.concat(chunks).toString());
    })
      .on('error', reject)
      .end(JSON.stringify({ query: `{ creator(id: "${creatorId}") { profile { name } } }` }));
  });
}

it('a token in a file is replaced by SIGHUP, while every request is answered and no call is lost', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'token');
  await writeFile(path, `${oldToken}\n`);
  const valid = new Set([oldToken, newToken]);
  const upstream = await upstreamOf(valid);
  const running = start({
    JUSTONEAPI_TOKEN_FILE: path,
    JUSTONEAPI_BASE_URL: upstream.baseUrl,
    STORE_URL: `sqlite:${folder}/store.db`,
    WORKERS: '2',
  });
  const url = await graphqlUrl(running);

  // Each asks for another creator every time, so that each request makes a call.
  let asked = 0;
  let isOver = false;
  const wrong: unknown[] = [];
  const clients = Array.from({ length: 4 }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (; !isOver; await sleep(10)) {
      asked += 1;
      const creatorId = String(6_600_000_000_000_000_000n + BigInt(asked));
      const text = await ask(url, agent, creatorId).catch((error) => String(error));
      if (!text.startsWith('{"data":{"creator":{"profile":{"name":"张"}}}')) wrong.push(text);
    }
    agent.destroy();
  });
  await vi.waitFor(() => expect(upstream.calls.length).toBeGreaterThan(20), patiently);
  // As Kubernetes replaces the file of a secret.
  await writeFile(`${path}.new`, `${newToken}\n`);
  await rename(`${path}.new`, path);
  expect(new Set(upstream.calls.map(({ token }) => token))).toEqual(new Set([oldToken]));

  running.process.kill('SIGHUP');
  await vi.waitFor(() => expect(running.err).toContain('Reloaded: 2 new workers'), patiently);
  // The old workers go when their connections are closed, each after its next response.
  await vi.waitFor(
    () => expect(upstream.calls.slice(-20).every(({ token }) => token === newToken)).toBe(true),
    patiently,
  );
  valid.delete(oldToken);
  const before = upstream.calls.length;
  await vi.waitFor(() => expect(upstream.calls.length).toBeGreaterThan(before + 20), patiently);
  isOver = true;
  await Promise.all(clients);
  expect(wrong).toEqual([]);
  expect(upstream.calls).toHaveLength(asked);
  expect(new Set(upstream.calls.map(({ creatorId }) => creatorId)).size).toBe(asked);
  running.process.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  expect(running.out + running.err).not.toMatch(/tok-(old|new)/);
});

it('a reload whose file has become unreadable keeps the workers that run', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'token');
  await writeFile(path, oldToken);
  const upstream = await upstreamOf(new Set([oldToken]));
  const running = start({
    JUSTONEAPI_TOKEN_FILE: path,
    JUSTONEAPI_BASE_URL: upstream.baseUrl,
    STORE_URL: `sqlite:${folder}/store.db`,
    WORKERS: '2',
  });
  const url = await graphqlUrl(running);
  await writeFile(path, '');
  running.process.kill('SIGHUP');
  const why = 'JUSTONEAPI_TOKEN_FILE: the file that it names is empty';
  await vi.waitFor(() => expect(running.err).toContain('so the reload ends, and the others stay'), patiently);
  expect(running.err).toContain(why);
  const agent = new Agent();
  expect(JSON.parse(await ask(url, agent, '6600000000000000001')).data.creator.profile.name).toBe('张');
  agent.destroy();
  expect(upstream.calls).toEqual([{ token: oldToken, creatorId: '6600000000000000001' }]);
  // The next reload finds a file that can be read.
  await writeFile(path, oldToken);
  running.process.kill('SIGHUP');
  await vi.waitFor(() => expect(running.err).toContain('Reloaded: 2 new workers'), patiently);
  running.process.kill('SIGTERM');
  expect(await running.ended).toBe(0);
});

it.each([
  ['add', '', `JUSTONEAPI_TOKEN=${newToken}\n`],
  ['remove', `JUSTONEAPI_TOKEN=${oldToken}\n`, ''],
])(
  'a reload can not %s a token: real answers and the sandbox would be mixed up',
  async (_, before, after) => {
    const folder = await temporaryFolder();
    const path = join(folder, '.env');
    await writeFile(path, before);
    const env = { WORKERS: '2', STORE_URL: `sqlite:${folder}/store.db` };
    const running = start(env, { cwd: folder });
    await graphqlUrl(running);
    await writeFile(path, after);
    running.process.kill('SIGHUP');
    const why = /the others stay\..*a reload can replace a token, but it can neither add nor remove one/;
    await vi.waitFor(() => expect(running.err).toMatch(why), patiently);
    running.process.kill('SIGTERM');
    expect(await running.ended).toBe(0);
  },
);
