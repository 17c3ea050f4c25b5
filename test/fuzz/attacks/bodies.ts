import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Random } from '../../../src/sandbox/random.js';
import { type Attack, creatorIdFrom, dryRun, graphqlShot, requestBytes, times } from '../attack.js';

/** Bodies that are not what a body should be. */
export const bodies: Attack = {
  name: 'bodies',
  target: 'open',
  connections: 8,
  shot: (random) => {
    const body = random.pick(kinds)(random);
    const headers = [
      ['content-type', random.chance(0.6) ? 'application/json' : random.pick(contentTypes)] as const,
      ...(random.chance(0.1)
        ? [
            [
              'content-encoding',
              random.pick(['gzip', 'br', 'deflate', 'identity', 'x', 'identity, gzip']),
            ] as const,
          ]
        : []),
      ...(random.chance(0.3) ? [['accept', random.pick(accepts)] as const] : []),
      dryRun,
    ];
    return graphqlShot(requestBytes({ method: 'POST', headers }, body), {
      mayBeDropped: body.length > 500_000,
    });
  },
};

const query = (random: Random) =>
  `{ creator(id: "${creatorIdFrom(random)}") { profile { name raw } prices { id } } }`;
const operation = (random: Random, more: object = {}) => JSON.stringify({ query: query(random), ...more });
const odd: readonly unknown[] = [
  null,
  0,
  -1,
  Number.POSITIVE_INFINITY,
  true,
  '',
  'x',
  [],
  {},
  [[]],
  [null],
  { a: 1 },
  '\u0000',
  '\ud800',
  Number.NaN,
];

const kinds: readonly ((random: Random) => Buffer)[] = [
  () => Buffer.alloc(0),
  (random) => Buffer.from(Array.from({ length: random.logarithmic(1, 5_000) }, () => random.whole(0, 255))),
  (random) => Buffer.from(operation(random).slice(0, random.whole(0, 60))),
  (random) => flipped(random, Buffer.from(operation(random))),
  (random) => Buffer.from(`\ufeff${operation(random)}`),
  (random) => Buffer.from(`\ufeff\ufeff${operation(random)}`),
  (random) => Buffer.from(operation(random), 'utf16le'),
  // Overlong, truncated and surrogate forms are no UTF-8.
  (random) =>
    Buffer.concat([
      Buffer.from('{"query":"{ __typename # '),
      Buffer.from(random.pick([[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5], [0xe6, 0x96]])),
      Buffer.from('"}'),
    ]),
  (random) => Buffer.from('['.repeat(random.logarithmic(1, 500_000))),
  (random) => nested(random, '[', ']'),
  (random) => nested(random, '{"a":', '}'),
  (random) =>
    Buffer.from(`[${times(random.whole(0, 50), () => `${operation(random)},`)}${operation(random)}]`),
  (random) => Buffer.from(JSON.stringify(random.pick(odd))),
  (random) => Buffer.from(JSON.stringify({ query: random.pick(odd), variables: random.pick(odd) })),
  (random) =>
    Buffer.from(
      operation(random, {
        variables: random.pick(odd),
        operationName: random.pick(odd),
        extensions: random.pick(odd),
      }),
    ),
  (random) =>
    Buffer.from(
      operation(random, { documentId: random.pick(odd), extensions: { persistedQuery: random.pick(odd) } }),
    ),
  (random) =>
    Buffer.from(
      operation(random, {
        [random.pick(['id', 'batch', 'operations', 'map', 'doc_id', '__proto__'])]: random.pick(odd),
      }),
    ),
  (random) =>
    Buffer.from(
      `{"query":"{__typename}","__proto__":{"variables":{"a":1}},"constructor":{"prototype":${JSON.stringify(random.pick(odd))}}}`,
    ),
  (random) =>
    Buffer.from(`{"query":${JSON.stringify(query(random))},"query":${JSON.stringify(random.pick(odd))}}`),
  (random) =>
    Buffer.from(
      `{"query":"{__typename}","variables":{${times(random.whole(1, 20_000), (nth) => `"v${nth}":1,`)}"z":1}}`,
    ),
  (random) => Buffer.from(`{"query":"{__typename}" ${' '.repeat(random.logarithmic(1, 900_000))}}`),
  (random) => Buffer.from(`{"query":"#${'x'.repeat(random.whole(1_040_000, 1_060_000))}"}`),
  (random) => Buffer.alloc(random.whole(1_048_570, 1_048_580), ' '),
  (random) => gzipSync(operation(random)),
  (random) => brotliCompressSync(operation(random)),
  (random) => deflateSync(operation(random)),
  (random) =>
    Buffer.from(
      new URLSearchParams({
        query: query(random),
        variables: random.pick(['{', 'null', '[]', '1', '{}', '"']),
      }).toString(),
    ),
  (random) => Buffer.from(`${'query=%7B__typename%7D&'.repeat(random.whole(1, 2_000))}variables=%`),
  (random) => multipart(random),
  (random) => Buffer.from(query(random)),
];

const contentTypes = [
  'text/plain',
  'application/graphql',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'multipart/mixed; boundary=x',
  'application/json; charset=utf-16',
  'application/json;charset=iso-8859-1',
  'application/json; charset="utf-8"; a=b',
  'APPLICATION/JSON',
  'application/json, text/plain',
  'application/graphql-response+json',
  'application/vnd.api+json',
  ';',
  '/',
  'application/xml',
  '',
] as const;

const accepts = [
  'application/json',
  'application/graphql-response+json',
  'multipart/mixed',
  'text/event-stream',
  'text/html',
  '*/*;q=0',
  'application/*',
  ',,,',
  ';q=1',
  'application/json;charset=utf-16',
] as const;

function flipped(random: Random, bytes: Buffer): Buffer {
  for (let flips = random.whole(1, 8); flips > 0; flips -= 1)
    bytes[random.whole(0, bytes.length - 1)] = random.whole(0, 255);
  return bytes;
}

function nested(random: Random, opening: string, closing: string): Buffer {
  const depth = random.logarithmic(1, 90_000);
  const place = random.pick(['query', 'variables', 'extensions', 'operationName', 'x']);
  return Buffer.from(`{"query":"{__typename}","${place}":${opening.repeat(depth)}1${closing.repeat(depth)}}`);
}

function multipart(random: Random): Buffer {
  const parts = {
    operations: operation(random, { variables: { file: null } }),
    map: '{"0":["variables.file"]}',
    '0': 'x'.repeat(random.logarithmic(1, 10_000)),
  };
  const written = Object.entries(parts).map(
    ([name, text]) => `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
  );
  return Buffer.from(`${written.join('')}--x--`);
}
