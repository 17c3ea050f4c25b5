import { setTimeout } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { describe, expect, it } from 'vitest';
import { atEnd, testToken } from './fixtures.js';
import { scriptedUpstream } from './harness.js';
import { idsOf, queries, replies } from './largeBodies.js';
import { graphqlUrl, start } from './program.js';

const atOnce = 30;

const list = <T>(length: number, make: () => T) => Array.from({ length }, make);

describe('a server with a heap of 512 MB', () => {
  it(`answers or refuses ${atOnce} requests at once of every large query, and small requests meanwhile`, {
    timeout: 180_000,
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
    // If small requests waited for large ones, there would be one or two for each query.
    expect(smallAnswers).toBeGreaterThan(50);
    expect(server.process.exitCode).toBeNull();
    // Each of these fits, so each is answered, whatever else is asked.
    for (const name of ['large raws that just fit', 'long lists', 'introspection'] as const) {
      const answers = await Promise.all(list(5, () => ask(queries[name])));
      expect(
        answers.filter(({ isData }) => isData),
        name,
      ).toHaveLength(5);
    }
  });
});
