import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isDeeperThan, isObject, parseJson, readJson } from '../../src/upstream/json.js';
import { seed } from '../seed.js';

const ninetyNines = '9'.repeat(400);

describe('parseJson', () => {
  it.each([
    ['{"id":6629722295873044494}', { id: '6629722295873044494' }],
    ['{"id":"6629722295873044494"}', { id: '6629722295873044494' }],
    ['{"id": -6629722295873044494 }', { id: '-6629722295873044494' }],
    ['[7553989899192519974,7579880027882799283]', ['7553989899192519974', '7579880027882799283']],
    ['[\n7553989899192519974\n]', ['7553989899192519974']],
    ['6629722295873044494', '6629722295873044494'],
    ['9007199254740993', '9007199254740993'],
    ['1e400', '1e400'],
    ['[-1E+400]', ['-1E+400']],
    ['{"tiny":1e-400}', { tiny: '1e-400' }],
    ['{"rate":0.1234567890123456789}', { rate: '0.1234567890123456789' }],
    [`[${ninetyNines}]`, [ninetyNines]],
    ['[9007199254740992,6629722295873044480]', ['9007199254740992', '6629722295873044480']],
  ])('loses no digit of %s', (json, value) => {
    expect(parseJson(json)).toEqual(value);
  });

  it.each([
    ['[4693149,-1.5,0,-0.25,1e3,2E-2]', [4693149, -1.5, 0, -0.25, 1000, 0.02]],
    ['[9007199254740991,-9007199254740991]', [9007199254740991, -9007199254740991]],
    ['[1.0000000000000000000,1E18]', [1, 1e18]],
    ['[1e300,0.1000000000000000000]', [1e300, 0.1]],
    ['{"a":[true,false,null,{},[],""]}', { a: [true, false, null, {}, [], ''] }],
  ])('reads what fits a double as a number: %s', (json, value) => {
    expect(parseJson(json)).toEqual(value);
  });

  it.each([
    ['{"tags":"[6629722295873044494]","id":1}', { tags: '[6629722295873044494]', id: 1 }],
    ['["a, 6629722295873044494 b"]', ['a, 6629722295873044494 b']],
    ['["1e400"]', ['1e400']],
    ['{"6629722295873044494":1e400}', { '6629722295873044494': '1e400' }],
  ])('does not change digits inside strings: %s', (json, value) => {
    expect(parseJson(json)).toEqual(value);
  });

  it.each([
    [String.raw`{"a":"\"","b":6629722295873044494}`, { a: '"', b: '6629722295873044494' }],
    [String.raw`{"a":"\\","b":6629722295873044494}`, { a: '\\', b: '6629722295873044494' }],
    [String.raw`{"a":"\\\"x","b":6629722295873044494}`, { a: '\\"x', b: '6629722295873044494' }],
    [String.raw`{"a":"\u0022, 1","b":6629722295873044494}`, { a: '", 1', b: '6629722295873044494' }],
    [String.raw`{"a":"\u6e38\u620f","b":6629722295873044494}`, { a: '游戏', b: '6629722295873044494' }],
  ])('finds the number behind escapes: %s', (json, value) => {
    expect(parseJson(json)).toEqual(value);
  });

  it.each([
    ['{"a":1,"a":2}', { a: 2 }],
    ['{"a":7553989899192519974,"a":7579880027882799283}', { a: '7579880027882799283' }],
  ])('takes the last value of a duplicate key: %s', (json, value) => {
    expect(parseJson(json)).toEqual(value);
  });

  it.each(['{"__proto__":{"admin":true},"b":1}', '{"__proto__":{"admin":true},"b":6629722295873044494}'])(
    'takes __proto__ for a plain key: %s',
    (json) => {
      const value = parseJson(json);
      expect(Object.keys(value ?? {})).toEqual(['__proto__', 'b']);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect((value as { admin?: unknown }).admin).toBeUndefined();
    },
  );

  it.each([
    ['\uFEFF{"a":1}', { a: 1 }],
    ['\uFEFF6629722295873044494', '6629722295873044494'],
  ])('skips a byte order mark: %j', (json, value) => {
    expect(parseJson(json)).toEqual(value);
  });

  it.each([
    '',
    '\uFEFF\uFEFF1',
    '01',
    '1.',
    '.5',
    '-',
    '+1',
    '1e',
    'NaN',
    '[1,]',
    '{"a":1',
    '"open',
    `"6629722295873044494`,
    '06629722295873044494',
    '6629722295873044494.',
    '--6629722295873044494',
    '6629722295873044494abc',
    '[6629722295873044494 2]',
    '[6629722295873044494"a"]',
    '{"a":123456789012345678901 2}',
    '{"a":6629722295873044494,}',
    '{6629722295873044494:1}',
    '{1e400 : 1}',
  ])('throws a SyntaxError on %j', (json) => {
    expect(() => parseJson(json)).toThrow(SyntaxError);
  });
});

describe('canonicalJson', () => {
  it.each([
    [{ b: 1, a: [{ d: null, c: 'x' }] }, '{"a":[{"c":"x","d":null}],"b":1}'],
    [{ a: undefined, b: 0 }, '{"b":0}'],
    [[], '[]'],
    [{}, '{}'],
    ['"\n', '"\\"\\n"'],
    [{ 'a"b': '\ud83c', a: true }, '{"a":true,"a\\"b":"\\ud83c"}'],
  ])('of %j is %s', (value, json) => {
    expect(canonicalJson(value)).toBe(json);
  });

  it('is the same for the same value in any order of its keys, says the same, and differs for others', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (!isObject(value)) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, reversed(inner)]),
      );
    };
    const plain = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)));
    fc.assert(
      fc.property(plain, plain, (value, other) => {
        const json = canonicalJson(value);
        expect(JSON.parse(json)).toEqual(value);
        expect(canonicalJson(reversed(value))).toBe(json);
        if (canonicalJson(other) === json) expect(other).toEqual(value);
      }),
      { seed },
    );
  });
});

describe('isObject', () => {
  it.each([
    [{}, true],
    [{ a: 1 }, true],
    [[], false],
    [null, false],
    ['{}', false],
    [1, false],
    [undefined, false],
  ])('of %j is %s', (value, expected) => {
    expect(isObject(value)).toBe(expected);
  });
});

describe('isDeeperThan', () => {
  it.each([
    ['1', 0, false],
    ['null', 0, false],
    ['{}', 0, true],
    ['[]', 1, false],
    ['[[]]', 1, true],
    ['{"a":[{"b":1}]}', 3, false],
    ['{"a":[{"b":[]}]}', 3, true],
    ['{"__proto__":{"a":{}}}', 2, true],
    [`${'['.repeat(64)}${']'.repeat(64)}`, 64, false],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 64, true],
  ])('of %s and %i is %s', (json, limit, expected) => {
    expect(isDeeperThan(parseJson(json), limit)).toBe(expected);
  });

  it('looks no deeper than the limit, so that no body overflows the stack', () => {
    const depth = 100_000;
    expect(isDeeperThan(parseJson(`${'['.repeat(depth)}${']'.repeat(depth)}`), 64)).toBe(true);
  });
});

describe('text that other programs refuse', () => {
  it.each([
    [String.raw`["\ud83c"]`, ['\ufffd']],
    [String.raw`["a\udf89b"]`, ['a\ufffdb']],
    [String.raw`["\ud83c\udf89"]`, ['🎉']],
    [String.raw`["\uD83C\uD83C\uDF89"]`, ['\ufffd🎉']],
    [String.raw`["\ud83c\u0041"]`, ['\ufffdA']],
    [String.raw`["a\u0000b"]`, ['ab']],
    [String.raw`{"a\u0000":1}`, { a: 1 }],
    [String.raw`["\\ud83c", "\\\ud83c"]`, ['\\ud83c', '\\\ufffd']],
    [String.raw`["\n\"\/", "\u00e9"]`, ['\n"/', 'é']],
  ])('%s is read without halves of characters and NUL', (json, value) => {
    const read = readJson(json);
    expect(read.value).toEqual(value);
    expect(JSON.parse(read.text)).toEqual(value);
  });

  it('is well-formed and without NUL in the end, whatever upstream sends', () => {
    const unit = fc
      .integer({ min: 0, max: 0xffff })
      .map((code) => `\\u${code.toString(16).padStart(4, '0')}`);
    const surrogate = fc.integer({ min: 0xd7fe, max: 0xe001 }).map((code) => `\\u${code.toString(16)}`);
    const piece = fc.oneof(
      unit,
      surrogate,
      fc.constantFrom('\\u0000', '\\\\', '\\n', 'a', '\\\\u0000', '🎉'),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const { value, text } = readJson(`["${pieces.join('')}"]`);
        expect(JSON.parse(text)).toEqual(value);
        expect(String((value as string[])[0])).not.toMatch(/\p{Surrogate}|\0/u);
      }),
      { seed },
    );
  });
});
