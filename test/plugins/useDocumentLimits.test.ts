import { getIntrospectionQuery, getNamedType, isLeafType, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.js';
import { modelledNames } from '../../src/upstream/endpoints/table.js';
import { documentedEndpoints } from '../documentedEndpoints.js';
import { type Answer, answerOf, startTestServer, type TestServer } from '../harness.js';

const id = '6629722295873044494';
const touch = `audienceTouch ${id} SHORT_VIDEO`;
const profile = `profile ${id} SHORT_VIDEO`;

function times(count: number, part: (nth: number) => string): string {
  return Array.from({ length: count }, (_, nth) => part(nth)).join(' ');
}

/** Children of children of a touch category, then a name. */
function children(levels: number): string {
  return `${'children { '.repeat(levels)}name${' }'.repeat(levels)}`;
}

function touches(selections: string): string {
  return `{ creator(id: "${id}") { audienceTouch { categories { ${selections} } } } }`;
}

interface Edge {
  readonly says: string;
  /** A document that has `size` of what is limited. */
  readonly document: (size: number) => string;
  readonly limit: number;
  readonly refusal: string;
  /** The calls that the document makes at the limit. */
  readonly calls: readonly string[];
}

const depth = {
  limit: 15,
  refusal: 'Expected at most 15 levels of fields, but got 16. Ask for fewer levels.',
};
const aliases = {
  limit: 400,
  refusal:
    'Expected at most 400 aliases in an operation, but got 401. Use several operations. An alias in a fragment counts wherever the fragment is spread.',
};
const directives = {
  limit: 400,
  refusal: 'Expected at most 400 directives, but got 401. Use several documents.',
};
const incrementalDirectives = {
  limit: 100,
  refusal:
    'Expected at most 100 @defer and @stream in an operation, but got 101. Use several operations. One in a fragment counts wherever the fragment is spread.',
};

const edges: readonly Edge[] = [
  {
    says: 'tokens',
    limit: 5_000,
    refusal: 'Syntax Error: Document contains more that 5000 tokens. Parsing aborted.',
    document: (size) =>
      `{ __typename ${'...F '.repeat(Math.floor((size - 10) / 2))} } fragment F on Query { __typename ${size % 2 ? 'id' : ''} }`,
    calls: [],
  },
  {
    says: 'fields inside one another',
    ...depth,
    document: (size) => touches(children(size - 4)),
    calls: [touch],
  },
  {
    says: 'fields inside one another, through fragments of fragments',
    ...depth,
    document: (size) => `
      fragment Outer on TouchCategory { ...Inner children { ... { ... on TouchCategory { ...Inner } } } }
      ${touches('...Inner ...Outer')}
      fragment Inner on TouchCategory { name ${children(size - 5)} }`,
    calls: [touch],
  },
  {
    says: 'fields inside a fragment that has the name of an introspection field',
    ...depth,
    document: (size) =>
      `${touches('...__schema')} fragment __schema on TouchCategory { ${children(size - 4)} }`,
    calls: [touch],
  },
  {
    says: 'aliases',
    ...aliases,
    document: (size) => `{ creator(id: "${id}") { profile { ${times(size, (nth) => `a${nth}: name`)} } } }`,
    calls: [profile],
  },
  {
    says: 'aliases inside one another, through a fragment that is spread ten times',
    ...aliases,
    document: (size) => `
      { ${times(10, (nth) => `c${nth}: creator(id: "${id}") { ...Card }`)} ${size % 10 ? 'more: __typename' : ''} }
      fragment Card on Creator { own: id ...Facts }
      fragment Facts on Creator { facts: profile { ... { ${times(size / 10 - 3, (nth) => `a${nth}: name`)} } } }`,
    calls: [profile],
  },
  {
    says: 'aliases of introspection',
    ...aliases,
    document: (size) => `{ __schema { ${times(size, (nth) => `a${nth}: description`)} } }`,
    calls: [],
  },
  {
    says: 'fragments that are deferred and lists that are streamed',
    ...incrementalDirectives,
    document: (size) => `
      { creators(ids: ["${id}"]) @stream(if: false) { ${times(size - 1, () => '... @defer(if: false) { profile { name } }')} } }`,
    calls: [profile],
  },
  {
    says: 'deferred fragments inside one another, through a fragment that is spread ten times',
    ...incrementalDirectives,
    document: (size) => `
      { ${times(10, (nth) => `c${nth}: creator(id: "${id}") { ...Card @defer(if: false) }`)} ${size % 10 ? '... @defer(if: false) { __typename }' : ''} }
      fragment Card on Creator { ${times(size / 10 - 1, () => '... @defer(if: false) { profile { name } }')} }`,
    calls: [profile],
  },
  {
    says: 'directives on fields, fragments and the spreads of one fragment',
    ...directives,
    document: (size) => `
      query ($on: Boolean = true) {
        creator(id: "${id}") { ... @include(if: $on) { profile @include(if: $on) { name } } }
        ${times(size - 3, () => '...Rest @skip(if: false)')}
      }
      fragment Rest on Query { __typename @include(if: $on) }`,
    calls: [profile],
  },
];

describe('a document may have no more than a limit of', () => {
  it.each(edges)('$says: $limit', async ({ document, limit, refusal, calls }) => {
    const server = await startTestServer();
    const refused = await post(server, document(limit + 1));
    expect(refused.status).toBe(400);
    expect(refused.answer.errors?.map(({ message }) => message)).toEqual([refusal]);
    expect(refused.answer.data).toBeUndefined();
    expect(server.calls).toEqual([]);

    const allowed = await post(server, document(limit));
    expect(allowed).toMatchObject({ status: 200, answer: { data: expect.anything() } });
    expect(allowed.answer.errors).toBeUndefined();
    expect(server.calls).toEqual(calls);
  });

  it('aliases in any of its operations, and is refused like any invalid document: with a location and a code', async () => {
    const server = await startTestServer();
    const query = `query First { __typename }\nquery Second($id: ID!) { creator(id: $id) { ${times(401, (nth) => `a${nth}: profile { name }`)} } }`;
    for (const operationName of ['Second', 'Second', 'First']) {
      const { status, answer } = await post(server, query, { operationName, variables: { id } });
      expect(status).toBe(400);
      expect(answer.errors).toEqual([
        {
          message: expect.stringContaining('400 aliases'),
          locations: [{ line: 2, column: 1 }],
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      ]);
    }
    expect(server.calls).toEqual([]);
  });

  it('aliases and levels in each of its operations, not in all together', async () => {
    const server = await startTestServer();
    const query = times(3, (nth) => `query Q${nth} { ${times(300, (alias) => `a${alias}: __typename`)} }`);
    expect((await post(server, query, { operationName: 'Q1' })).answer.errors).toBeUndefined();
    expect(server.calls).toEqual([]);
  });
});

describe('a document that would take too long is refused', () => {
  const hostile: readonly [says: string, query: string, message: RegExp][] = [
    [
      'fragments that double one another, 2^200 aliases in all',
      `${touches('...F0')} ${times(200, (nth) => `fragment F${nth} on TouchCategory { ...F${nth + 1} ...F${nth + 1} }`)}
        fragment F200 on TouchCategory { a: name }`,
      /400 aliases.* over a million/,
    ],
    [
      'ten aliases at each of four levels',
      `${touches('...F0')} ${times(3, (nth) => `fragment F${nth} on TouchCategory { ${times(10, (a) => `a${a}: children { ...F${nth + 1} }`)} }`)}
        fragment F3 on TouchCategory { a: name }`,
      /400 aliases.* got 2110/,
    ],
    ['hundreds of levels', touches(children(400)), /15 levels.* got 404/],
    [
      'a fragment that spreads itself',
      `${touches('...F')} fragment F on TouchCategory { a: children { ...F } }`,
      /within itself/,
    ],
    [
      'fragments that spread each other',
      `${touches('...F')} fragment F on TouchCategory { a: children { ...G } } fragment G on TouchCategory { ...F }`,
      /within itself/,
    ],
    ['an unknown fragment', touches('...F'), /Unknown fragment "F"/],
    ['the same field 4,000 times', touches('name '.repeat(4_000)), /Validation aborted/],
    [
      'a list streamed 380 times',
      `{ ${'creators(ids: []) @stream { id } '.repeat(380)} }`,
      /100 @defer and @stream.* got 380|Validation aborted/,
    ],
    [
      'deferred fragments that double one another, 2^200 in all',
      `${touches('...F0')} ${times(200, (nth) => `fragment F${nth} on TouchCategory { ...F${nth + 1} @defer ...F${nth + 1} @defer }`)}
        fragment F200 on TouchCategory { name }`,
      /100 @defer and @stream.* over a million/,
    ],
  ];

  it.each(hostile)('%s', async (_, query, message) => {
    const server = await startTestServer();
    const { status, answer } = await post(server, query);
    expect(status).toBe(400);
    expect(answer.errors?.[0]?.message).toMatch(message);
    expect(answer.errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(server.calls).toEqual([]);
  });
});

describe('no valid document keeps the server busy for long', () => {
  it.each([
    ['a field as often as validation allows', touches('name '.repeat(690))],
    ['a field with arguments', `{ ${'creators(ids: []) { id } '.repeat(330)} }`],
    ['a streamed list', `{ ${'creators(ids: []) @stream(if: false) { id } '.repeat(99)} }`],
    [
      'fragments, each compared with each',
      `{ creator(id: "${id}") { ${times(300, (nth) => `...F${nth}`)} } } ${times(300, (nth) => `fragment F${nth} on Creator { xingtuUrl }`)}`,
    ],
  ])('%s', async (_, query) => {
    const server = await startTestServer();
    await post(server, '{ __typename }');
    const before = process.cpuUsage();
    expect((await post(server, query)).answer.errors).toBeUndefined();
    expect(process.cpuUsage(before).user).toBeLessThan(200_000);
    expect(server.calls.length).toBeLessThan(2);
  });
});

describe('what tools and dashboards send is allowed', () => {
  const all = {
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  };
  it.each([
    ['no options', getIntrospectionQuery({ descriptions: false })],
    ['all options', getIntrospectionQuery(all)],
    [
      'types of types thirty deep',
      getIntrospectionQuery(all).replace(
        'ofType {',
        `${'ofType { '.repeat(21)} name ${'}'.repeat(21)} ofType {`,
      ),
    ],
  ])('introspection with %s', async (_, query) => {
    const server = await startTestServer();
    const { data, errors } = await server.ask(query);
    expect(errors).toBeUndefined();
    expect(data.__schema.types.length).toBeGreaterThan(20);
    expect(server.calls).toEqual([]);
  });

  it('every field of the sections that the vendor documents, children five levels deep, each with @include', async () => {
    const server = await startTestServer();
    const { data, errors } = await server.ask(`
      query ($show: Boolean = true) {
        creator(id: "${id}") { ...Everything }
        creators(ids: ["${id}"]) { ...Everything }
        upstream ${everyFieldOf('Upstream')}
      }
      fragment Everything on Creator ${everyFieldOf('Creator')}`);
    expect(errors).toBeUndefined();
    expect(data.creator.prices.items[0].price.amount).toMatch(/\.\d\d$/);
    expect(server.calls.toSorted()).toEqual(
      documentedEndpoints.map((name) => `${name} ${id} SHORT_VIDEO`).toSorted(),
    );
  });

  it('every field of the schema, children five levels deep', async () => {
    const server = await startTestServer();
    const every = (typeName: string) => everyFieldOf(typeName, { condition: '', isWanted: () => true });
    const { data, errors } = await server.ask(`{
      creator(id: "${id}") ${every('Creator')}
      searchCreators ${every('CreatorSearch')}
      upstream ${every('Upstream')}
    }`);
    expect(errors).toBeUndefined();
    expect(data.searchCreators.items).toHaveLength(20);
    expect(server.calls.map((call) => call.split(' ')[0]).toSorted()).toEqual(modelledNames.toSorted());
  });

  it('200 creators under aliases, each with a section under an alias', async () => {
    const server = await startTestServer();
    const { data, errors } = await server.ask(`
      { ${times(200, (nth) => `c${nth}: creator(id: "${BigInt(id) + BigInt(nth)}") { ...Card }`)} }
      fragment Card on Creator { live: profile(platform: LIVE_STREAMING) { name followerCount } }`);
    expect(errors).toBeUndefined();
    expect(Object.keys(data)).toHaveLength(200);
    expect(new Set(server.calls).size).toBe(200);
    expect(server.calls).toHaveLength(200);
  });
});

async function post(
  server: TestServer,
  query: string,
  more: object = {},
): Promise<{ status: number; answer: Answer }> {
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, ...more }),
  });
  return { status: response.status, answer: await answerOf(response) };
}

interface Wanted {
  /** A directive of each field. */
  readonly condition: string;
  /** Which sections of a creator. */
  isWanted(field: string): boolean;
}

const withConditions: Wanted = {
  condition: ' @include(if: $show)',
  isWanted: (field) => documentedEndpoints.some((name) => name === field),
};

/**
 * Touch categories have children of their own type: five levels of them. Of a history, which has sections again, the times.
 * What a search finds leads to creators again, and `unmodelled` needs arguments.
 */
function everyFieldOf(typeName: string, wanted = withConditions, above: readonly string[] = []): string {
  const { condition, isWanted } = wanted;
  const type = schema.getType(typeName);
  const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
  const selections = fields.map((field) => {
    const inner = getNamedType(field.type);
    if (isLeafType(inner)) return `${field.name}${condition}`;
    if (typeName === 'Creator' && (field.name === 'unmodelled' || !isWanted(field.name))) return '';
    if (inner.name === 'Creator') return `${field.name}${condition} { id }`;
    if (field.name === 'history') return `history${condition} { fetchedAt${condition} }`;
    if (above.filter((outer) => outer === inner.name).length >= 5) return '';
    return `${field.name}${condition} ${everyFieldOf(inner.name, wanted, [...above, typeName])}`;
  });
  return `{ ${selections.join(' ')} }`;
}
