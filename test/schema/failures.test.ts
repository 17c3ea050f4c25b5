import { describe, expect, it, vi } from 'vitest';
import { stringify } from '../../src/sandbox/bodies/body.js';
import { bodies } from '../../src/sandbox/bodies/table.js';
import { schema } from '../../src/schema/index.js';
import { modelledNames } from '../../src/upstream/endpoints/table.js';
import { cost, type Reply, scriptedUpstream, startTestServer, type Upstream } from '../harness.js';

const id = '6629722295873044494';

const sections = modelledNames.filter((name) => name !== 'searchCreators');

const everySection = `{ creator(id: "${id}") { id ${sections.map((name) => `${name} { hasData }`).join(' ')} } }`;

/** Without retries, which have their own tests. */
const once = { UPSTREAM_RETRIES: '0' };

interface Failure {
  readonly cause: string;
  readonly reply: Reply;
  readonly code: string;
  readonly upstreamCode?: number;
  readonly retryable: boolean;
}

const business = (upstreamCode: number, code: string, retryable: boolean): Failure => ({
  cause: `code ${upstreamCode}`,
  reply: { body: { code: upstreamCode, message: 'no', data: null } },
  code,
  upstreamCode,
  retryable,
});

const failures: readonly Failure[] = [
  business(100, 'UPSTREAM_UNAUTHENTICATED', false),
  business(101, 'UPSTREAM_UNAUTHENTICATED', false),
  business(600, 'UPSTREAM_FORBIDDEN', false),
  business(301, 'UPSTREAM_COLLECTION_FAILED', true),
  business(300, 'UPSTREAM_COLLECTION_FAILED', true),
  business(302, 'UPSTREAM_RATE_LIMITED', true),
  business(303, 'UPSTREAM_QUOTA_EXCEEDED', true),
  business(601, 'UPSTREAM_BALANCE_EXHAUSTED', false),
  business(602, 'UPSTREAM_BALANCE_EXHAUSTED', false),
  business(500, 'UPSTREAM_UNAVAILABLE', true),
  business(503, 'UPSTREAM_UNAVAILABLE', true),
  business(400, 'BAD_USER_INPUT', false),
  business(777, 'UPSTREAM_REJECTED', true),
  {
    cause: 'base_resp failing inside code 0',
    reply: { body: { code: 0, data: { base_resp: { status_code: 5 } } } },
    code: 'UPSTREAM_REJECTED',
    upstreamCode: 5,
    retryable: true,
  },
  {
    cause: 'HTML with 200',
    reply: { body: '<html></html>' },
    code: 'UPSTREAM_INVALID_RESPONSE',
    retryable: true,
  },
  {
    cause: 'HTTP 503 without a code',
    reply: { status: 503, body: '' },
    code: 'UPSTREAM_UNAVAILABLE',
    retryable: true,
  },
];

const cases = sections.flatMap((endpoint) => failures.map((failure) => ({ endpoint, ...failure })));

describe('a failing endpoint nulls its own field only', () => {
  it.each(cases)('$endpoint, $cause: $code', async ({ endpoint, reply, code, upstreamCode, retryable }) => {
    const upstream = await failingOnly(endpoint, reply);
    const server = await startTestServer({ upstream, env: once });
    const { data, errors } = await server.ask(everySection);

    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.path).toEqual(['creator', endpoint]);
    expect(errors?.[0]?.extensions).toMatchObject({ code, retryable });
    expect(errors?.[0]?.extensions['upstreamCode']).toBe(upstreamCode);
    for (const name of sections) {
      expect(data.creator[name]).toEqual(name === endpoint ? null : { hasData: true });
    }
    expect(upstream.calls).toHaveLength(sections.length);
  });
});

describe('"no data" is a section, not an error', () => {
  const empty = [
    ['code 201', { code: 201, data: null }],
    ['code 202', { code: 202, message: 'not found', data: null }],
    ['a body code 404', { code: 404, data: null }],
    ['code 0 without data', { code: 0, data: null }],
    ['code 0 with nothing but its own status', { code: 0, data: { base_resp: { status_code: 0 } } }],
  ] as const;

  it.each(empty)('%s', async (_, body) => {
    const upstream = await scriptedUpstream(() => ({ body }));
    const server = await startTestServer({ upstream });
    const query = `{ creator(id: "${id}") {
      profile { hasData isStale raw name gender tags { name } followerCount mcn { name } }
      prices { hasData items { label } cheapestAvailable { label } byDuration { seconds1To20 { label } } }
      cpMetrics { hasData viralRate expectedCpm { seconds1To20 { amount } } }
      recommendedVideos { hasData newest { id } }
      audienceTouch { hasData categories { name } }
    } }`;
    const first = await server.ask(query);
    expect(first.errors).toBeUndefined();
    expect(first.data.creator).toEqual({
      profile: {
        hasData: false,
        isStale: false,
        raw: null,
        name: null,
        gender: 'UNKNOWN',
        tags: [],
        followerCount: null,
        mcn: null,
      },
      prices: { hasData: false, items: [], cheapestAvailable: null, byDuration: { seconds1To20: null } },
      cpMetrics: { hasData: false, viralRate: null, expectedCpm: { seconds1To20: null } },
      recommendedVideos: { hasData: false, newest: [] },
      audienceTouch: { hasData: false, categories: [] },
    });
    expect(first.extensions).toEqual({ cost: cost({ paidCalls: 5 }) });
    const second = await server.ask(query);
    expect(second.data).toEqual(first.data);
    expect(second.extensions).toEqual({ cost: cost({ cachedCalls: 5 }) });
    expect(upstream.calls).toHaveLength(5);
  });
});

describe('an error', () => {
  it('says what happened and what to do, and repeats nothing of upstream', async () => {
    const upstream = await scriptedUpstream(() => ({
      body: { code: 301, message: 'secret detail of upstream', data: null },
    }));
    const server = await startTestServer({ upstream, env: once });
    const { errors } = await server.ask(`{ creator(id: "${id}") { profile { name } } }`);
    expect(errors).toEqual([
      {
        message: 'Upstream could not collect the data this time. Try again in a moment.',
        locations: [{ line: 1, column: 40 }],
        path: ['creator', 'profile'],
        extensions: {
          code: 'UPSTREAM_COLLECTION_FAILED',
          endpoint: 'profile',
          upstreamCode: 301,
          retryable: true,
        },
      },
    ]);
    expect(upstream.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });

  it('of a malformed id is at its own index of creators', async () => {
    const server = await startTestServer();
    const { data, errors } = await server.ask(`{ creators(ids: ["${id}", "nonsense", "${id}"]) { id } }`);
    expect(data.creators).toEqual([{ id }, null, { id }]);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({
      path: ['creators', 1],
      extensions: { code: 'BAD_USER_INPUT', retryable: false },
    });
    expect(server.calls).toEqual([]);
  });

  it('of a value that does not fit the schema is a bug of ours, which is masked and logged', async () => {
    const server = await startTestServer();
    const { lookUp } = server.client;
    server.client.lookUp = (requests, operation) =>
      lookUp(requests, operation).map(async (looking) => Object.assign(await looking, { gender: 'detail' }));
    const { data, errors } = await server.ask(`{ creator(id: "${id}") { profile { name gender } } }`);
    expect(data.creator.profile).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(JSON.stringify(errors)).not.toContain('detail');
    expect(server.logs.join()).toContain('detail');
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });

  it('that is a bug of ours is masked and logged', async () => {
    const server = await startTestServer();
    server.client.lookUp = (requests) => requests.map(() => Promise.reject(new TypeError('secret detail')));
    const { data, errors } = await server.ask(`{ creator(id: "${id}") { profile { name } } }`);
    expect(data.creator.profile).toBeNull();
    expect(errors).toMatchObject([
      { path: ['creator', 'profile'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    expect(JSON.stringify(errors)).not.toContain('detail');
    expect(server.logs.join()).toContain('secret detail');
    expect(server.calls).toEqual([]);
  });

  it('that is a bug of ours and makes all data null is masked and logged, too', async () => {
    const server = await startTestServer();
    const { creators } = schema.getQueryType()?.getFields() ?? {};
    const resolve = vi.spyOn(creators as Required<NonNullable<typeof creators>>, 'resolve');
    resolve.mockImplementation(() => {
      throw new TypeError('secret detail');
    });
    const answer = await server.ask(`{ creators(ids: ["${id}"]) { profile { name } } }`);
    resolve.mockRestore();
    expect(answer.data).toBeNull();
    expect(answer.errors).toMatchObject([
      { path: ['creators'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    expect(JSON.stringify(answer)).not.toContain('detail');
    expect(server.logs.join()).toContain('secret detail');
    expect(server.calls).toEqual([]);
  });
});

/** The sandbox's answers, except those of one endpoint. */
function failingOnly(endpoint: string, reply: Reply): Promise<Upstream> {
  const query = new URLSearchParams({ oAuthorId: id, platform: 'SHORT_VIDEO' });
  const answers = new Map<string, string>(
    sections.map((name) => [name, stringify({ code: 0, data: bodies[name].data(query) })]),
  );
  return scriptedUpstream((call) => {
    const [name = ''] = call.split(' ');
    return name === endpoint ? reply : { body: answers.get(name) ?? '' };
  });
}
