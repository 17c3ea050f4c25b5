import { describe, expect, it } from 'vitest';
import { type Answer, scriptedUpstream, startTestServer } from '../harness.js';
import { allPartsOf } from '../incrementalParts.js';

const id = '6629722295873044494';

function locationsIn({ errors = [] }: Answer): unknown[] {
  return errors.map((error) => (error as { readonly locations?: unknown }).locations);
}

describe('an error has the location', () => {
  it.each([
    ['of a syntax error', `{ creator(`, [[{ line: 1, column: 11 }]]],
    ['of an unknown field', `{\n  creator(id: "${id}") { nonsense }\n}`, [[{ line: 2, column: 40 }]]],
    [
      'of both fields that clash',
      `{ a: creator(id: "1") { id }\n  a: creator(id: "2") { id } }`,
      [
        [
          { line: 1, column: 3 },
          { line: 2, column: 3 },
        ],
      ],
    ],
    ['of a malformed id', `{ creator(id: "7") { id } }`, [[{ line: 1, column: 3 }]]],
    [
      'of both streams that clash',
      `{ creators(ids: ["${id}"]) @stream { id }\n  ... { creators(ids: ["${id}"]) @stream(initialCount: 1) { id } } }`,
      [
        [
          { line: 1, column: 3 },
          { line: 2, column: 9 },
        ],
      ],
    ],
    ['of a missing variable', `query ($id: ID!) {\n creator(id: $id) { id } }`, [[{ line: 1, column: 8 }]]],
  ])('%s', async (_, query, locations) => {
    const server = await startTestServer();
    // The third time, the document comes from the cache.
    for (let times = 0; times < 3; times += 1)
      expect(locationsIn(await server.ask(query))).toEqual(locations);
    expect(server.calls).toEqual([]);
  });

  it('of each section that fails', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 600, data: null } }));
    const server = await startTestServer({ upstream });
    const answer = await server.ask(`{\n creator(id: "${id}") {\n  profile { name }\n  p: prices { id } } }`);
    expect(locationsIn(answer)).toEqual([[{ line: 3, column: 3 }], [{ line: 4, column: 3 }]]);
    expect(server.calls).toHaveLength(2);
  });

  it('of a section that fails in a subsequent result', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 600, data: null } }));
    const server = await startTestServer({ upstream });
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed' },
      body: JSON.stringify({ query: `{ creator(id: "${id}") {\n ... @defer {\n  profile { name } } } }` }),
    });
    const results = (await allPartsOf(response)).flatMap(({ incremental = [] }) => incremental);
    expect(results.flatMap(({ errors }) => locationsIn({ data: null, errors: errors ?? [] }))).toEqual([
      [{ line: 3, column: 3 }],
    ]);
    expect(server.calls).toHaveLength(1);
  });
});
