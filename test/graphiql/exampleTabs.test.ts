import { describe, expect, it } from 'vitest';
import { exampleTabs } from '../../src/graphiql/browser/exampleTabs.js';
import { sandboxUpstream, startTestServer } from '../harness.js';
import { allPartsOf, merged } from '../incrementalParts.js';

/** The calls that each tab's comment announces (a failing one is tried four times), and the codes of the errors that it shows. */
const expected = [
  { calls: 1, codes: [] },
  { calls: 9, codes: [] },
  { calls: 3, codes: [] },
  { calls: 4, codes: [] },
  { calls: 5, codes: ['UPSTREAM_COLLECTION_FAILED'] },
];

const atOnce = { latency: { kind: 'constant', ms: 0 } } as const;

describe('the tabs that GraphiQL opens with', () => {
  it.each(exampleTabs('en').map((tab, index) => ({ ...tab, ...expected[index] })))(
    'run as they are: $calls calls',
    async ({ query, variables, calls, codes }) => {
      const upstream = await sandboxUpstream({ creators: new Map([['9000000000000000931', atOnce]]) });
      const server = await startTestServer({ upstream });
      const response = await server.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, ...(variables && { variables: JSON.parse(variables) }) }),
      });
      const { data, errors } = merged(await allPartsOf(response));
      expect(data).toBeTruthy();
      expect((errors ?? []).map(({ extensions }) => extensions['code']).sort()).toEqual(codes);
      expect(server.calls).toHaveLength(calls ?? Number.NaN);
    },
  );

  it('are the same in Chinese, with Chinese comments', () => {
    const linesOf = (query: string, isComment: boolean) =>
      query.split('\n').filter((line) => line.startsWith('#') === isComment);
    const english = exampleTabs('en');
    const chinese = exampleTabs('zh');
    for (const [index, { query, variables }] of chinese.entries()) {
      expect(linesOf(query, false)).toEqual(linesOf(english[index]?.query ?? '', false));
      expect(variables).toBe(english[index]?.variables);
      expect(linesOf(query, true).join()).toMatch(/\p{Script=Han}.*次调用/u);
    }
    expect(chinese).toHaveLength(english.length);
  });
});
