import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { words } from '../../../src/upstream/endpoints/lists.js';
import {
  count,
  countOrZero,
  fen,
  fraction,
  id,
  quantity,
  time,
  yuan,
} from '../../../src/upstream/endpoints/values.js';
import { seed } from '../../seed.js';

/** What a reader makes of a value, and whether it reports that it could not read it. */
function reading<T>(reader: (raw: unknown, report: () => void) => T, raw: unknown) {
  let isReported = false;
  const value = reader(raw, () => {
    isReported = true;
  });
  return { value, isReported };
}

const grouped = (whole: number) => whole.toLocaleString('en-US');
const fullWidth = (text: string) =>
  text.replaceAll(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));

describe('a number', () => {
  const whole = fc.integer({ min: 1, max: 2 ** 31 });

  it('below one is the same with all its decimals as with an exponent', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1, noNaN: true, maxExcluded: true }), (number) => {
        for (const form of [number, String(number), new Decimal(number).toFixed()]) {
          expect([form, reading(fraction, form)]).toEqual([form, { value: number, isReported: false }]);
        }
      }),
      { seed },
    );
  });

  it('is the same however it is written', () => {
    fc.assert(
      fc.property(whole, (number) => {
        const forms = [
          number,
          `${number}`,
          ` ${number} `,
          grouped(number),
          fullWidth(`${number}`),
          `${number}.0`,
        ];
        for (const form of forms) {
          expect([form, reading(count, form)]).toEqual([form, { value: number, isReported: false }]);
        }
      }),
      { seed },
    );
  });

  it('is exact in 万 and 亿', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 8 }), (hundreds) => {
        const inTenThousands = `${Math.floor(hundreds / 100)}.${String(hundreds % 100).padStart(2, '0')}`;
        for (const scale of ['w', 'W', '万']) expect(count(inTenThousands + scale)).toBe(hundreds * 100);
        expect(count(`${inTenThousands}亿`)).toBe(hundreds * 1_000_000);
      }),
      { seed },
    );
  });

  it('with a fraction is rounded where things are counted, and kept where they are measured', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 10 ** 9 }), (tenths) => {
        expect(count(`${tenths / 10}`)).toBe(Math.round(tenths / 10));
        expect(quantity(`${tenths / 10}`)).toBe(tenths / 10);
      }),
      { seed },
    );
  });

  it('of money is exact to the fen', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 12 }), (amount) => {
        const inYuan = `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;
        for (const form of [inYuan, `¥${inYuan}`, `${inYuan}元`]) expect(yuan(form)?.amount).toBe(inYuan);
        expect(fen(String(amount))?.amount).toBe(inYuan);
        expect(fen(grouped(amount))?.amount).toBe(inYuan);
      }),
      { seed },
    );
  });

  it('is filler when it is zero, in any notation', () => {
    const zero = fc
      .constantFrom('0', '00', '0.00', '0,000', '0e5', '０')
      .chain((digits) =>
        fc.constantFrom('', '%', '元', 'k', 'w', '万', '亿', '万元').map((unit) => digits + unit),
      );
    fc.assert(
      fc.property(zero, fc.constantFrom('', ' ', '¥', '￥'), (number, before) => {
        fc.pre(!/e.*[kw万亿]/.test(number));
        const nothing = { value: null, isReported: false };
        for (const reader of [count, quantity, fraction, yuan, fen]) {
          expect([number, reading<unknown>(reader, before + number)]).toEqual([number, nothing]);
        }
        expect(reading(countOrZero, before + number)).toEqual({ value: 0, isReported: false });
      }),
      { seed },
    );
  });

  it('as a percentage is a fraction', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (hundredths) => {
        expect(fraction(`${hundredths / 100}%`)).toBeCloseTo(hundredths / 10_000, 12);
      }),
      { seed },
    );
  });
});

describe('anything', () => {
  const readers = { count, quantity, fraction, yuan, fen, id, time };
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.string(),
    fc.stringMatching(/^[\d,.eE+%wW万亿¥元 -]{0,12}$/),
    fc.double(),
  );

  it.each(Object.keys(readers) as (keyof typeof readers)[])(
    'is read as %s, is filler, or is reported: it never throws, and never becomes a false zero',
    (kind) => {
      fc.assert(
        fc.property(anything, (raw) => {
          const { value, isReported } = reading<unknown>(readers[kind], raw);
          expect(value === null || !isReported).toBe(true);
          expect(value === 0 || (typeof value === 'number' && !Number.isFinite(value))).toBe(false);
        }),
        { seed },
      );
    },
  );

  it('that contains a digit from 1 to 9 is read or reported', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z:]{0,3}[1-9][a-z:]{0,3}$/), (raw) => {
        for (const reader of [count, yuan, time]) {
          const { value, isReported } = reading<unknown>(reader, raw);
          expect([raw, value !== null || isReported]).toEqual([raw, true]);
        }
      }),
      { seed },
    );
  });
});

describe('a moment', () => {
  const moment = fc.date({ min: new Date('2000-01-02'), max: new Date('2099-12-30'), noInvalidDate: true });

  it('is the same in seconds, in milliseconds, and as a date in China or with a zone', () => {
    fc.assert(
      fc.property(moment, (date) => {
        const seconds = Math.floor(date.getTime() / 1000);
        const expected = seconds * 1000;
        const inChina = new Date(expected + 8 * 3_600_000).toISOString().slice(0, 19);
        const forms = [
          ...[seconds, `${seconds}`, expected, `${expected}`, inChina.replace('T', ' ')],
          ...[`${inChina}+08:00`, new Date(expected).toISOString(), inChina.replaceAll(/\D/g, '')],
        ];
        for (const form of forms) expect([form, time(form)?.getTime()]).toEqual([form, expected]);
      }),
      { seed },
    );
  });

  it('that is the digits of a date is never taken for a moment of 1970', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999_999 }), (digits) => {
        const year = time(digits)?.getUTCFullYear() ?? 2000;
        expect(year).toBeGreaterThanOrEqual(1999);
      }),
      { seed },
    );
  });
});

describe('words', () => {
  it('are the same as a list, as JSON text, and between commas', () => {
    const word = fc
      .stringMatching(/^[一-龥a-z]{1,6}$/)
      .filter((text) => !/^(?:无|未知|null|none|nan)$/.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (list) => {
        for (const form of [list, JSON.stringify(list), list.join(','), list.join('、'), list.join(' ，')]) {
          expect(words(form)).toEqual(list);
        }
      }),
      { seed },
    );
  });
});

describe('an id', () => {
  it('keeps every digit, or is none', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 20n }), (number) => {
        expect(id(String(number))).toBe(String(number));
        const asNumber = Number(number);
        expect([null, String(number)]).toContain(id(asNumber));
      }),
      { seed },
    );
  });
});
