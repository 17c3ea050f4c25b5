import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { testStore } from '../fixtures.js';
import { answerOf, scriptedUpstream, startTestServer, success } from '../harness.js';
import { graphqlUrl, start } from '../program.js';

const profile = '{ creator(id: "6629722295873044494") { profile { name } } }';

describe('/metrics', () => {
  it('shows paid calls, the store and the circuits', async () => {
    const server = await startTestServer();
    await server.ask(profile);
    const response = await server.fetch('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    const metrics = await response.text();
    expect(metrics).toContain('\nxingtu_store_up 1\n');
    expect(metrics).toContain('\nxingtu_calls_paid_total{key="",endpoint="profile"} 1\n');
    expect(metrics).toContain('\nxingtu_budget_spent_calls{budget="server"} 1\n');
    expect(metrics).not.toContain('\nxingtu_budget_low{');
    expect(metrics).toContain('\nxingtu_stopped 0\n');
    expect(metrics).toContain('\nxingtu_circuit_state{endpoint="profile",state="closed"} 1\n');
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

describe('the metrics', () => {
  it('count operations by outcome, errors by code, look-ups by level, attempts and calls by endpoint', async () => {
    const upstream = await scriptedUpstream((call, nth) =>
      call.startsWith('prices')
        ? { body: { code: nth < 3 ? 301 : 400, data: null } }
        : success({ nick_name: '张' }),
    );
    const env = { API_KEYS: 'ops:key-12345678:admin,dash:key-87654321', RESPONSE_MEMO: '0' };
    const server = await startTestServer({ upstream, env });
    const id = '6629722295873044494';
    const ask = (sections: string) =>
      server.ask(`{ creator(id: "${id}") { ${sections} } }`, undefined, {
        authorization: 'Bearer key-87654321',
      });
    await ask('profile { name } prices { id }');
    await ask('profile { name } prices { id }');
    await ask('nonsense');
    const headers = { authorization: 'Bearer key-12345678' };
    const lines = (await (await server.fetch('/metrics', { headers })).text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'xingtu_operation_duration_seconds_count{outcome="partial"} 2',
        'xingtu_operation_duration_seconds_count{outcome="refused"} 1',
        'xingtu_errors_total{code="BAD_USER_INPUT"} 2',
        'xingtu_errors_total{code="GRAPHQL_VALIDATION_FAILED"} 1',
        'xingtu_lookups_total{outcome="paid"} 1',
        'xingtu_lookups_total{outcome="failed"} 1',
        'xingtu_lookups_total{outcome="memory"} 1',
        'xingtu_lookups_total{outcome="remembered"} 1',
        'xingtu_upstream_attempt_duration_seconds_count{endpoint="profile",code="OK"} 1',
        'xingtu_upstream_attempt_duration_seconds_count{endpoint="prices",code="UPSTREAM_COLLECTION_FAILED"} 1',
        'xingtu_upstream_attempt_duration_seconds_count{endpoint="prices",code="BAD_USER_INPUT"} 1',
        'xingtu_upstream_calls_total{endpoint="profile",outcome="paid"} 1',
        'xingtu_upstream_calls_total{endpoint="prices",outcome="unbilled"} 1',
        'xingtu_calls_paid_total{key="dash",endpoint="profile"} 1',
        'xingtu_queue_length 0',
        'xingtu_calls_in_flight 0',
        'xingtu_log_lines_dropped_total 0',
        'xingtu_drift_paths{endpoint="prices"} 0',
        'xingtu_build_info{version="0.0.0"} 1',
      ]),
    );
    expect(upstream.calls).toHaveLength(3);
  });

  it('have no name that a client chooses', async () => {
    const server = await startTestServer();
    await server.ask('query Chosen { chosen }');
    await server.ask('query Chosen { upstream { isSandbox } }', undefined, { 'x-request-id': 'chosen' });
    const text = await (await server.fetch('/metrics')).text();
    expect(text.toLowerCase()).not.toContain('chosen');
    expect(server.calls).toEqual([]);
  });

  it('answer a key that can do nothing else', async () => {
    const API_KEYS = 'scraper:key-12345678:metrics,dash:key-87654321';
    const server = await startTestServer({ env: { API_KEYS } });
    const headers = { authorization: 'Bearer key-12345678', 'content-type': 'application/json' };
    const metrics = await server.fetch('/metrics', { headers });
    expect(metrics.status).toBe(200);
    const text = await metrics.text();
    expect(text).toContain('xingtu_budget_spent_calls{budget="key dash"} 0');
    expect(text).not.toContain('key scraper');
    const body = JSON.stringify({ query: profile });
    const refused = await server.fetch('/graphql', { method: 'POST', headers, body });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toMatch(/error="insufficient_scope"$/);
    expect((await answerOf(refused)).errors).toEqual([
      {
        message: 'This API key may only read the metrics. Ask the operator of the server for another one.',
        extensions: { code: 'UNAUTHENTICATED', retryable: false },
      },
    ]);
    const csv = await server.fetch('/creators.csv?ids=6629722295873044494&key=key-12345678');
    expect(csv.status).toBe(403);
    expect(server.calls).toEqual([]);
  });

  it('answer a scraper by a name in ALLOWED_HOSTS, if the server has no keys', async () => {
    const server = await startTestServer({ env: { ALLOWED_HOSTS: 'xingtu' } });
    const statusFor = async (host: string) => (await server.fetch('/metrics', { headers: { host } })).status;
    expect([await statusFor('xingtu:4000'), await statusFor('other:4000')]).toEqual([200, 403]);
    expect(server.calls).toEqual([]);
  });
});

describe.skipIf(spawnSync('promtool', ['--version']).error)('the metrics of a server', () => {
  it('follow the conventions of Prometheus', async () => {
    const running = start({});
    const url = await graphqlUrl(running);
    const query = '{ creator(id: "6629722295873044494") { profile { name } nonsense } }';
    await fetch(`${url}?query=${encodeURIComponent(query)}`, { headers: { accept: 'application/json' } });
    const text = await (await fetch(new URL('/metrics', url))).text();
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect([checked.status, checked.stdout, checked.stderr]).toEqual([0, '', '']);
    expect(running.err).toBe('');
  });
});
