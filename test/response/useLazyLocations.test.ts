import { describe, expect, it } from 'vitest';
import { type Answer, scriptedUpstream, startTestServer } from '../harness.js';
import { allPartsOf } from '../incrementalParts.js';

const id = '6629722295873044494';

/** Where the errors of an answer are said to be. */
function placesIn({ errors = [] }: Answer): unknown[] {
  return errors.map((error) => (error as { readonly locations?: unknown }).locations);
}

describe('an error tells the place in the text', () => {
  it.each([
    ['of a syntax error', `{ creator(`, [[{ line: 1, column: 11 }]]],
    ['of a field that is unknown', `{\n  creator(id: "${id}") { nonsense }\n}`, [[{ line: 2, column: 40 }]]],
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
    ['of an argument that does not fit', `{ creator(id: "7") { id } }`, [[{ line: 1, column: 3 }]]],
    [
      'of a variable that is missing',
      `query ($id: ID!) {\n creator(id: $id) { id } }`,
      [[{ line: 1, column: 8 }]],
    ],
  ])('%s', async (_, query, places) => {
    const server = await startTestServer();
    // From the parsed documents, too, which the third time it is in.
    for (let times = 0; times < 3; times += 1) expect(placesIn(await server.ask(query))).toEqual(places);
    expect(server.calls).toEqual([]);
  });

  it('of each section that fails', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 600, data: null } }));
    const server = await startTestServer({ upstream });
    const answer = await server.ask(`{\n creator(id: "${id}") {\n  profile { name }\n  p: prices { id } } }`);
    expect(placesIn(answer)).toEqual([[{ line: 3, column: 3 }], [{ line: 4, column: 3 }]]);
    expect(server.calls).toHaveLength(2);
  });

  it('of a section that fails in a part of its own', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 600, data: null } }));
    const server = await startTestServer({ upstream });
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed' },
      body: JSON.stringify({ query: `{ creator(id: "${id}") {\n ... @defer {\n  profile { name } } } }` }),
    });
    const patches = (await allPartsOf(response)).flatMap(({ incremental = [] }) => incremental);
    expect(patches.flatMap(({ errors }) => placesIn({ data: null, errors: errors ?? [] }))).toEqual([
      [{ line: 3, column: 3 }],
    ]);
    expect(server.calls).toHaveLength(1);
  });
});
