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

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const randomOperation = operationsOf(schema);

/** RULES_SEED makes the documents of an earlier run again. */
const seed = process.env['RULES_SEED'] ?? String(Date.now() % 1_000_000_000);

/** With some of its names in the place of others, so that all kinds of rules have something to say. Null: it can't be read. */
function spoiled(text: string, random: Random): DocumentNode | null {
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

describe('rules that are merged', () => {
  it(`report what they do apart, in random documents with mistakes (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const said = new Set<string>();
    let faulty = 0;
    for (let nth = 0; nth < 150; nth += 1) {
      const { query } = randomOperation(random, () => '6629722295873044494');
      for (const document of [parse(query), ...[1, 2, 3, 4].map(() => spoiled(query, random))]) {
        if (!document) continue;
        const apart = validate(schema, document).map(String);
        expect(validateFast(schema, document, specifiedRules).map(String)).toEqual(apart);
        if (apart.length > 0) faulty += 1;
        for (const error of apart) said.add(error.replace(/"[^"]*"/g, '').slice(0, 12));
      }
    }
    // Or it would say little.
    expect(faulty).toBeGreaterThan(100);
    expect(said.size).toBeGreaterThan(10);
  });

  it('pass over what one of them wants to know nothing of, and that one only', () => {
    const saw: string[] = [];
    const watching =
      (name: string, result: (field: string) => unknown, also: ASTVisitor = {}): ValidationRule =>
      () => ({
        ...also,
        Field: {
          enter: ({ name: { value } }) => {
            saw.push(`${name} enters ${value}`);
            return result(value) as undefined;
          },
          leave: ({ name: { value } }) => void saw.push(`${name} leaves ${value}`),
        },
      });
    const rules = [
      watching('patient', () => undefined),
      watching('skipping', (field) => (field === 'profile' ? false : undefined)),
      watching('ending', (field) => (field === 'name' ? BREAK : undefined)),
      watching('curious', () => undefined, { enter: ({ kind }) => void saw.push(`curious at ${kind}`) }),
    ];
    const document = parse('{ creator(id: "7") { profile { name } prices { id } } }');
    const seenBy = (by: typeof validateFast) => {
      saw.length = 0;
      by(schema, document, rules);
      return [...saw];
    };
    expect(seenBy(validateFast)).toEqual(seenBy(validate));
    expect(saw).toContain('patient enters name');
    expect(saw).not.toContain('skipping enters name');
  });

  it('stop at the hundredth error, as they do apart', () => {
    const document = parse(`{ ${'nonsense '.repeat(200)} }`);
    const errors = validateFast(schema, document, specifiedRules);
    expect(errors).toHaveLength(101);
    expect(errors.at(-1)).toBeInstanceOf(GraphQLError);
    expect(errors.map(String)).toEqual(validate(schema, document).map(String));
  });
});
