import type { Random } from '../../../src/sandbox/random.js';
import { type Attack, creatorIdFrom, graphqlShot, operationBytes } from '../attack.js';

/** Values of variables that no type has, in every position of a variable. */
export const variables: Attack = {
  name: 'variables',
  target: 'open',
  connections: 8,
  shot: (random) => {
    const [query, names] = random.pick(queries);
    const entries = names
      .filter(() => random.chance(0.9))
      .map((name) => `${JSON.stringify(name)}:${value(random)}`);
    if (random.chance(0.2))
      entries.push(
        `${JSON.stringify(random.pick(['__proto__', 'constructor', 'toString', '', '\u0000', 'x'.repeat(5_000)]))}:${value(random)}`,
      );
    // As text, because JSON.stringify would not write what JSON.parse reads.
    return graphqlShot(
      operationBytes(`{"query":${JSON.stringify(query)},"variables":{${entries.join(',')}}}`),
    );
  },
};

const queries: readonly (readonly [string, readonly string[]])[] = [
  ['query ($id: ID!) { creator(id: $id) { id profile { name } } }', ['id']],
  ['query ($ids: [ID!]!) { creators(ids: $ids) { id prices { id } } }', ['ids']],
  [
    'query ($id: ID!, $p: Platform!, $age: Int) { creator(id: $id) { profile(platform: $p, maxAgeSeconds: $age) { raw } } }',
    ['id', 'p', 'age'],
  ],
  [
    'query ($f: CreatorFilter, $s: CreatorSort!, $page: Int!) { searchCreators(filter: $f, sort: $s, page: $page) { items { name creator { profile { name } } } } }',
    ['f', 's', 'page'],
  ],
  ['query ($id: ID!) { node(id: $id) { id ... on Creator { profile { name } } } }', ['id']],
  [
    'query ($id: ID!, $e: UnmodelledEndpoint!, $o: JSONObject) { creator(id: $id) { unmodelled(endpoint: $e, parameters: $o) { raw } } }',
    ['id', 'e', 'o'],
  ],
  ['query ($id: ID!, $n: Int!) { creator(id: $id) { profile { history(last: $n) { id } } } }', ['id', 'n']],
  ['query ($d: Int!) { upstream { spend(days: $d) { calls } } }', ['d']],
  [
    'query ($b: Boolean!, $id: ID!) { creator(id: $id) { id @skip(if: $b) profile @include(if: $b) { name } } }',
    ['b', 'id'],
  ],
];

const scalars: readonly ((random: Random) => string)[] = [
  () => 'null',
  () => 'true',
  () => '""',
  () => '"__proto__"',
  () => '1e400',
  () => '-1e400',
  () => '1e-400',
  () => '-0',
  () => '0.1',
  () => '2147483648',
  () => '9007199254740993',
  () => '123456789012345678901234567890',
  () => '"NaN"',
  () => '"Infinity"',
  () => '"\\ud800"',
  () => '"\\u0000"',
  () => '"\\u202e"',
  () => '"=cmd|\' /C calc\'!A0"',
  () => '"SHORT_VIDEO"',
  () => '"PROFILE"',
  (random) => String(random.whole(-5, 5_000)),
  (random) => `"${creatorIdFrom(random)}"`,
  (random) => `"https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${creatorIdFrom(random)}"`,
  (random) => `"https://www.xingtu.cn/${'/'.repeat(random.logarithmic(1, 50_000))}${random.whole(1, 9)}"`,
  (random) => `"${'9'.repeat(random.logarithmic(1, 200_000))}"`,
  (random) => `"${'1 '.repeat(random.logarithmic(1, 100_000))}"`,
  (random) =>
    `"${random.pick(['达', 'x', ' ', '\\n', '%', '&a=b', '\\"'] as const).repeat(random.logarithmic(1, 50_000))}"`,
];

const keys = [
  'keyword',
  'followerCount',
  'min',
  'max',
  'a',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'token',
  'oAuthorId',
  'platform',
  '',
  '\u0000',
];

function value(random: Random, depth = 0): string {
  if (depth > 6 || random.chance(0.6)) return random.pick(scalars)(random);
  const length = depth === 0 && random.chance(0.1) ? random.logarithmic(100, 20_000) : random.whole(0, 4);
  const inner = () => (length > 10 ? random.pick(scalars.slice(0, 20))(random) : value(random, depth + 1));
  return random.pick([
    () => `[${Array.from({ length }, inner).join(',')}]`,
    () =>
      `{${Array.from({ length: Math.min(length, 2_000) }, () => `${JSON.stringify(random.pick(keys))}:${inner()}`).join(',')}}`,
    () =>
      `${'['.repeat(random.logarithmic(1, 20_000))}`.replace(
        /.*/s,
        (open) => `${open}1${']'.repeat(open.length)}`,
      ),
    () =>
      `${'{"a":'.repeat(random.logarithmic(1, 5_000))}`.replace(
        /.*/s,
        (open) => `${open}1${'}'.repeat(open.length / 5)}`,
      ),
  ])();
}
