import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPieces } from '../../src/response/jsonPieces.js';
import { JsonText } from '../../src/upstream/jsonText.js';
import { seed } from '../seed.js';

const written = (value: unknown) => [...jsonPieces(value)].join('');

describe('JSON in pieces', () => {
  it('is what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(written(value)).toBe(JSON.stringify(value));
      }),
      { seed },
    );
  });

  it('leaves out undefined and functions, and writes dates as toJSON does', () => {
    const value = {
      none: undefined,
      list: [undefined, Number.NaN],
      at: { time: new Date(0) },
      stringify: () => '',
      empty: Object.create(null),
    };
    expect(written(value)).toBe(JSON.stringify(value));
  });

  it('copies stored JSON, in pieces that cut no character in two', () => {
    const data = { title: `a${'😀'.repeat(100_000)}`, digits: '6629722295873044494' };
    const envelope = JSON.stringify({ code: 0, data });
    const pieces = [...jsonPieces({ raw: new JsonText(envelope), after: 1 })];
    expect(JSON.parse(pieces.join(''))).toEqual({ raw: data, after: 1 });
    expect(pieces.filter((piece) => /\p{Surrogate}/u.test(piece))).toEqual([]);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(150_000);
  });
});
