import { describe, expect, it } from 'vitest';
import { costTextOf } from '../../src/graphiql/browser/costText.js';
import { cost } from '../harness.js';

const spent = (amount: string) => ({ estimatedSpend: { amount, currencyCode: 'CNY' } }) as const;

describe('the line above a response', () => {
  it.each([
    {
      what: 'calls, price, time and sandbox',
      extensions: { cost: cost({ paidCalls: 1, cachedCalls: 2, ...spent('0.05') }), sandbox: true },
      ms: 31.4,
      en: '3 calls · 1 paid · ¥0.05 · 2 cached · 31 ms · sandbox',
      zh: '3 次调用 · 1 次付费 · ¥0.05 · 2 次缓存 · 31 毫秒 · 沙盒',
    },
    {
      what: 'failures and renewals, without a price that is not set',
      extensions: { cost: cost({ paidCalls: 1, failedCalls: 1, requestedCalls: 2, renewalCalls: 1 }) },
      ms: 12_345,
      en: '2 calls · 1 paid · 1 failed · 1 renewal · 12.3 s',
      zh: '2 次调用 · 1 次付费 · 1 次失败 · 1 次更新 · 12.3 秒',
    },
    {
      what: 'what a dry run forecasts',
      extensions: {
        cost: cost({ dryRun: true, isUpperBound: true, paidCalls: 21, attempts: 0, ...spent('1.05') }),
      },
      ms: 4,
      en: 'dry run: ≤ 21 calls · ≤ 21 to pay · ≤ ¥1.05 · 4 ms',
      zh: '试算：≤ 21 次调用 · ≤ 21 次需付费 · ≤ ¥1.05 · 4 毫秒',
    },
    {
      what: 'the time alone of an operation without sections',
      extensions: {},
      ms: 0.6,
      en: '1 ms',
      zh: '1 毫秒',
    },
  ])('says $what', ({ extensions, ms, en, zh }) => {
    expect(costTextOf(extensions, ms, 'en')).toBe(en);
    expect(costTextOf(extensions, ms, 'zh')).toBe(zh);
  });
});
