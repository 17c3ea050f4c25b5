import { describe, expect, it } from 'vitest';
import { compareMoney, moneyFromFen, moneyFromYuan } from '../src/money.js';

const notProvided = ['', ' ', 0, '0', '0.00', '-1', -1, '1e5', 1e21, 'NaN', '1,000', '￥5', '9'.repeat(400)];

describe('moneyFromYuan', () => {
  it.each([
    [263700, '263700.00'],
    ['263700', '263700.00'],
    [' 54800 ', '54800.00'],
    ['0.5', '0.50'],
    [56.18, '56.18'],
    ['12345678901234567890.12', '12345678901234567890.12'],
  ])('reads %j as %s yuan', (yuan, amount) => {
    expect(moneyFromYuan(yuan)).toEqual({ amount, currencyCode: 'CNY' });
  });

  it.each(notProvided)('reads %j as nothing', (yuan) => {
    expect(moneyFromYuan(yuan)).toBeNull();
  });
});

describe('moneyFromFen', () => {
  it.each([
    ['5618', '56.18'],
    ['14043', '140.43'],
    ['253', '2.53'],
    [633, '6.33'],
    ['1', '0.01'],
    ['98765432109876543210', '987654321098765432.10'],
  ])('reads %j fen as %s yuan', (fen, amount) => {
    expect(moneyFromFen(fen)).toEqual({ amount, currencyCode: 'CNY' });
  });

  it.each(notProvided)('reads %j as nothing', (fen) => {
    expect(moneyFromFen(fen)).toBeNull();
  });
});

describe('compareMoney', () => {
  it('sorts by amount, not by spelling', () => {
    const amounts = ['100.00', '99.50', '263700.00', '9.99'];
    const sorted = amounts.map((amount) => ({ amount, currencyCode: 'CNY' as const })).sort(compareMoney);
    expect(sorted.map(({ amount }) => amount)).toEqual(['9.99', '99.50', '100.00', '263700.00']);
  });

  it('calls equal amounts equal', () => {
    const price = { amount: '56.18', currencyCode: 'CNY' } as const;
    expect(compareMoney(price, { ...price })).toBe(0);
  });
});
