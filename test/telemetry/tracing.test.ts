import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { gatedUpstream, type ScriptedUpstream, scriptedUpstream, success } from '../harness.js';
import { graphqlUrl, type Running, start } from '../program.js';

const id = '6629722295873044494';
const token = 'token-5e9f1c0d%/+1ed';
const sdk = fileURLToPath(new URL('./recordSpans.js', import.meta.url));

interface RecordedSpan {
  readonly scope: string;
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly id: string;
  readonly parentId: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code: number };
  readonly links: readonly string[];
}

function startTraced({ baseUrl }: ScriptedUpstream): Running {
  const env = { JUSTONEAPI_TOKEN: token, JUSTONEAPI_BASE_URL: baseUrl, RESPONSE_MEMO: '1' };
  return start({ ...env, SHUTDOWN_DELAY_SECONDS: '0' }, { imports: [sdk] });
}

async function ask(url: string, query: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

/** Ends the program, and returns its spans with all that it wrote. */
async function spansOf(running: Running) {
  running.process.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  const lines = running.out.split('\n').filter((line) => line.startsWith('{'));
  const spans = lines.map((line): RecordedSpan => JSON.parse(line));
  return {
    spans,
    own: spans.filter(({ scope }) => scope === 'xingtu-graphql'),
    text: running.out + running.err,
  };
}

describe('traces', () => {
  it('have an operation, its sections and their attempts under the request, and the token nowhere', async () => {
    const upstream = await scriptedUpstream((call, nth) =>
      call.startsWith('prices')
        ? { body: { code: nth < 3 ? 301 : 600, data: null } }
        : success({ nick_name: `张 ${token}` }),
    );
    const running = startTraced(upstream);
    const url = await graphqlUrl(running);
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-request-id': 'req-1' };
    const query = `query Names { creator(id: "${id}") { profile { name } prices { id } } }`;
    await ask(url, query, headers);
    await ask(url, query, headers);
    const { spans, own, text } = await spansOf(running);

    const [operation] = own.filter(({ name }) => name === 'GraphQL operation');
    expect(operation).toMatchObject({
      traceId,
      attributes: {
        'graphql.operation.name': 'Names',
        'xingtu.outcome': 'partial',
        'xingtu.request_id': 'req-1',
      },
      status: { code: 0 },
    });
    const sections = own.filter(({ parentId }) => parentId === operation?.id);
    expect(
      sections
        .map(({ name, attributes, status }) => [name, attributes['xingtu.outcome'], status.code])
        .sort(),
    ).toEqual([
      ['section prices', 'failed', 2],
      ['section profile', 'paid', 0],
    ]);
    const attempts = own.filter(({ kind }) => kind === 2);
    const address = {
      'http.request.method': 'GET',
      'server.address': '127.0.0.1',
      'http.response.status_code': 200,
    };
    for (const attempt of attempts) {
      expect(attempt).toMatchObject({ traceId, attributes: address });
      expect(sections.map((section) => section.id)).toContain(attempt.parentId);
      expect(attempt.name).toMatch(/^GET \/api\/[^?]+$/);
    }
    expect(attempts).toHaveLength(upstream.calls.length);
    expect(attempts.map(({ attributes }) => attributes['error.type']).sort()).toEqual([
      'UPSTREAM_COLLECTION_FAILED',
      'UPSTREAM_FORBIDDEN',
      undefined,
    ]);
    // What the instrumentation of undici saw.
    const seen = spans.filter(({ scope }) => scope.includes('undici'));
    expect(seen).toHaveLength(upstream.calls.length);
    expect(JSON.stringify(seen)).toContain('oAuthorId');
    for (const form of [token, encodeURIComponent(token), 'token-5e9f1c0d']) expect(text).not.toContain(form);
    // The log has the trace.
    expect(running.records.join('')).toContain(`"traceId":"${traceId}"`);
  });

  it('have a link to the look-up whose call an operation joined', async () => {
    const upstream = await gatedUpstream(() => success({ nick_name: '张' }));
    const running = startTraced(upstream);
    const url = await graphqlUrl(running);
    const query = (name: string) => `query ${name} { creator(id: "${id}") { profile { name } } }`;
    const first = ask(url, query('First'));
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    const second = ask(url, query('Second'));
    await vi.waitFor(async () => {
      const metrics = await (await fetch(new URL('/metrics', url))).text();
      expect(metrics).toContain('xingtu_answers_total{from="executed"} 2');
    });
    upstream.open();
    await Promise.all([first, second]);
    const { own } = await spansOf(running);
    const sectionOf = (operationName: string) => {
      const operation = own.find(({ attributes }) => attributes['graphql.operation.name'] === operationName);
      return own.find(({ parentId }) => parentId === operation?.id);
    };
    const [started, joined] = [sectionOf('First'), sectionOf('Second')];
    expect(started).toMatchObject({ attributes: { 'xingtu.outcome': 'paid' }, links: [] });
    expect(joined).toMatchObject({ attributes: { 'xingtu.outcome': 'coalesced' }, links: [started?.id] });
    expect(own.filter(({ kind }) => kind === 2).map(({ parentId }) => parentId)).toEqual([started?.id]);
    expect(upstream.calls).toHaveLength(1);
  });

  it('have no span for a response that the fast path sends again, nor for a page', async () => {
    const upstream = await scriptedUpstream(() => success({ nick_name: '张' }));
    const running = startTraced(upstream);
    const url = await graphqlUrl(running);
    for (let nth = 0; nth < 4; nth += 1) await ask(url, `{ creator(id: "${id}") { profile { name } } }`);
    await (await fetch(new URL('/ready', url))).text();
    const { own } = await spansOf(running);
    expect(own.map(({ name }) => name).sort()).toEqual([
      `GET ${endpoints.profile.path}`,
      'GraphQL operation',
      'GraphQL operation',
      'section profile',
    ]);
    expect(upstream.calls).toHaveLength(1);
  });
});
