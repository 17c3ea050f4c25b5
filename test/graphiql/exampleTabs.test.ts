import { describe, expect, it } from 'vitest';
import { exampleTabs } from '../../src/graphiql/exampleTabs.js';
import { startTestServer } from '../harness.js';
import { allPartsOf, merged } from '../incrementalParts.js';

/** The calls that each tab's comment announces (a failing one is tried four times), and the codes of the errors that it shows. */
const expected = [
  { calls: 1, codes: [] },
  { calls: 9, codes: [] },
  { calls: 3, codes: [] },
  { calls: 4, codes: [] },
  { calls: 5, codes: ['UPSTREAM_COLLECTION_FAILED'] },
];

describe('the tabs that GraphiQL opens with', () => {
  it.each(exampleTabs.map((tab, index) => ({ ...tab, ...expected[index] })))(
    'run as they are: $calls calls',
    async ({ query, variables, calls, codes }) => {
      const server = await startTestServer();
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
});
