import { type Random, randomFrom } from '../../src/sandbox/random.js';
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
  /** Requests of one name must always have the same data. Null: the answer is checked in another way. */
  readonly same: string | null;
}

const json = { 'content-type': 'application/json', accept: 'application/json' };

/** Request number `n` of a run. It depends on the seed and the number alone. */
export function requestOf(seed: string, n: number, creators: number): Request {
  const random = randomFrom(`${seed}:request:${n}`);
  const draw = random.next();
  if (draw < 0.6) {
    const { query, variables, disconnectMs } = operationOf(seed, n, creators);
    return { ...post('creators', query, variables), disconnectMs };
  }
  const id = String(7_000_000_000_000_000_000n + BigInt(random.whole(0, creators - 1)));
  const kind = random.pick(kinds);
  return kind(random, id);
}

function post(kind: string, query: string, variables: object, same: string | null = null): Request {
  const body = JSON.stringify({ query, variables });
  return { kind, path: '/graphql', method: 'POST', headers: json, body, disconnectMs: null, same };
}

/** A query about one creator whose answer never changes. */
function always(kind: string, fields: string) {
  const query = `query Soak($id: ID!) { creator(id: $id) { id ${fields} } }`;
  return (_: Random, id: string): Request => post(kind, query, { id }, `${kind} ${id}`);
}

const five =
  'profile { name followerCount } prices { items { label price { amount } } } cpMetrics { expectedPlayCount }';

const kinds: readonly ((random: Random, id: string) => Request)[] = [
  always('performance', 'performance { videoCount medianPlayCount }'),
  always(
    'audience',
    'audience { dimensions { kind buckets { key share } } } followers { dimensions { kind } }',
  ),
  always('indices', 'indices { overall { value } } connectedUsers { stages { stage count } }'),
  always('unmodelled', 'unmodelled(endpoint: CHANNEL_INFO) { hasData }'),
  (_, id) =>
    post('history', `{ creator(id: "${id}") { profile { history(last: 2) { fetchedAt name } } } }`, {}),
  (random) => {
    const page = random.whole(1, 3);
    const query =
      'query Search($page: Int!) { searchCreators(page: $page) { items { name followerCount creator { id profile { name } } } } }';
    return post('search', query, { page }, `search ${page}`);
  },
  (_, id) =>
    post(
      'freshness',
      `{ creator(id: "${id}") { profile { fetchedAt isStale } prices { fetchedAt isStale } } }`,
      {},
    ),
  (_, id) => {
    const request = post('dry run', `{ creator(id: "${id}") { ${five} } }`, {});
    return { ...request, headers: { ...json, 'x-dry-run': '1' } };
  },
  (_, id) => {
    const query = `query Deferred($id: ID!) { creator(id: $id) { id ... @defer { ${five} } } }`;
    const request = post('defer', query, { id });
    return { ...request, headers: { ...json, accept: 'multipart/mixed' } };
  },
  (_, id) => ({
    ...get('etag', `/graphql?query=${encodeURIComponent(`{ creator(id: "${id}") { ${five} } }`)}`, id),
  }),
  (_, id) => get('csv', `/creators.csv?ids=${id}&fields=id,name&language=en`, id),
  () => post('upstream', '{ upstream { callsToday stop { code } spend(days: 1) { calls } } }', {}),
];

function get(kind: string, path: string, id: string): Request {
  const headers = { accept: 'application/json' };
  return {
    kind,
    path,
    method: 'GET',
    headers,
    body: null,
    disconnectMs: null,
    same: kind === 'etag' ? `etag ${id}` : null,
  };
}
