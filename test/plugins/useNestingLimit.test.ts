import { expect, it } from 'vitest';
import { startTestServer } from '../harness.js';

const deep = (start: string, end: string, times: number) => `${start.repeat(times)}${end.repeat(times)}`;

it.each([
  [
    'lists',
    `{ creator(id: ${deep('[', ']', 498)}) { id } }`,
    `{ creator(id: ${deep('[', ']', 499)}) { id } }`,
  ],
  ['fields', `${deep('{a', '}', 500)}`, `${deep('{a', '}', 501)}`],
  ['types', `query ($a: ${'['.repeat(499)}ID${']'.repeat(499)}) { a }`, `query ($a: ${'['.repeat(500)}`],
])('a document may have 500 levels of brackets: %s', async (_, allowed, refused) => {
  const server = await startTestServer();
  const codeOf = async (query: string) => (await server.ask(query)).errors?.[0]?.extensions['code'];
  expect(await codeOf(allowed)).toMatch(/^GRAPHQL_/);
  expect(await codeOf(refused)).toBe('BAD_REQUEST');
  // The second time, the error comes from the cache.
  expect(await codeOf(refused)).toBe('BAD_REQUEST');
  expect(server.logs).toEqual([]);
  expect(server.calls).toEqual([]);
});

it('brackets in strings and comments and brackets side by side add no level', async () => {
  const server = await startTestServer();
  const brackets = '({['.repeat(300);
  const aside = Array.from({ length: 300 }, (_, nth) => `a${nth}: __type(name: "${brackets}") { name }`);
  const { data, errors } = await server.ask(`# ${brackets}\n{ ${aside.join(' ')} }`);
  expect(errors).toBeUndefined();
  expect(Object.keys(data)).toHaveLength(300);
  expect(server.calls).toEqual([]);
});
