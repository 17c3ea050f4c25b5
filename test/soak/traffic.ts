import { createHash } from 'node:crypto';
import { type Random, randomFrom } from '../../src/sandbox/random.js';
import { opaqueId } from '../../src/schema/opaqueId.js';
import { callOf } from '../../src/upstream/endpoints/call.js';
import { operationOf } from '../bench/chaos/operations.js';

/** What a client sends. */
export interface Request {
  readonly kind: string;
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** When the client disconnects. Null: it stays. */
  readonly disconnectMs: number | null;
  /** The ids that the answer must have, in their order. */
  readonly ids: readonly string[];
  /** The call of which it wants an answer of at most this age. Null: the TTL is good enough. */
  readonly demand: { readonly callKey: string; readonly maxAgeSeconds: number } | null;
}

/** The clients' API keys. A few calls a day must be enough for the last one. */
export const keys = {
  app: 'key-soak-app-81c2',
  team: 'key-soak-team-90fe',
  operator: 'key-soak-operator-a7d3',
  tight: 'key-soak-tight-5b1e',
} as const;

export const tightBudget = 40;

export const apiKeys = {
  limited: `app:${keys.app},team:${keys.team},operator:${keys.operator}:admin,tight:${keys.tight}:${tightBudget}`,
  unlimited: `app:${keys.app},team:${keys.team},operator:${keys.operator}:admin,tight:${keys.tight}`,
} as const;

const json = { 'content-type': 'application/json', accept: 'application/json' };
const facts = 'id fetchedAt isStale';

const persisted = `query Persisted($id: ID!) { creator(id: $id) { id profile { ${facts} name followerCount } indices { ${facts} overall { value } } } }`;
const persistedId = `sha256:${createHash('sha256').update(persisted).digest('hex')}`;

/** For `PERSISTED_DOCUMENTS`. */
export const manifest = { [persistedId]: persisted };

/** Creators that only dry runs name, so nothing may ever be called about them. */
const firstDryId = 7_100_000_000_000_000_000n;

export function isOnlyNamedByDryRuns(id: string | null): boolean {
  return id?.startsWith('7100000000000000') === true;
}

/** Request number `n` of a run. It depends on the seed and the number alone. */
export function requestOf(seed: string, n: number, creators: number): Request {
  const random = randomFrom(`${seed}:request:${n}`);
  const kind = random.chance(0.5) ? sections : random.pick(kinds);
  const nth = BigInt(random.whole(0, creators - 1));
  const id = String(7_000_000_000_000_000_000n + nth);
  const asked = kind({ random, id, dryId: String(firstDryId + nth), seed, n, creators });
  const key = asked.key ?? random.pick([keys.app, keys.app, keys.app, keys.team]);
  return { ...asked, headers: { authorization: `Bearer ${key}`, ...asked.headers } };
}

interface Drawn {
  readonly random: Random;
  readonly id: string;
  readonly dryId: string;
  readonly seed: string;
  readonly n: number;
  readonly creators: number;
}

type Asked = Request & { readonly key?: string };

function post(kind: string, query: string, variables: object, headers: object = {}): Asked {
  return {
    kind,
    path: '/graphql',
    method: 'POST',
    headers: { ...json, ...headers },
    body: JSON.stringify({ query, variables }),
    disconnectMs: null,
    ids: [],
    demand: null,
  };
}

function get(kind: string, path: string): Asked {
  return { ...post(kind, '', {}), path, method: 'GET', headers: { accept: 'application/json' }, body: null };
}

function sections({ seed, n, creators }: Drawn): Asked {
  const { query, variables, disconnectMs } = operationOf(seed, n, creators);
  const { ids = [] } = variables as { readonly ids?: readonly string[] };
  const isEachValid = ids.every((id) => /^\d{15,20}$/.test(id));
  return { ...post('sections', query, variables), disconnectMs, ids: isEachValid ? ids : [] };
}

function ofCreator(kind: string, fields: string) {
  const query = `query Soak($id: ID!) { creator(id: $id) { id ${fields} } }`;
  return ({ id }: Drawn): Asked => ({ ...post(kind, query, { id }), ids: [id] });
}

const all = [
  `profile { ${facts} name followerCount }`,
  `prices { ${facts} items { label price { amount } } }`,
  `cpMetrics { ${facts} expectedPlayCount }`,
  `recommendedVideos { ${facts} newest { id playCount } }`,
  `audienceTouch { ${facts} categories { name count } }`,
  `performance { ${facts} videoCount medianPlayCount }`,
  `audience { ${facts} dimensions { kind buckets { key share } } }`,
  `followers { ${facts} dimensions { kind buckets { key share } } }`,
  `connectedUsers { ${facts} stages { stage count } }`,
  `indices { ${facts} overall { value } }`,
  `latestVideos { ${facts} raw }`,
].join(' ');

const three = `profile { ${facts} name followerCount } prices { ${facts} items { label price { amount } } } cpMetrics { ${facts} expectedPlayCount }`;

const kinds: readonly ((drawn: Drawn) => Asked)[] = [
  ofCreator('all sections', all),
  ofCreator('figures', `performance { ${facts} raw } indices { ${facts} raw }`),
  ofCreator('people', `audience { ${facts} raw } followers { ${facts} raw } connectedUsers { ${facts} raw }`),
  ofCreator(
    'history',
    `profile { ${facts} name followerCount history(last: 3) { id fetchedAt isStale name followerCount } }`,
  ),
  ({ random, id }) => {
    const endpoint = random.pick(['CHANNEL_INFO', 'CONTENT_MIX', 'ORDER_EXPERIENCE', 'SIDE_INFO']);
    const query = `query Unmodelled($id: ID!) { creator(id: $id) { id unmodelled(endpoint: ${endpoint}) { ${facts} endpoint raw } } }`;
    return { ...post('unmodelled', query, { id }), ids: [id] };
  },
  ({ random }) => {
    const query = `query Search($page: Int!, $sort: CreatorSort!, $filter: CreatorFilter) { searchCreators(page: $page, sort: $sort, filter: $filter) { ${facts} totalCount hasNextPage items { name followerCount creator { id profile { ${facts} name } } } } }`;
    const filter = random.pick([null, { followerCount: { min: 1_000_000 } }]);
    return post('search', query, { page: random.whole(1, 3), sort: 'FOLLOWERS', filter });
  },
  ({ random, id }) => {
    const name = random.pick(['profile', 'indices'] as const);
    const { key } = callOf(name, { creatorId: id, platform: 'SHORT_VIDEO' });
    const fields = name === 'profile' ? 'name followerCount' : 'overall { value }';
    const query = `query Node($id: ID!) { node(id: $id) { id ... on ${name === 'profile' ? 'Profile' : 'Indices'} { ${facts} ${fields} } } }`;
    return post('node', query, { id: random.chance(0.1) ? 'no-such-id' : opaqueId(key) });
  },
  ({ random, id }) => {
    const maxAgeSeconds = random.pick([0, 3, 10]);
    const query = `query MaxAge($id: ID!, $age: Int!) { creator(id: $id) { id profile(maxAgeSeconds: $age) { ${facts} name } } }`;
    const { key: callKey } = callOf('profile', { creatorId: id, platform: 'SHORT_VIDEO' });
    return {
      ...post('maxAgeSeconds', query, { id, age: maxAgeSeconds }),
      ids: [id],
      demand: { callKey, maxAgeSeconds },
    };
  },
  ({ dryId }) => post('dry run', `{ creator(id: "${dryId}") { ${all} } }`, {}, { 'x-dry-run': '1' }),
  ({ id }) => {
    const query = `query Deferred($id: ID!) { creator(id: $id) { id ... @defer { ${three} } } }`;
    return { ...post('defer', query, { id }, { accept: 'multipart/mixed' }), ids: [id] };
  },
  ({ id }) => get('etag', `/graphql?query=${encodeURIComponent(`{ creator(id: "${id}") { ${three} } }`)}`),
  ({ id }) => get('csv', `/creators.csv?ids=${id},${BigInt(id) ^ 1n}&fields=id,name,followers&language=en`),
  ({ random, id }) => {
    const documentId = random.chance(0.1) ? `sha256:${'0'.repeat(64)}` : persistedId;
    const body = JSON.stringify({ documentId, variables: { id } });
    return { ...post('persisted', '', {}), body, ids: documentId === persistedId ? [id] : [] };
  },
  ({ id }) => ({
    ...post(
      'tight budget',
      `query Tight($id: ID!) { creator(id: $id) { id ${three} } upstream { callsToday } }`,
      { id },
    ),
    key: keys.tight,
    ids: [id],
  }),
  ({ id }) => ({
    ...post('wrong key', `{ creator(id: "${id}") { id ${three} } }`, {}),
    key: 'key-nobody-has',
  }),
  () => ({
    ...post('spend', '{ upstream { callsToday stop { code } spend(days: 1) { calls payer } } }', {}),
    key: keys.operator,
  }),
];
