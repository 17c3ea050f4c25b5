import { describe, expect, it } from 'vitest';
import { testStore } from '../fixtures.js';
import { scriptedUpstream, startTestServer } from '../harness.js';

const profile = '{ creator(id: "6629722295873044494") { profile { name } } }';

describe('/ready', () => {
  it('shows that nothing is degraded, and needs no key', async () => {
    const server = await startTestServer({ env: { API_KEYS: 'dashboard:key-12345678' } });
    const response = await server.fetch('/ready');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ ready: true, degraded: [] });
    expect(server.calls).toEqual([]);
  });

  it('is 200 when the store is lost, and names it', async () => {
    const store = Object.assign(testStore(), { lostBecause: 'connect ECONNREFUSED' });
    const server = await startTestServer({ store });
    const response = await server.fetch('/ready');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      ready: true,
      degraded: ['store: lost, memory stands in for it'],
    });
    expect(server.calls).toEqual([]);
  });

  it('is 503 once the server ends, which still answers operations', async () => {
    let isEnding = false;
    const server = await startTestServer({ isEnding: () => isEnding });
    expect((await server.fetch('/ready')).status).toBe(200);
    isEnding = true;
    const response = await server.fetch('/ready');
    expect([response.status, await response.json()]).toEqual([503, { ready: false, degraded: [] }]);
    expect((await server.fetch('/health')).status).toBe(200);
    expect((await server.ask(profile)).errors).toBeUndefined();
    expect(server.calls).toHaveLength(1);
  });

  it('is 200 when a stop holds every call, and names its code', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 601, data: null } }));
    const server = await startTestServer({ upstream });
    await server.ask(profile);
    expect(await (await server.fetch('/ready')).json()).toEqual({
      ready: true,
      degraded: ['upstream: stopped by UPSTREAM_BALANCE_EXHAUSTED'],
    });
    expect(upstream.calls).toHaveLength(1);
  });

  it('names an endpoint whose circuit is open', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 600, data: null } }));
    const server = await startTestServer({ upstream });
    await server.ask(profile);
    expect(await (await server.fetch('/ready')).json()).toEqual({
      ready: true,
      degraded: ['profile: circuit OPEN'],
    });
    expect(upstream.calls).toHaveLength(1);
  });
});
