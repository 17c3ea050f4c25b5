import { describe, expect, it } from 'vitest';
import { type Answer, startTestServer } from '../harness.js';

const id = '6629722295873044494';
const other = '6712345678901234567';
const link = `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}`;

interface Case {
  readonly says: string;
  readonly query: string;
  readonly variables?: object;
  readonly calls: readonly string[];
}

/** Queries, each with exactly the calls that upstream must see. */
const cases: readonly Case[] = [
  { says: 'the id only', query: `{ creator(id: "${id}") { id xingtuUrl __typename } }`, calls: [] },
  {
    says: 'a list of ids only',
    query: `{ creators(ids: ["${id}", "${other}"]) { id } }`,
    calls: [],
  },
  {
    says: "upstream's state",
    query: '{ upstream { isSandbox callsToday endpoints { name health } } }',
    calls: [],
  },
  {
    says: 'profile',
    query: `{ creator(id: "${id}") { profile { name } } }`,
    calls: [`profile ${id} SHORT_VIDEO`],
  },
  {
    says: 'prices',
    query: `{ creator(id: "${id}") { prices { hasData } } }`,
    calls: [`prices ${id} SHORT_VIDEO`],
  },
  {
    says: 'cpMetrics',
    query: `{ creator(id: "${id}") { cpMetrics { viralRate } } }`,
    calls: [`cpMetrics ${id} SHORT_VIDEO`],
  },
  {
    says: 'recommendedVideos',
    query: `{ creator(id: "${id}") { recommendedVideos { newest { id } } } }`,
    calls: [`recommendedVideos ${id} SHORT_VIDEO`],
  },
  {
    says: 'audienceTouch',
    query: `{ creator(id: "${id}") { audienceTouch { categories { name } } } }`,
    calls: [`audienceTouch ${id} SHORT_VIDEO`],
  },
  {
    says: 'all five',
    query: `{ creator(id: "${id}") {
      profile { id } prices { id } cpMetrics { id } recommendedVideos { id } audienceTouch { id }
    } }`,
    calls: [
      `audienceTouch ${id} SHORT_VIDEO`,
      `cpMetrics ${id} SHORT_VIDEO`,
      `prices ${id} SHORT_VIDEO`,
      `profile ${id} SHORT_VIDEO`,
      `recommendedVideos ${id} SHORT_VIDEO`,
    ],
  },
  {
    says: 'aliases of one creator, by id and by link',
    query: `{
      a: creator(id: "${id}") { profile { name } }
      b: creator(id: "${link}") { profile { city } }
      c: creator(id: " ${id} ") { again: profile { tags { name } } }
    }`,
    calls: [`profile ${id} SHORT_VIDEO`],
  },
  {
    says: 'an id written as a number in the query, where no digit is lost',
    query: `{ creator(id: ${id}) { profile { name } } }`,
    calls: [`profile ${id} SHORT_VIDEO`],
  },
  {
    says: 'one field twice with different selections',
    query: `{ creator(id: "${id}") { a: prices { items { label } } b: prices { industryTags { name } } } }`,
    calls: [`prices ${id} SHORT_VIDEO`],
  },
  {
    says: 'one field through fragments, named and inline',
    query: `
      query { creator(id: "${id}") { ...Names ... on Creator { profile { city } } profile { ...Facts } } }
      fragment Names on Creator { profile { name } }
      fragment Facts on Section { fetchedAt }
    `,
    calls: [`profile ${id} SHORT_VIDEO`],
  },
  {
    says: 'a fragment that only another operation spreads',
    query: `
      query Chosen { creator(id: "${id}") { id } }
      query Other { creator(id: "${id}") { ...Facts } }
      fragment Facts on Creator { profile { name } }
    `,
    calls: [],
  },
  {
    says: '@skip and @include with variables',
    query: `query ($yes: Boolean!, $no: Boolean!) { creator(id: "${id}") {
      profile @include(if: $yes) { name }
      prices @include(if: $no) { hasData }
      cpMetrics @skip(if: $yes) { hasData }
      audienceTouch @skip(if: $no) { hasData }
      ... @include(if: $no) { recommendedVideos { hasData } }
    } }`,
    variables: { yes: true, no: false },
    calls: [`audienceTouch ${id} SHORT_VIDEO`, `profile ${id} SHORT_VIDEO`],
  },
  {
    says: 'two platforms',
    query: `{ creator(id: "${id}") { prices { platform } live: prices(platform: LIVE_STREAMING) { platform } } }`,
    calls: [`prices ${id} LIVE_STREAMING`, `prices ${id} SHORT_VIDEO`],
  },
  {
    says: 'the default platform, left out and written out',
    query: `query ($platform: Platform! = SHORT_VIDEO) { creator(id: "${id}") {
      a: profile { id } b: profile(platform: SHORT_VIDEO) { id } c: profile(platform: $platform) { id }
    } }`,
    calls: [`profile ${id} SHORT_VIDEO`],
  },
  {
    says: 'creators with repeated ids',
    query: `{ creators(ids: ["${id}", "${other}", "${id}", "${link}"]) { profile { name } } }`,
    calls: [`profile ${id} SHORT_VIDEO`, `profile ${other} SHORT_VIDEO`],
  },
  {
    says: 'one section with several ages',
    query: `{ creator(id: "${id}") {
      a: profile(maxAgeSeconds: 0) { id } b: profile(maxAgeSeconds: 60) { id } c: profile { id }
    } }`,
    calls: [`profile ${id} SHORT_VIDEO`],
  },
  {
    says: 'a malformed id among good ones',
    query: `{ creators(ids: ["x", "${id}"]) { profile { name } } }`,
    calls: [`profile ${id} SHORT_VIDEO`],
  },
];

describe('upstream is called for', () => {
  it.each(cases)('$says: $calls.length', async ({ query, variables, calls }) => {
    const server = await startTestServer();
    const operationName = query.includes('query Chosen') ? 'Chosen' : undefined;
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables, operationName }),
    });
    const { data, errors = [] } = (await response.json()) as Answer;
    expect(data).toBeTruthy();
    expect(errors.filter(({ extensions }) => extensions['code'] !== 'BAD_USER_INPUT')).toEqual([]);
    expect([...server.calls].sort()).toEqual([...calls].sort());
  });

  it('one section that 100 concurrent requests of different texts ask for: 1', async () => {
    const server = await startTestServer();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        server.ask(`query Q${index} { creator(id: "${id}") { profile { name } } }`),
      ),
    );
    expect(answers.map(({ data }) => data.creator.profile.name)).toEqual(Array(100).fill('张大仙'));
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });

  it('ids only, as many as one field takes: 0', async () => {
    const server = await startTestServer();
    const ids = Array.from({ length: 100 }, (_, nth) => `${6600000000000000000n + BigInt(nth)}`);
    const { data, errors } = await server.ask('query ($ids: [ID!]!) { creators(ids: $ids) { id } }', { ids });
    expect(errors).toBeUndefined();
    expect(data.creators).toEqual(ids.map((each) => ({ id: each })));
    expect(server.calls).toEqual([]);
  });

  it('a section that was asked before and is fresh: 0', async () => {
    const server = await startTestServer();
    await server.ask(`{ creator(id: "${id}") { profile { name } } }`);
    await server.ask(`{ creator(id: "${id}") { profile { city } } }`);
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });

  it.each([
    ['an unknown field', `{ creator(id: "${id}") { profile { name } nonsense } }`],
    ['a syntax error', `{ creator(id: "${id}") { profile { name } `],
    ['a wrong enum', `{ creator(id: "${id}") { profile(platform: RADIO) { name } } }`],
    ['a malformed id', '{ creator(id: "123") { profile { name } } }'],
    ['a link to elsewhere', `{ creator(id: "https://example.com/${id}") { profile { name } } }`],
    ['a negative age', `{ creator(id: "${id}") { profile(maxAgeSeconds: -1) { name } } }`],
    ['a missing variable', `query ($id: ID!) { creator(id: $id) { profile { name } } }`],
    ['over 100 ids', `{ creators(ids: [${`"${id}",`.repeat(101)}]) { profile { name } } }`],
  ])('%s: 0', async (_, query) => {
    const server = await startTestServer();
    const { errors } = await server.ask(query);
    expect(errors).toHaveLength(1);
    expect(server.calls).toEqual([]);
  });
});
