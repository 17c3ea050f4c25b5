import { readFileSync } from 'node:fs';
import {
  type ASTVisitor,
  BREAK,
  buildSchema,
  type DocumentNode,
  GraphQLError,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { validateFast } from '../../src/response/useFastValidation.js';
import { type Random, randomFrom } from '../../src/sandbox/random.js';
import { operationsOf } from '../cost/randomOperation.js';
import { seed } from '../seed.js';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const randomOperation = operationsOf(schema);

/** With some names replaced by others, so that many rules report errors. Null: it can't be parsed. */
function withMistakes(text: string, random: Random): DocumentNode | null {
  const parts = text.split(/(\w+)/);
  const isWord = (_: string, at: number) => at % 2 === 1;
  const words = parts.filter(isWord);
  const share = 1 / words.length;
  const mixed = parts.map((part, at) =>
    isWord(part, at) && random.chance(share) ? random.pick(words) : part,
  );
  try {
    return parse(mixed.join(''));
  } catch {
    return null;
  }
}

describe('fast validation', () => {
  it(`reports what graphql-js reports, in random documents with mistakes (seed ${seed})`, () => {
    const random = randomFrom(String(seed));
    const kindsOfErrors = new Set<string>();
    let invalid = 0;
    for (let nth = 0; nth < 150; nth += 1) {
      const { query } = randomOperation(random, () => '6629722295873044494');
      for (const document of [parse(query), ...[1, 2, 3, 4].map(() => withMistakes(query, random))]) {
        if (!document) continue;
        const expected = validate(schema, document).map(String);
        expect(validateFast(schema, document, specifiedRules).map(String)).toEqual(expected);
        if (expected.length > 0) invalid += 1;
        for (const error of expected) kindsOfErrors.add(error.replace(/"[^"]*"/g, '').slice(0, 12));
      }
    }
    // With fewer, the test would prove little.
    expect(invalid).toBeGreaterThan(100);
    expect(kindsOfErrors.size).toBeGreaterThan(10);
  });

  it('lets a rule skip a node, or end, without an effect on other rules', () => {
    const seen: string[] = [];
    const watching =
      (name: string, result: (field: string) => unknown, also: ASTVisitor = {}): ValidationRule =>
      () => ({
        ...also,
        Field: {
          enter: ({ name: { value } }) => {
            seen.push(`${name} enters ${value}`);
            return result(value) as undefined;
          },
          leave: ({ name: { value } }) => void seen.push(`${name} leaves ${value}`),
        },
      });
    const rules = [
      watching('patient', () => undefined),
      watching('skipping', (field) => (field === 'profile' ? false : undefined)),
      watching('ending', (field) => (field === 'name' ? BREAK : undefined)),
      watching('curious', () => undefined, { enter: ({ kind }) => void seen.push(`curious at ${kind}`) }),
    ];
    const document = parse('{ creator(id: "7") { profile { name } prices { id } } }');
    const seenWith = (validateFn: typeof validateFast) => {
      seen.length = 0;
      validateFn(schema, document, rules);
      return [...seen];
    };
    expect(seenWith(validateFast)).toEqual(seenWith(validate));
    expect(seen).toContain('patient enters name');
    expect(seen).not.toContain('skipping enters name');
  });

  it('stops at the hundredth error, as graphql-js does', () => {
    const document = parse(`{ ${'nonsense '.repeat(200)} }`);
    const errors = validateFast(schema, document, specifiedRules);
    expect(errors).toHaveLength(101);
    expect(errors.at(-1)).toBeInstanceOf(GraphQLError);
    expect(errors.map(String)).toEqual(validate(schema, document).map(String));
  });
});
