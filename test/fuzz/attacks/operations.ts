import { readFileSync } from 'node:fs';
import { buildSchema, Lexer, Source, TokenKind } from 'graphql';
import type { Random } from '../../../src/sandbox/random.js';
import { operationsOf } from '../../cost/randomOperation.js';
import { type Attack, creatorIdFrom, dryRun, graphqlShot, operationBytes } from '../attack.js';

const schema = buildSchema(readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8'));
const randomOperation = operationsOf(schema);
const operationFrom = (random: Random) => randomOperation(random, () => creatorIdFrom(random));
const accepts = [
  'application/json',
  'application/graphql-response+json',
  'multipart/mixed',
  'text/event-stream',
  'multipart/mixed, application/json',
];

/** Valid operations of everything that the schema has. They are executed, and what they say that they cost is counted. */
export const operations: Attack = {
  name: 'valid operations',
  target: 'open',
  connections: 4,
  shot: (random) => {
    const params = operationFrom(random);
    const headers = [['accept', random.pick(accepts)] as const, ...(random.chance(0.3) ? [dryRun] : [])];
    return graphqlShot(operationBytes(params, headers), { mayCost: true });
  },
};

/** The same with some tokens missing, doubled, swapped or strange. */
export const mutants: Attack = {
  name: 'broken operations',
  target: 'open',
  connections: 4,
  shot: (random) => {
    const { query, ...rest } = operationFrom(random);
    const headers = [dryRun, ['accept', random.pick(accepts)] as const];
    return graphqlShot(operationBytes({ ...rest, query: mutated(random, query) }, headers));
  },
};

const strange = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ':',
  '!',
  '$',
  '@',
  '...',
  '|',
  '&',
  '=',
  '"',
  '"""',
  '\\',
  '\ufeff',
  '\u0000',
  '\u2028',
  '\ud83d\ude00',
  '1e',
  '-',
  '00',
  '0xff',
  '.',
  'null',
  'true',
  'on',
  'fragment',
  'query',
  'mutation',
  'subscription',
  'extend type',
  '__typename',
  '__schema',
  '@defer',
  '@stream',
  '@skip',
  '$undefined',
  '...Missing',
  '#',
];

function mutated(random: Random, query: string): string {
  const tokens = tokensOf(query);
  for (let changes = random.whole(1, 4); changes > 0 && tokens.length > 0; changes -= 1) {
    const at = random.whole(0, tokens.length - 1);
    const other = random.whole(0, tokens.length - 1);
    random.pick([
      () => tokens.splice(at, random.whole(1, 5)),
      () => tokens.splice(at, 0, ...tokens.slice(other, other + random.whole(1, 40))),
      () => tokens.splice(at, 1, tokens[other] ?? ''),
      () => tokens.splice(at, 1, random.pick(strange)),
      () => tokens.splice(at, 0, random.pick(strange)),
      () => tokens.splice(at),
    ])();
  }
  return tokens.join(random.chance(0.9) ? ' ' : '');
}

function tokensOf(text: string): string[] {
  const lexer = new Lexer(new Source(text));
  const tokens: string[] = [];
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    tokens.push(text.slice(token.start, token.end));
  }
  return tokens;
}
