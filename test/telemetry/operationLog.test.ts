import { describe, expect, it } from 'vitest';
import { documentFolder } from '../fixtures.js';
import { cost, sandboxUpstream, scriptedUpstream, startTestServer, success } from '../harness.js';
import { allPartsOf } from '../incrementalParts.js';

const id = '6629722295873044494';
const json = { 'content-type': 'application/json' };

const named = (name: string) => success({ nick_name: name });

describe('the log', () => {
  it('has one line for a call and one for its operation, and one for an operation without a call', async () => {
    const upstream = await scriptedUpstream(() => named('张'));
    const env = { API_KEYS: 'dash:key-87654321', RESPONSE_MEMO: '0' };
    const server = await startTestServer({ upstream, env });
    const headers = { authorization: 'Bearer key-87654321', 'x-request-id': 'req-1' };
    const query = `query Names { creator(id: "${id}") { profile { name } } }`;
    await server.ask(query, undefined, headers);
    await server.ask(query, undefined, headers);
    const operation = {
      level: 'info',
      msg: 'operation',
      requestId: 'req-1',
      key: 'dash',
      operationName: 'Names',
    };
    expect(server.records).toEqual([
      {
        level: 'info',
        msg: 'call',
        requestId: 'req-1',
        key: 'dash',
        operationName: 'Names',
        endpoint: 'profile',
        subject: id,
        callKey: expect.stringMatching(/^[\da-f]{16}$/),
        code: 'OK',
        billed: 'yes',
        attempts: 1,
        ms: expect.any(Number),
        bytes: expect.any(Number),
      },
      { ...operation, outcome: 'ok', ms: expect.any(Number), cost: cost({ paidCalls: 1 }) },
      { ...operation, outcome: 'ok', ms: expect.any(Number), cost: cost({ cachedCalls: 1 }) },
    ]);
    expect(server.logs).toEqual([]);
    expect(upstream.calls).toHaveLength(1);
  });

  it('has the outcome of each operation, and the codes of its errors with their number', async () => {
    const upstream = await scriptedUpstream((call) =>
      call.startsWith('prices') ? { body: { code: 600, data: null } } : named('张'),
    );
    const server = await startTestServer({ upstream, env: { QUERY_MAX_CALLS: '2' } });
    const lineOf = async (query: string, headers: Record<string, string> = {}) => {
      await server.ask(query, undefined, headers);
      const record = server.records.at(-1);
      return [record?.['outcome'], record?.['errorCodes']];
    };
    const creator = (sections: string) => `{ creator(id: "${id}") { ${sections} } }`;
    expect(await lineOf('{ upstream { isSandbox } }')).toEqual(['ok', undefined]);
    expect(await lineOf(creator('profile { name } prices { id }'))).toEqual([
      'partial',
      { UPSTREAM_FORBIDDEN: 1 },
    ]);
    expect(await lineOf('{ creators(ids: ["1", "2"]) { id } }')).toEqual(['partial', { BAD_USER_INPUT: 2 }]);
    expect(await lineOf('{ nonsense }')).toEqual(['refused', { GRAPHQL_VALIDATION_FAILED: 1 }]);
    expect(await lineOf('{')).toEqual(['refused', { GRAPHQL_PARSE_FAILED: 1 }]);
    expect(await lineOf(creator('profile { id } prices { id } cpMetrics { id }'))).toEqual([
      'refused',
      { QUERY_TOO_EXPENSIVE: 1 },
    ]);
    expect(await lineOf(creator('cpMetrics { id }'), { 'x-dry-run': '1' })).toEqual([
      'dry_run',
      { DRY_RUN: 1 },
    ]);
    expect(upstream.calls).toEqual([`profile ${id} SHORT_VIDEO`, `prices ${id} SHORT_VIDEO`]);
  });

  it('names the document that a client sent by its id', async () => {
    const hash = 'status-1';
    const folder = await documentFolder({ 'a.json': { [hash]: 'query Status { upstream { isSandbox } }' } });
    const server = await startTestServer({ env: { PERSISTED_DOCUMENTS: folder } });
    await server.fetch('/graphql', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ documentId: hash }),
    });
    expect(server.records).toMatchObject([{ documentId: hash, operationName: 'Status', outcome: 'ok' }]);
    expect(server.calls).toEqual([]);
  });

  it('has one line for a delivery in parts, with the errors of all of them and the cost', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 600, data: null } }));
    const server = await startTestServer({ upstream });
    const query = `query Parts { creator(id: "${id}") { id ... @defer { prices { id } } } }`;
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { ...json, accept: 'multipart/mixed' },
      body: JSON.stringify({ query }),
    });
    await allPartsOf(response);
    const operations = server.records.filter(({ msg }) => msg === 'operation');
    expect(operations).toMatchObject([
      {
        operationName: 'Parts',
        outcome: 'partial',
        errorCodes: { UPSTREAM_FORBIDDEN: 1 },
        cost: { failedCalls: 1 },
      },
    ]);
    expect(upstream.calls).toHaveLength(1);
  });

  it('sums up the responses that the fast path sends again, every ten seconds and at the end', async () => {
    const server = await startTestServer({ env: { RESPONSE_MEMO: '1' } });
    const query = `query Names { creator(id: "${id}") { profile { id } } }`;
    for (let nth = 0; nth < 7; nth += 1) await server.ask(query);
    expect(server.tally).toEqual({ memo: 5, executed: 2 });
    const repeated = () => server.records.filter(({ msg }) => msg === 'operation repeated');
    expect(repeated()).toEqual([]);
    server.clock.advance(10);
    const line = {
      level: 'info',
      msg: 'operation repeated',
      operationName: 'Names',
      outcome: 'ok',
      cost: cost({ cachedCalls: 1 }),
    };
    expect(repeated()).toEqual([{ ...line, repeats: 5 }]);
    server.clock.advance(10);
    for (let nth = 0; nth < 3; nth += 1) await server.ask(query);
    server.telemetry.flush();
    expect(repeated()).toEqual([
      { ...line, repeats: 5 },
      { ...line, repeats: 3 },
    ]);
    expect(server.calls).toHaveLength(1);
  });

  it('has no value of a variable but ids, no key, and no line for a page', async () => {
    const upstream = await sandboxUpstream();
    const server = await startTestServer({ upstream, env: { API_KEYS: 'ops:key-12345678:admin' } });
    const headers = { authorization: 'Bearer key-12345678' };
    const query = 'query Find($filter: CreatorFilter) { searchCreators(filter: $filter) { items { name } } }';
    await server.ask(query, { filter: { keyword: 'a-private-word' } }, headers);
    await server.ask('query ($x: Int!) { creator(id: "1") { id } }', { x: 'another-private-word' }, headers);
    await server.fetch('/metrics', { headers });
    await server.fetch('/ready');
    await server.fetch('/nowhere', { headers });
    expect(server.records.map(({ msg, outcome, endpoint }) => [msg, outcome ?? endpoint])).toEqual([
      ['call', 'searchCreators'],
      ['operation', 'ok'],
      ['operation', 'refused'],
    ]);
    const text = JSON.stringify([server.records, server.logs]);
    expect(text).not.toContain('private-word');
    expect(text).not.toContain('key-12345678');
    expect(upstream.calls).toHaveLength(1);
  });

  it('says that a client disconnected, and that its call was paid all the same', async () => {
    const upstream = await scriptedUpstream(() => (response) => {
      client.abort();
      response.end(JSON.stringify({ code: 0, data: { nick_name: '张' } }));
    });
    const server = await startTestServer({ upstream });
    const client = new AbortController();
    const query = `query Gone { creator(id: "${id}") { profile { name } } }`;
    const asking = server.fetch('/graphql', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ query }),
      signal: client.signal,
    });
    await expect(asking).rejects.toThrow();
    await server.client.settled(5_000);
    expect(server.records.find(({ msg }) => msg === 'call')).toMatchObject({
      billed: 'yes',
      operationName: 'Gone',
    });
    expect(upstream.calls).toHaveLength(1);
  });
});
