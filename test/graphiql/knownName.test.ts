import { describe, expect, it } from 'vitest';
import { knownName } from '../../src/graphiql/browser/knownName.js';

const query = 'query A { a } query B { ...C } fragment C on Query { c }';

describe("the operation that GraphiQL's page asks for", () => {
  it.each([
    { operationName: 'A', known: 'A' },
    { operationName: 'B', known: 'B' },
    { operationName: 'C', known: null },
    { operationName: 'OfAnotherTab', known: null },
    { operationName: null, known: null },
  ])('is $known when GraphiQL says $operationName', ({ operationName, known }) => {
    expect(knownName({ query, operationName })).toBe(known);
  });

  it('is left to the server when the query cannot be parsed', () => {
    expect(knownName({ query: 'query A {', operationName: 'A' })).toBe('A');
    expect(knownName({ query: '{ a }' })).toBeNull();
  });
});
