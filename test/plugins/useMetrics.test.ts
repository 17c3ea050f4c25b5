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

  it('needs a key where there are keys', async () => {
    const server = await startTestServer({ env: { API_KEYS: 'prometheus:key-12345678' } });
    const refused = await server.fetch('/metrics');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(await refused.text()).not.toContain('xingtu_');
    const headers = { authorization: 'Bearer key-12345678' };
    expect((await server.fetch('/metrics', { headers })).status).toBe(200);
    expect(server.calls).toEqual([]);
  });
});
