import { createHash } from 'node:crypto';
import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { documentFolder } from '../fixtures.js';
import { type Answer, answerOf, cost, startTestServer, type TestServer } from '../harness.js';

const profile = 'query Profile($id: ID!) { creator(id: $id) { profile { name } } }';
const hex = createHash('sha256').update(profile).digest('hex');
const id = '6629722295873044494';
const variables = { id };
const calls = [`profile ${id} SHORT_VIDEO`];
const answered = {
  data: { creator: { profile: { name: '张大仙' } } },
  extensions: { sandbox: true, cost: cost({ paidCalls: 1 }) },
};

/** A server with these documents and the one above. */
async function startWithDocuments(
  documents: Record<string, string> = {},
  env: Record<string, string> = {},
): Promise<TestServer & { readonly folder: string }> {
  const folder = await documentFolder({ 'client.json': { [`sha256:${hex}`]: profile, ...documents } });
  return { ...(await startTestServer({ env: { PERSISTED_DOCUMENTS: folder, ...env } })), folder };
}

interface Reply extends Answer {
  readonly status: number;
}

const responseType = 'application/graphql-response+json';

async function post(server: TestServer, params: unknown, headers: Record<string, string> = {}) {
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(params),
  });
  return { status: response.status, ...(await answerOf(response)) } as Reply;
}

async function get(
  server: TestServer,
  params: Record<string, unknown>,
  headers: Record<string, string> = {},
) {
  const texts = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const response = await server.fetch(`/graphql?${new URLSearchParams(texts)}`, { headers });
  return { status: response.status, ...(await answerOf(response)) } as Reply;
}

function codesOf({ errors }: Answer): unknown[] | undefined {
  return errors?.map(({ extensions }) => extensions['code']);
}

const apolloParams = (sha256Hash: unknown, version = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
});

describe('a persisted document', () => {
  it.each([
    ['a prefixed documentId', { documentId: `sha256:${hex}` }],
    ['a bare documentId', { documentId: hex }],
    ["Apollo's hash", apolloParams(hex)],
    ["Apollo's hash, as codegen writes it", apolloParams(`sha256:${hex}`)],
    ['an id with another text beside it', { documentId: hex, query: '{ upstream { callsToday } }' }],
    ['a hash with another text beside it', { ...apolloParams(hex), query: '{ never parsed' }],
  ])('is executed by %s, over POST and GET', async (_, named) => {
    const posted = await startWithDocuments();
    expect(await post(posted, { ...named, variables })).toEqual({ status: 200, ...answered });
    expect(posted.calls).toEqual(calls);
    const got = await startWithDocuments();
    expect(await get(got, { ...named, variables })).toEqual({ status: 200, ...answered });
    expect(got.calls).toEqual(calls);
  });

  it('shares its cached sections with the same document sent as text', async () => {
    const server = await startWithDocuments();
    await server.ask(profile, variables);
    expect(await post(server, { documentId: hex, variables })).toEqual({
      status: 200,
      data: answered.data,
      extensions: { sandbox: true, cost: cost({ cachedCalls: 1 }) },
    });
    expect(server.calls).toEqual(calls);
  });

  it('may have several operations, and the request names one', async () => {
    const both = `query Profile { creator(id: "${id}") { profile { name } } } query Day { upstream { callsToday } }`;
    const server = await startWithDocuments({ both });
    expect(await get(server, { documentId: 'both', operationName: 'Day' })).toEqual({
      status: 200,
      data: { upstream: { callsToday: 0 } },
    });
    expect(server.calls).toEqual([]);
    expect(await post(server, { documentId: 'both', operationName: 'Profile' })).toEqual({
      status: 200,
      ...answered,
    });
    expect(server.calls).toEqual(calls);
  });

  it.each([
    ['an id that JSON has rounded', {}, { id: Number(id) }, 'BAD_USER_INPUT'],
    ['missing variables', {}, {}, 'BAD_USER_INPUT'],
    ['more calls than an operation may plan', { QUERY_MAX_CALLS: '1' }, variables, 'QUERY_TOO_EXPENSIVE'],
    ['no API key', { API_KEYS: 'dash:secret-key-1' }, variables, 'UNAUTHENTICATED'],
  ])('has the limits of any other document: %s', async (_, env, given, code) => {
    const two = 'query ($id: ID!) { creator(id: $id) { profile { name } prices { id } } }';
    const server = await startWithDocuments({ two }, env);
    expect(codesOf(await post(server, { documentId: 'two', variables: given }))).toEqual([code]);
    expect(codesOf(await get(server, { documentId: 'two', variables: given }))).toEqual([code]);
    expect(server.calls).toEqual([]);
  });

  it('can be priced by a dry run', async () => {
    const server = await startWithDocuments();
    const answer = await post(server, { documentId: hex, variables }, { 'x-dry-run': '1' });
    expect(codesOf(answer)).toEqual(['DRY_RUN']);
    expect(answer.extensions?.cost?.paidCalls).toBe(1);
    expect(server.calls).toEqual([]);
  });
});

describe('an invalid persisted document', () => {
  const manyAliases = Array.from({ length: 401 }, (_, nth) => `a${nth}: __typename`).join(' ');
  const manyTokens = Array.from({ length: 5_001 }, () => '__typename').join(' ');
  const invalid: Record<string, [text: string, code: string, why: string]> = {
    gone: ['{ creator(id: "1") { age } }', 'GRAPHQL_VALIDATION_FAILED', 'Cannot query field "age"'],
    broken: ['{ creator(', 'GRAPHQL_PARSE_FAILED', 'Syntax Error'],
    aliases: [`{ ${manyAliases} }`, 'GRAPHQL_VALIDATION_FAILED', 'Expected at most 400 aliases'],
    tokens: [`{ ${manyTokens} }`, 'GRAPHQL_PARSE_FAILED', '5000 tokens'],
  };

  it('is logged once at the start, with file, id and reason, and refused; other documents are executed', async () => {
    const server = await startWithDocuments(
      Object.fromEntries(Object.entries(invalid).map(([id, [text]]) => [id, text])),
    );
    expect(server.logs.map((line) => JSON.parse(line))).toEqual([
      [
        'warn',
        {
          invalid: Object.entries(invalid).map(([id, [, , why]]) => ({
            file: `${server.folder}/client.json`,
            id,
            why: expect.stringContaining(why),
          })),
        },
        expect.stringContaining('are invalid here'),
      ],
    ]);
    for (const [documentId, [, code, why]] of Object.entries(invalid)) {
      const { errors } = await post(server, { documentId });
      expect(errors?.[0]).toMatchObject({ message: expect.stringContaining(why), extensions: { code } });
    }
    expect(server.calls).toEqual([]);
    expect(await post(server, { documentId: hex, variables })).toMatchObject(answered);
    expect(server.calls).toEqual(calls);
  });

  it('is the only thing that is logged at the start', async () => {
    const server = await startWithDocuments();
    expect(server.logs).toEqual([]);
    expect(server.calls).toEqual([]);
  });
});

describe('an unknown id', () => {
  const unknown = ['unknown', '', '__proto__', 'constructor', `sha1:${hex}`, hex.toUpperCase()];

  it.each(unknown)('is refused with advice, and nothing is called: %j', async (documentId) => {
    const server = await startWithDocuments();
    for (const answer of [
      await post(server, { documentId, variables }, { accept: responseType }),
      await get(server, { documentId, variables }, { accept: responseType }),
    ]) {
      expect(answer).toEqual({
        status: 400,
        errors: [
          {
            message:
              "The server has no document with this id. Send the query itself. The operator adds a client's manifest to PERSISTED_DOCUMENTS.",
            extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', retryable: false },
          },
        ],
      });
    }
    expect(server.calls).toEqual([]);
  });

  it("is refused with the message that Apollo's and urql's clients know, uncached, so that they send the text", async () => {
    const server = await startTestServer();
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ ...apolloParams(hex), variables }),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await answerOf(response)).toEqual({
      errors: [
        {
          message: 'PersistedQueryNotFound',
          extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', retryable: false },
        },
      ],
    });
    expect(server.calls).toEqual([]);
    expect(await post(server, { ...apolloParams(hex), query: profile, variables })).toMatchObject(answered);
    // The server does not add the text that a client sends.
    expect(codesOf(await post(server, { ...apolloParams(hex), variables }))).toEqual([
      'PERSISTED_QUERY_NOT_FOUND',
    ]);
    expect(server.calls).toEqual(calls);
  });

  it('is ignored if the request has a text', async () => {
    const server = await startWithDocuments();
    expect(await post(server, { documentId: 'unknown', query: profile, variables })).toMatchObject(answered);
    expect(server.calls).toEqual(calls);
  });

  it.each([
    [5, 'a value of type number'],
    [[hex], 'an array'],
    [{}, 'a value of type object'],
  ])('is refused if it is not a string: %j', async (documentId, got) => {
    const server = await startWithDocuments();
    for (const named of [{ documentId }, apolloParams(documentId)]) {
      expect(await post(server, { ...named, query: profile, variables })).toEqual({
        status: 400,
        errors: [
          {
            message: `Expected the document's id to be a string, but got ${got}.`,
            extensions: { code: 'BAD_REQUEST' },
          },
        ],
      });
    }
    expect(server.calls).toEqual([]);
  });

  it.each([
    {},
    { documentId: null },
    apolloParams(hex, 2),
    apolloParams(null),
    { extensions: { persistedQuery: null } },
  ])('is not the same as a request without an id: %j', async (named) => {
    const server = await startWithDocuments();
    expect(codesOf(await post(server, { ...named, variables }))).toEqual(['BAD_REQUEST']);
    expect(server.calls).toEqual([]);
    expect(await post(server, { ...named, query: profile, variables })).toMatchObject(answered);
    expect(server.calls).toEqual(calls);
  });
});

describe('PERSISTED_ONLY', () => {
  const only = { PERSISTED_ONLY: '1' };
  const required = {
    status: 403,
    errors: [
      {
        message:
          'This server executes persisted documents only (PERSISTED_ONLY). Send the id of one as documentId, instead of a query.',
        extensions: { code: 'PERSISTED_DOCUMENT_REQUIRED', retryable: false },
      },
    ],
  };

  it('allows persisted documents, and ignores a text beside the id', async () => {
    const server = await startWithDocuments({}, only);
    const prices = `{ creator(id: "${id}") { prices { id } } }`;
    expect(await post(server, { documentId: hex, query: prices, variables })).toMatchObject(answered);
    expect((await get(server, { documentId: hex, query: prices, variables })).data).toEqual(answered.data);
    expect(server.calls).toEqual(calls);
  });

  it.each([
    ['a query, even the text of a persisted one', { query: profile, variables }],
    ['introspection, which GraphiQL needs', { query: getIntrospectionQuery() }],
    ['a request without a query', {}],
  ])('refuses %s, and nothing is called', async (_, params) => {
    const server = await startWithDocuments({}, only);
    expect(await post(server, params, { accept: responseType })).toEqual(required);
    expect(await get(server, params, { accept: responseType })).toEqual(required);
    expect(server.calls).toEqual([]);
  });

  it.each(['application/graphql', 'application/x-www-form-urlencoded'])(
    'refuses a query sent as %s',
    async (type) => {
      const server = await startWithDocuments({}, only);
      const body = type === 'application/graphql' ? profile : `${new URLSearchParams({ query: profile })}`;
      const headers = { 'content-type': type, accept: responseType };
      const response = await server.fetch('/graphql', { method: 'POST', headers, body });
      expect({ status: response.status, ...(await answerOf(response)) }).toEqual(required);
      expect(server.calls).toEqual([]);
    },
  );

  it('refuses an unknown id, even with a text, and says that a text does not help', async () => {
    const server = await startWithDocuments({}, only);
    for (const named of [{ documentId: 'unknown' }, apolloParams('unknown')]) {
      for (const params of [named, { ...named, query: profile, variables }]) {
        const answer = await post(server, params, { accept: responseType });
        expect(answer.status).toBe(400);
        expect(codesOf(answer)).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
        expect(answer.errors?.[0]?.message).toContain('No query text is answered either.');
      }
    }
    expect(server.calls).toEqual([]);
  });

  it.each(['/health', '/ready', '/metrics', '/graphql'])('allows %s', async (path) => {
    const server = await startWithDocuments({}, only);
    const response = await server.fetch(path, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
    expect(server.calls).toEqual([]);
  });
});
