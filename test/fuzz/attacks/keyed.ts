import type { Random } from '../../../src/sandbox/random.js';
import {
  type Attack,
  creatorIdFrom,
  dryRun,
  graphqlShot,
  json,
  operationBytes,
  requestBytes,
  type Shot,
} from '../attack.js';

export const apiKey = 'key-of-the-dashboard';
export const adminKey = 'key-of-the-admin';
export const allowedOrigin = 'https://dashboard.example';
export const persistedQuery = 'query Persisted($id: ID!) { creator(id: $id) { id profile { name } } }';
export const persistedId = 'persisted';

const bearer = (key: string) => ['authorization', `Bearer ${key}`] as const;

/** Requests without a key that is right: none is answered with data, metrics or a cost. */
export const wrongKeys: Attack = {
  name: 'wrong keys',
  target: 'keyed',
  connections: 8,
  shot: (random) => {
    const query = `{ creator(id: "${creatorIdFrom(random)}") { id profile { name } } }`;
    const headers = Array.from(
      { length: random.chance(0.1) ? 2 : 1 },
      () => ['authorization', random.pick(wrong)(random)] as const,
    );
    const kind = random.pick(['post', 'get', 'csv', 'metrics'] as const);
    const target = {
      post: '/graphql',
      get: `/graphql?${new URLSearchParams({ query })}`,
      csv: `/creators.csv?ids=${creatorIdFrom(random)}${random.chance(0.5) ? `&key=${encodeURIComponent(random.pick(wrong)(random))}` : ''}`,
      metrics: '/metrics',
    }[kind];
    const bytes =
      kind === 'post'
        ? requestBytes(
            { method: 'POST', headers: [json, ...headers] },
            Buffer.from(JSON.stringify({ query })),
          )
        : requestBytes({ target, headers });
    return {
      ...graphqlShot(bytes, { mayBeDropped: true }),
      kind: kind === 'post' || kind === 'get' ? 'graphql' : 'other',
      check: (responses) => {
        const let_in = responses.find(({ status }) => status < 400);
        return let_in ? `Status ${let_in.status} without a key: ${let_in.body.subarray(0, 200)}` : null;
      },
    };
  },
};

const wrong: readonly ((random: Random) => string)[] = [
  () => '',
  () => 'Bearer',
  () => 'Bearer ',
  () => 'Bearer undefined',
  () => 'Bearer __proto__',
  () => `bearer\t${apiKey}`,
  () => `Basic ${Buffer.from(`x:${apiKey}x`).toString('base64')}`,
  () => `Basic ${Buffer.from(apiKey).toString('base64')}`,
  () => 'Basic %%%',
  () => `Bearer ${apiKey} x`,
  () => `Bearer ${apiKey}, Bearer ${adminKey}`,
  () => `Token ${apiKey}`,
  () => 'Digest username="a"',
  () => 'dashboard',
  () => apiKey.toUpperCase(),
  (random) => `Bearer ${apiKey.slice(0, random.whole(0, apiKey.length - 1))}`,
  (random) => `Bearer ${apiKey}${random.pick(['x', '\x80', '=', '%00'])}`,
  (random) => `Bearer ${'x'.repeat(random.logarithmic(1, 12_000))}`,
  (random) => `Bearer ${' '.repeat(random.logarithmic(1, 12_000))}`,
  (random) => `${' Bearer'.repeat(random.logarithmic(1, 2_000))}`,
];

/** The CSV for spreadsheets with odd ids, fields and forms of the key; all are priced only. */
export const csv: Attack = {
  name: 'creators.csv',
  target: 'keyed',
  connections: 4,
  shot: (random) => {
    const parameters = new URLSearchParams();
    for (const name of ['ids', 'fields', 'language', 'key', random.pick(['__proto__', 'x', 'ids'])]) {
      if (random.chance(0.7))
        parameters.append(name, name === 'ids' ? oddIds(random) : random.pick(texts)(random));
    }
    const target = `/creators.csv?${parameters}`;
    const isHead = random.chance(0.05);
    const bytes = requestBytes({
      method: isHead ? 'HEAD' : 'GET',
      target,
      headers: [bearer(apiKey), dryRun],
    });
    return {
      kind: 'other',
      pieces: [bytes],
      responses: 1,
      isHead,
      mayBeDropped: bytes.length > 16_000,
      check: noFormula,
    };
  },
};

const texts: readonly ((random: Random) => string)[] = [
  () => '',
  () => 'name',
  () => 'en',
  () => 'zh',
  () => '__proto__',
  () => 'constructor,toString',
  () => '=1+1',
  () => '"\r\nx',
  () => '\u0000',
  () => '达人',
  (random) => 'name,'.repeat(random.logarithmic(1, 3_000)),
  (random) => 'x'.repeat(random.logarithmic(1, 10_000)),
];

const oddIds = (random: Random) =>
  Array.from({ length: random.logarithmic(1, 400) }, () =>
    random.chance(0.8) ? creatorIdFrom(random) : random.pick(texts)(random).slice(0, 50),
  ).join(random.pick([',', ' ', '\n', '；', ',,', '\t']));

/** A cell that a spreadsheet would calculate. */
function noFormula([response]: Parameters<NonNullable<Shot['check']>>[0]): string | null {
  if (!response?.headers.get('content-type')?.startsWith('text/csv')) return null;
  const found = /(^|,)"?[=+@][^,]*/m.exec(response.body.toString());
  return found ? `A formula in the CSV: ${found[0]}` : null;
}

/** Ids of documents, by GET and POST, in both protocols. */
export const persisted: Attack = {
  name: 'persisted documents',
  target: 'keyed',
  connections: 4,
  shot: (random) => {
    const id = random.pick(ids)(random);
    const variables = random.pick([{ id: creatorIdFrom(random) }, {}, { id: null }, { __proto__: 1 }]);
    const params = random.pick([
      { documentId: id, variables },
      {
        extensions: { persistedQuery: { version: random.pick([1, 2, '1', null]), sha256Hash: id } },
        variables,
      },
      { documentId: id, query: random.pick(['{ __typename }', '{', '']), variables },
      { id, variables },
    ]);
    const headers = [
      bearer(random.pick([apiKey, adminKey])),
      dryRun,
      [
        'origin',
        random.pick([allowedOrigin, 'null', 'https://evil.example', `${allowedOrigin}.evil.example`]),
      ] as const,
    ];
    if (random.chance(0.5)) return graphqlShot(operationBytes(params, headers));
    const search = new URLSearchParams(
      Object.entries(params).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );
    const bytes = requestBytes({ target: `/graphql?${search}`, headers });
    return graphqlShot(bytes, { mayBeDropped: bytes.length > 16_000 });
  },
};

const ids: readonly ((random: Random) => unknown)[] = [
  () => persistedId,
  () => persistedId.toUpperCase(),
  () => `sha256:${persistedId}`,
  () => 'other',
  () => '__proto__',
  () => 'constructor',
  () => '',
  () => null,
  () => 1,
  () => ['persisted'],
  () => ({ toString: 'x' }),
  () => '../../../etc/passwd',
  (random) => 'x'.repeat(random.logarithmic(1, 100_000)),
  (random) =>
    random
      .whole(0, 2 ** 31)
      .toString(16)
      .padStart(64, '0'),
];
