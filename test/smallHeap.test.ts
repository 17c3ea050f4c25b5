import { setTimeout } from 'node:timers/promises';
import { getIntrospectionQuery } from 'graphql';
import { Agent, request } from 'undici';
import { describe, expect, it } from 'vitest';
import { type EndpointName, endpointNames } from '../src/upstream/endpoints.js';
import { atEnd, testToken } from './fixtures.js';
import { scriptedUpstream } from './harness.js';
import { graphqlUrl, start } from './program.js';

const atOnce = 60;

const words = (bytes: number) => '达人内容'.repeat(Math.ceil(bytes / 12));
const list = <T>(length: number, make: (nth: number) => T) => Array.from({ length }, (_, nth) => make(nth));
const times = (length: number, field: (nth: number) => string) => list(length, field).join(' ');
const touch = (bytes: number) => ({ distribution_data: { name: words(bytes), cnt: 5 } });

/** Near all limits that an answer of upstream has: 8 MB, 50,000 values. */
const largeBodies: Record<EndpointName, object> = {
  profile: { nick_name: words(3_000_000), content_theme_labels: list(20_000, () => words(180)) },
  prices: {
    price_info: list(4_000, (nth) => ({
      video_type: 1 + (nth % 2),
      desc: words(1_500),
      price: 1_000 + nth,
      enable: true,
      is_open: true,
    })),
  },
  cpMetrics: { expect_vv: { value: 5 }, unknown: words(7_000_000) },
  recommendedVideos: {
    newest_videos: list(3_500, (nth) => ({
      item_id: `7${String(nth).padStart(18, '0')}`,
      title: words(1_800),
    })),
  },
  audienceTouch: {
    video_touch: list(100, () => ({
      ...touch(600),
      second_distribution: list(10, () => ({ ...touch(500), three_distribution: list(9, () => touch(600)) })),
    })),
  },
};

/** Creators whose ids begin with 6 have large bodies, and others small ones. */
const idsOf = (length: number, first: 6 | 7) =>
  JSON.stringify(list(length, (nth) => `${first}${String(nth).padStart(18, '0')}`));

/** Each passes what is asked of a document: tokens, depth, aliases, directives, and QUERY_MAX_CALLS. */
const queries = {
  'one raw, 399 times, of 100 creators': `{ creators(ids: ${idsOf(100, 7)}) { ${times(399, (nth) => `a${nth}: profile { raw }`)} } }`,
  'one raw, 399 times': `{ creators(ids: ${idsOf(1, 6)}) { ${times(399, (nth) => `a${nth}: profile { raw }`)} } }`,
  'large raws that just fit': `{ creators(ids: ${idsOf(2, 6)}) { profile { raw } prices { raw } } }`,
  'more large raws than fit': `{ creators(ids: ${idsOf(100, 6)}) { recommendedVideos { raw } } }`,
  'long lists': `{ creators(ids: ${idsOf(1, 6)}) { prices { items { type price { amount } } } audienceTouch { categories { count children { count children { name } } } } } }`,
  'a value in long lists, 390 times': `{ creators(ids: ${idsOf(1, 6)}) { prices { items { ${times(390, (nth) => `a${nth}: typeCode`)} } } } }`,
  'links beside sections': `{ ${times(1, (nth) => `c${nth}: creators(ids: ${idsOf(100, 7)}) { ${times(190, (inner) => `u${inner}: xingtuUrl`)} }`)} }`,
  'malformed ids': `{ ${times(8, (nth) => `c${nth}: creators(ids: ${JSON.stringify(list(100, () => 'x'))}) { id }`)} }`,
  'long names': `{ creators(ids: ${idsOf(100, 7)}) { ${'k'.repeat(900_000)}: profile { name } } }`,
  introspection: getIntrospectionQuery(),
  'raws in parts': `{ creators(ids: ${idsOf(4, 6)}) { id ... @defer { profile { raw } } } }`,
};

describe('a server with a heap of 512 MB', () => {
  it(`answers or refuses ${atOnce} requests at once of every query that it lets through, and a small one beside them`, {
    timeout: 60_000,
  }, async () => {
    const upstream = await scriptedUpstream(replies());
    const server = start(
      { JUSTONEAPI_TOKEN: testToken, JUSTONEAPI_BASE_URL: upstream.baseUrl },
      { nodeOptions: ['--max-old-space-size=512'] },
    );
    const url = await graphqlUrl(server);
    const agent = new Agent({ connections: atOnce + 1, headersTimeout: 0, bodyTimeout: 0 });
    atEnd(() => agent.close());
    const ask = async (query: string) => {
      const accept = query.includes('@defer') ? 'multipart/mixed' : 'application/json';
      const { body } = await request(url, {
        dispatcher: agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query }),
      });
      let beginning = '';
      let bytes = 0;
      for await (const chunk of body) {
        if (beginning.length < 10_000) beginning += chunk;
        bytes += chunk.length;
      }
      const codes = new Set([...beginning.matchAll(/"code":"(\w+)"/g)].map(([, code]) => code ?? ''));
      return { isData: bytes > 0 && codes.size === 0, codes };
    };
    const small = `{ creators(ids: ${idsOf(3, 7)}) { profile { name } } }`;
    expect(await ask(small)).toMatchObject({ isData: true });

    let smallAnswers = 0;
    for (const [name, query] of Object.entries(queries)) {
      let isOver = false;
      const smallOnes = (async () => {
        let answers = 0;
        for (; !isOver; answers += 1) {
          expect(await ask(small), name).toMatchObject({ isData: true });
          await setTimeout(20);
        }
        return answers;
      })();
      const answers = await Promise.all(list(atOnce, () => ask(query)));
      isOver = true;
      const codes = new Set(answers.flatMap((answer) => [...answer.codes]));
      for (const known of ['BAD_USER_INPUT', 'RESPONSE_TOO_LARGE']) codes.delete(known);
      expect([...codes], name).toEqual([]);
      smallAnswers += await smallOnes;
    }
    // Had each waited for a whole round of large ones, there would be one or two for each query.
    expect(smallAnswers).toBeGreaterThan(100);
    expect(server.process.exitCode).toBeNull();
    // Each of these fits, so that each is answered, whoever else asks.
    for (const name of ['large raws that just fit', 'long lists', 'introspection'] as const) {
      const answers = await Promise.all(list(5, () => ask(queries[name])));
      expect(
        answers.filter(({ isData }) => isData),
        name,
      ).toHaveLength(5);
    }
  });
});

/** Written once: what the test takes is to be spent on the server. */
function replies(): (call: string) => { readonly body: Buffer } {
  const written = (bodies: Record<string, object>) =>
    new Map(
      endpointNames.map((name) => [name, Buffer.from(JSON.stringify({ code: 0, data: bodies[name] }))]),
    );
  const large = written(largeBodies);
  const small = written({
    ...Object.fromEntries(endpointNames.map((name) => [name, {}])),
    profile: { nick_name: 'x', follower: 5 },
  });
  return (call) => {
    const [name, id] = call.split(' ') as [EndpointName, string];
    return { body: (id.startsWith('6') ? large : small).get(name) ?? Buffer.alloc(0) };
  };
}
