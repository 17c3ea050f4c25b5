import { describe, expect, it } from 'vitest';
import sample from '../../../src/sandbox/samples/cp-metrics.json' with { type: 'json' };
import { cpMetrics } from '../../../src/upstream/endpoints/cpMetrics.js';
import type { JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';

const noDrift = (what: string) => expect.fail(`drift: ${what}`);
const decode = (data: object) => cpMetrics.decode(data as JsonObject, noDrift, decodedAtMs);
const withKeys = (keys: object) => decode({ ...sample.data, ...keys });

const yuan = (amount: string) => ({ amount, currencyCode: 'CNY' });
const noMoney = { seconds1To20: null, seconds21To60: null, secondsOver60: null };
const nothing = {
  expectedCpm: noMoney,
  expectedCpe: noMoney,
  expectedPlayCount: null,
  viralRate: null,
  expectedEngagementRate: null,
  expectedEngagementCount: null,
};

describe('cpMetrics', () => {
  it("reads the vendor's sample: fen as yuan, basis points as a fraction", () => {
    expect(decode(sample.data)).toEqual({
      expectedCpm: {
        seconds1To20: yuan('56.18'),
        seconds21To60: yuan('140.43'),
        secondsOver60: yuan('140.43'),
      },
      expectedCpe: { seconds1To20: yuan('2.53'), seconds21To60: yuan('6.33'), secondsOver60: yuan('6.33') },
      expectedPlayCount: 4693149,
      viralRate: 0.12,
      expectedEngagementRate: expect.closeTo(0.0221848, 7),
      expectedEngagementCount: 104117,
    });
  });

  it('agrees with the price: 263700 yuan for 4693149 plays, truncated to whole fen', () => {
    const { expectedCpm, expectedPlayCount } = decode(sample.data);
    const fen = Math.trunc((263_700 / (expectedPlayCount ?? 0)) * 1000 * 100);
    expect(expectedCpm.seconds1To20?.amount).toBe((fen / 100).toFixed(2));
  });

  it('has no values without data', () => {
    expect(decode({})).toEqual(nothing);
  });

  it.each(['', 0, '0', []])('takes %j for "not provided", at either level', (filler) => {
    const all = (names: string[]) => Object.fromEntries(names.map((name) => [name, filler]));
    expect(decode(all([...cpMetrics.shape.reads]))).toEqual(nothing);
    expect(
      decode({
        expect_cpm: all(['cpm_1_20', 'cpm_21_60', 'cpm_60']),
        expect_cpe: all(['cpe_1_20', 'cpe_21_60', 'cpe_60']),
        expect_vv: all(['value']),
        hot_item: all(['value']),
      }),
    ).toEqual(nothing);
  });

  it('reads the same figures whether they come as strings or as numbers', () => {
    expect(
      decode({
        expect_cpm: { cpm_1_20: 5618, cpm_21_60: 14043, cpm_60: 14043 },
        expect_cpe: { cpe_1_20: 253, cpe_21_60: 633, cpe_60: 633 },
        expect_vv: { value: '4693149' },
        hot_item: { value: '1200' },
      }),
    ).toEqual(decode(sample.data));
  });

  it('keeps the other durations where one is missing', () => {
    expect(withKeys({ expect_cpm: { cpm_60: '14043' } }).expectedCpm).toEqual({
      ...noMoney,
      secondsOver60: yuan('140.43'),
    });
  });

  it.each([
    [10_000, 1],
    [1, 0.0001],
    ['12%', 0.12],
  ])('reads %j basis points as %j', (value, viralRate) => {
    expect(withKeys({ hot_item: { value } }).viralRate).toBe(viralRate);
  });

  it.each([10_001, -1, 0.12, 'many'])('gives no rate for %j basis points, and reports them', (value) => {
    const drift: string[] = [];
    const tell = (what: string) => drift.push(what);
    const { viralRate } = cpMetrics.decode({ ...sample.data, hot_item: { value } }, tell, decodedAtMs);
    expect([viralRate, drift]).toEqual([null, ['hot_item.value']]);
  });

  it.each([
    ['no CPM', { expect_cpm: {} }],
    ['no CPE', { expect_cpe: null }],
    ['no duration with both', { expect_cpm: { cpm_1_20: '5618' }, expect_cpe: { cpe_60: '633' } }],
  ])('derives no engagement from %s', (_what, keys) => {
    expect(withKeys(keys)).toMatchObject({
      expectedPlayCount: 4693149,
      expectedEngagementRate: null,
      expectedEngagementCount: null,
    });
  });

  it('derives the engagement from the one duration that has both', () => {
    expect(withKeys({ expect_cpe: { cpe_1_20: '253' } }).expectedEngagementRate).toBeCloseTo(0.0222055, 7);
  });

  it('derives a rate without plays, but no count', () => {
    expect(withKeys({ expect_vv: {} })).toMatchObject({
      expectedPlayCount: null,
      expectedEngagementRate: expect.closeTo(0.0221848, 7),
      expectedEngagementCount: null,
    });
  });
});
