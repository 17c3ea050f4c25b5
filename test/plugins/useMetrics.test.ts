import { describe, expect, it } from 'vitest';
import { testStore } from '../fixtures.js';
import { startTestServer } from '../harness.js';

const profile = '{ creator(id: "6629722295873044494") { profile { name } } }';

describe('/metrics', () => {
  it('tells what was paid, and how store and circuits are', async () => {
    const server = await startTestServer();
    await server.ask(profile);
    const response = await server.fetch('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    const metrics = await response.text();
    expect(metrics).toContain('\nxingtu_store_up 1\n');
    expect(metrics).toContain('\nxingtu_calls_paid_total 1\n');
    expect(metrics).toContain('\nxingtu_calls_paid_today 1\n');
    expect(metrics).toContain('\nxingtu_stopped 0\n');
    expect(metrics).toContain('\nxingtu_circuit_open{endpoint="profile"} 0\n');
    expect(server.calls).toHaveLength(1);
  });

  it('tells that the store is lost', async () => {
    const server = await startTestServer({ store: Object.assign(testStore(), { lostBecause: 'disk full' }) });
    expect(await (await server.fetch('/metrics')).text()).toContain('\nxingtu_store_up 0\n');
    expect(server.calls).toEqual([]);
  });

  it.each([
    ['no key', {}, 401, 'Bearer realm="Xingtu GraphQL"'],
    ['a wrong key', { authorization: 'Bearer key-1234567x' }, 401, /error="invalid_token"$/],
    ['a key that is no admin', { authorization: 'Bearer key-87654321' }, 403, /error="insufficient_scope"$/],
    ['an admin', { authorization: 'Bearer key-12345678' }, 200, null],
  ])('wants an admin, where there are keys: %s', async (_, headers, status, challenge) => {
    const API_KEYS = 'prometheus:key-12345678:admin,dash:key-87654321:10';
    const server = await startTestServer({ env: { API_KEYS } });
    const response = await server.fetch('/metrics', { headers });
    expect(response.status).toBe(status);
    const given = response.headers.get('www-authenticate');
    if (challenge === null) expect(given).toBeNull();
    else expect(given).toMatch(challenge);
    expect((await response.text()).includes('xingtu_')).toBe(status === 200);
    expect(server.calls).toEqual([]);
  });
});
