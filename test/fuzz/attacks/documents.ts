import { getIntrospectionQuery } from 'graphql';
import type { Random } from '../../../src/sandbox/random.js';
import { type Attack, creatorIdFrom, dryRun, graphqlShot, operationBytes, times } from '../attack.js';

/** Documents that are as expensive as can be to parse, validate, plan or execute. */
export const documents: Attack = {
  name: 'documents',
  target: 'open',
  connections: 4,
  shot: (random) => {
    const query = random.pick(kinds)(random);
    const accept = random.chance(0.3)
      ? 'multipart/mixed'
      : random.chance(0.5)
        ? 'application/graphql-response+json'
        : 'application/json';
    return graphqlShot(operationBytes({ query }, [dryRun, ['accept', accept]]));
  },
};

const id = (random: Random) => `"${creatorIdFrom(random)}"`;
const ids = (random: Random, count: number) =>
  `[${Array.from({ length: count }, () => id(random)).join(',')}]`;
const profile = 'profile { name tags { name } raw }';

/** From far within the limits to far beyond them. */
const many = (random: Random) => random.logarithmic(10, 20_000);
const some = (random: Random) => random.logarithmic(2, 1_000);

const kinds: readonly ((random: Random) => string)[] = [
  (random) => `{ ${times(many(random), (nth) => `a${nth}: __typename`)} }`,
  (random) => `{ ${'__typename '.repeat(many(random))} }`,
  (random) => `{ creator(id: ${id(random)}) { ${times(some(random), (nth) => `a${nth}: ${profile}`)} } }`,
  (random) =>
    `{ ${times(some(random), (nth) => `c${nth}: creators(ids: ${ids(random, 3)}) { id ${profile} }`)} }`,
  (random) =>
    `{ creators(ids: ${ids(random, random.whole(90, 110))}) { ${times(random.whole(1, 60), (nth) => `a${nth}: ${profile}`)} } }`,
  (random) => `{ creators(ids: ${ids(random, some(random))}) { id } }`,
  // The same name for many fields: each must be compared with each.
  (random) => `{ creator(id: ${id(random)}) { ${'profile { name } '.repeat(some(random))} } }`,
  (random) =>
    `{ creator(id: ${id(random)}) { ${times(some(random), (nth) => `profile(maxAgeSeconds: ${nth}) { a: name }`)} } }`,
  (random) =>
    `{ creator(id: ${id(random)}) { ${times(some(random), (nth) => `... on Creator { profile { ${times(4, (inner) => `a${inner}: name`)} n${nth}: name } }`)} } }`,
  (random) => `{ __typename ${'@include(if: true) '.repeat(some(random))} }`,
  (random) => `{ ${times(some(random), () => '... @include(if: true) { __typename }')} }`,
  (random) => `{ __typename ${times(some(random), (nth) => `@a${nth}`)} }`,
  (random) => `query (${times(some(random), (nth) => `$v${nth}: Int = ${nth}`)}) { __typename }`,
  (random) =>
    `query (${times(some(random), (nth) => `$v${nth}: CreatorFilter = { keyword: "${nth}" }`)}) { __typename }`,
  (random) => `${times(some(random), (nth) => `query Q${nth} { __typename }`)}`,
  (random) => `{ creator(id: ${id(random)}) ${'{ a '.repeat(many(random))} ${'}'.repeat(many(random))} }`,
  (random) => nest(random, (inner) => `{ node(id: "x") ${inner} }`),
  (random) => `{ creator(id: ${'['.repeat(some(random))}1${']'.repeat(some(random))}) { id } }`,
  (random) =>
    `{ creator(id: ${id(random)}) { unmodelled(endpoint: LINK_STRUCT, parameters: ${braces(random)}) { raw } } }`,
  // Fragments: chains, cycles, and each spreading the next twice.
  (random) => `{ ...F0 } ${chain(random.whole(2, 900), (nth) => `...F${nth + 1}`)}`,
  (random) => cycle(random.whole(1, 800)),
  (random) => doubling(random, random.whole(2, 400)),
  (random) => doublingAliases(random.whole(2, 30)),
  (random) =>
    `{ creator(id: ${id(random)}) { ${'...F '.repeat(some(random))} } } fragment F on Creator { ${profile} ${times(20, (nth) => `x${nth}: xingtuUrl`)} }`,
  (random) =>
    `{ creator(id: ${id(random)}) { ...A } } fragment A on Creator { ...B ...B } fragment B on Creator { ${times(some(random), (nth) => `...${nth % 2 ? 'C' : 'D'}`)} } fragment C on Creator { ${profile} } fragment D on Creator { ...C id }`,
  (random) => times(some(random), (nth) => `fragment F${nth} on Creator { id }`),
  // Introspection.
  () => getIntrospectionQuery(),
  (random) =>
    `{ __schema { types { fields { type { ${'fields { type { '.repeat(random.whole(1, 12))} name ${'} }'.repeat(12)} } } } }`,
  (random) => introspectionNest(random.whole(1, 10)),
  (random) =>
    `{ ${times(random.whole(1, 60), (nth) => `t${nth}: __type(name: "Creator") { fields { args { type { name } } } }`)} }`,
  (random) => `{ __schema { ${times(random.whole(1, 30), (nth) => `t${nth}: types { name }`)} } }`,
  (random) => `{ __type(name: "${'x'.repeat(random.logarithmic(1, 500_000))}") { name } }`,
  // Names that objects have already.
  (random) =>
    names(
      random,
      (name) =>
        `{ ${name()}: creator(id: ${id(random)}) { ${name()}: profile { ${name()}: name ${name()}: followerCount } } }`,
    ),
  (random) =>
    names(
      random,
      (name) =>
        `query ${name()}($${name()}: ID = ${id(random)}) { creator(id: $${name()}) { ...${name()} } } fragment ${name()} on Creator { id }`,
    ),
  // Incremental delivery.
  (random) =>
    `{ creator(id: ${id(random)}) { ${times(some(random), (nth) => `... @defer(label: "l${nth}") { a${nth}: xingtuUrl }`)} } }`,
  (random) =>
    `{ creators(ids: ${ids(random, 100)}) @stream(initialCount: ${random.whole(-1, 5)}) { ... @defer { ${profile} } } }`,
  (random) =>
    `{ creator(id: ${id(random)}) { ${'... @defer { '.repeat(random.whole(1, 300))} id ${'}'.repeat(300)} } }`,
  (random) =>
    `{ ${times(random.whole(1, 120), (nth) => `c${nth}: creators(ids: ${ids(random, 2)}) @stream { id }`)} }`,
  // Words that are hard to suggest others for, and long tokens.
  (random) => `{ ${times(some(random), (nth) => `creator${nth}`)} }`,
  (random) => `{ ${'creatro'.repeat(random.logarithmic(1, 20_000))} }`,
  (random) => `{ creator(id: "${'x'.repeat(random.logarithmic(1, 900_000))}") { id } }`,
  (random) => `{ creator(id: """${'\n  x'.repeat(random.logarithmic(1, 100_000))}""") { id } }`,
  (random) => `#${'\n#'.repeat(random.logarithmic(1, 400_000))}\n{ __typename }`,
  (random) => `{ creator(id: "${'\\u{1F600}'.repeat(random.logarithmic(1, 50_000))}") { id } }`,
  (random) => `{ a(b: ${'9'.repeat(random.logarithmic(1, 500_000))}) }`,
  (random) => `${','.repeat(random.logarithmic(1, 900_000))}{ __typename }`,
  (random) => `subscription { ${times(some(random), () => '__typename')} }`,
  (random) =>
    `{ searchCreators { items { creator { ${times(some(random), (nth) => `a${nth}: ${profile}`)} } } } }`,
  (random) =>
    `{ creator(id: ${id(random)}) { profile { history(last: ${random.pick([0, -1, 1, 1_000, 2_147_483_647])}) { ${times(20, (nth) => `a${nth}: raw`)} } } } }`,
];

const ownNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'then',
  'toJSON',
  'length',
];

function names(random: Random, write: (name: () => string) => string): string {
  return write(() => random.pick(ownNames));
}

function nest(random: Random, wrap: (inner: string) => string): string {
  let text = '{ id }';
  for (let levels = random.logarithmic(1, 600); levels > 0; levels -= 1) text = wrap(text);
  return text;
}

function braces(random: Random): string {
  const depth = random.logarithmic(1, 600);
  return `${'{ a: '.repeat(depth)}1${' }'.repeat(depth)}`;
}

function chain(length: number, next: (nth: number) => string): string {
  return times(
    length,
    (nth) => `fragment F${nth} on Query { __typename ${nth === length - 1 ? '' : next(nth)} }`,
  );
}

function cycle(length: number): string {
  return `{ ...F0 } ${times(length, (nth) => `fragment F${nth} on Query { ...F${(nth + 1) % length} ...F0 }`)}`;
}

function doubling(random: Random, length: number): string {
  const spread = random.pick([
    (next: string) => `${next} ${next}`,
    (next: string) => `${next} ... on Query { ${next} }`,
  ]);
  return `{ ...F0 } ${chain(length, (nth) => spread(`...F${nth + 1}`))}`;
}

function doublingAliases(length: number): string {
  const last = `fragment F${length} on __Type { name }`;
  return `{ __schema { types { ...F0 } } } ${times(length, (nth) => `fragment F${nth} on __Type { a: ofType { ...F${nth + 1} } b: ofType { ...F${nth + 1} } }`)} ${last}`;
}

function introspectionNest(depth: number): string {
  return `{ __schema { types ${'{ fields { type '.repeat(depth)} { name } ${'} }'.repeat(depth)} } }`;
}
