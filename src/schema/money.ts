import type { Money as MoneyValue } from '../money.js';
import type { MoneyByDuration as MoneyByDurationValue } from '../upstream/endpoints/expectedCosts.js';
import { builder } from './builder.js';

const CurrencyCode = builder.enumType('CurrencyCode', {
  description: 'A currency, by its ISO 4217 code.',
  values: { CNY: { description: 'Chinese yuan (人民币).' } } as const,
});

export const Money = builder.objectRef<MoneyValue>('Money').implement({
  description: 'An exact amount of money.',
  fields: (t) => ({
    amount: t.expose('amount', {
      type: 'Decimal',
      nullable: false,
      description: 'In yuan (not fen), always with two decimal places: "56.18".',
    }),
    currencyCode: t.expose('currencyCode', {
      type: CurrencyCode,
      nullable: false,
      description: 'Always CNY: upstream has no other currency.',
    }),
  }),
});

export const MoneyByDuration = builder.objectRef<MoneyByDurationValue>('MoneyByDuration').implement({
  description: 'One amount for each length of the ordered video.',
  fields: (t) => ({
    seconds1To20: t.expose('seconds1To20', {
      type: Money,
      description: 'For videos of 1 to 20 seconds. Null: not provided.',
    }),
    seconds21To60: t.expose('seconds21To60', {
      type: Money,
      description: 'For videos of 21 to 60 seconds. Null: not provided.',
    }),
    secondsOver60: t.expose('secondsOver60', {
      type: Money,
      description: 'For videos longer than 60 seconds. Null: not provided.',
    }),
  }),
});
