import { describe, expect, it } from 'vitest';
import { testStore } from '../fixtures.js';
import { startTestServer } from '../harness.js';

const profile = '{ creator(id: "6629722295873044494") { profile { name } } }';

describe('/metrics', () => {
  it('shows paid calls, the store and the circuits', async () => {
    const server = await startTestServer();
    await server.ask(profile);
    const response = await server.fetch('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    const metrics = await response.text();
    expect(metrics).toContain('\nxingtu_store_up 1\n');
    expect(metrics).toContain('\nxingtu_calls_paid_total 1\n');
    expect(metrics).toContain('\nxingtu_budget_spent_calls{budget="server"} 1\n');
    expect(metrics).not.toContain('\nxingtu_budget_low{');
    expect(metrics).toContain('\nxingtu_stopped 0\n');
    expect(metrics).toContain('\nxingtu_circuit_open{endpoint="profile"} 0\n');
    expect(server.calls).toHaveLength(1);
  });

  it('shows what is spent of each budget, and that it is low from four fifths on', async () => {
    const env = { DAILY_MAX_CALLS: '10', API_KEYS: 'ops:key-12345678:admin,dash:key-87654321:5' };
    const server = await startTestServer({ env });
    const metrics = async () => {
      const headers = { authorization: 'Bearer key-12345678' };
      return (await (await server.fetch('/metrics', { headers })).text()).split('\n');
    };
    const askAs = (key: string, ids: readonly string[]) =>
      server.ask(
        'query ($ids: [ID!]!) { creators(ids: $ids) { profile { id } } }',
        { ids },
        {
          authorization: `Bearer ${key}`,
        },
      );
    await askAs('key-87654321', ['6629722295873044494', '6712345678901234502', '6712345678901234503']);
    expect(await metrics()).toEqual(
      expect.arrayContaining([
        'xingtu_budget_spent_calls{budget="server"} 3',
        'xingtu_budget_spent_calls{budget="key ops"} 0',
        'xingtu_budget_spent_calls{budget="key dash"} 3',
        'xingtu_budget_limit_calls{budget="server"} 10',
        'xingtu_budget_limit_calls{budget="key dash"} 5',
        'xingtu_budget_low{budget="server"} 0',
        'xingtu_budget_low{budget="key dash"} 0',
      ]),
    );
    expect(server.logs).toEqual([]);
    await askAs('key-87654321', ['6712345678901234504']);
    expect(await metrics()).toContain('xingtu_budget_low{budget="key dash"} 1');
    expect(server.logs.join()).toContain("4 of the day's 5 paid calls (API_KEYS, dash)");
    expect(server.calls).toHaveLength(4);
  });

  it('shows that the store is lost', async () => {
    const server = await startTestServer({ store: Object.assign(testStore(), { lostBecause: 'disk full' }) });
    expect(await (await server.fetch('/metrics')).text()).toContain('\nxingtu_store_up 0\n');
    expect(server.calls).toEqual([]);
  });

  it.each([
    ['no key', {}, 401, 'Bearer realm="Xingtu GraphQL"'],
    ['a wrong key', { authorization: 'Bearer key-1234567x' }, 401, /error="invalid_token"$/],
    ['a key that is no admin', { authorization: 'Bearer key-87654321' }, 403, /error="insufficient_scope"$/],
    ['an admin', { authorization: 'Bearer key-12345678' }, 200, null],
  ])("requires an admin's key if the server has keys: %s", async (_, headers, status, challenge) => {
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
