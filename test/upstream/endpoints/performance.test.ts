import { describe, expect, it } from 'vitest';
import { performance } from '../../../src/upstream/endpoints/performance.js';
import type { JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';

const noDrift = (what: string) => expect.fail(`drift: ${what}`);
const yuan = (amount: string) => ({ amount, currencyCode: 'CNY' });
const decode = (data: object) => performance.decode(data as JsonObject, noDrift, decodedAtMs);

describe('performance', () => {
  it('reads counts, rates from basis points, and amounts from fen', () => {
    const body = {
      play_mid: '120500',
      item_num: 12,
      like_avg: '186342.5',
      comment_avg: '9120',
      share_avg: 5413,
      play_over_rate: { value: 1523, overtake: 6120 },
      interact_rate: { value: '402', overtake: 4410 },
      avg_duration: 1200,
      expect_cpm: { cpm_1_20: '2156', cpm_21_60: 4000, cpm_60: '0' },
      expect_cpe: { cpe_21_60: '228' },
    };
    expect(decode(body)).toEqual({
      videoCount: 12,
      medianPlayCount: 120_500,
      averageLikeCount: 186_342.5,
      averageCommentCount: 9_120,
      averageShareCount: 5_413,
      completionRate: 0.1523,
      engagementRate: 0.0402,
      expectedCpm: { seconds1To20: yuan('21.56'), seconds21To60: yuan('40.00'), secondsOver60: null },
      expectedCpe: { seconds1To20: null, seconds21To60: yuan('2.28'), secondsOver60: null },
    });
  });

  it('takes the numbers of item_rate where its own are missing', () => {
    const body = { item_rate: { item_num: { value: '3' }, play_mid: { value: 700, overtake: 1 } } };
    expect(decode(body)).toMatchObject({ videoCount: 3, medianPlayCount: 700 });
    expect(decode({ ...body, item_num: 4, play_mid: '800' })).toMatchObject({
      videoCount: 4,
      medianPlayCount: 800,
    });
  });

  it('has no figures of a creator without such videos', () => {
    const body = {
      item_num: 0,
      play_mid: '0',
      like_avg: '',
      play_over_rate: { value: 0 },
      interact_rate: {},
    };
    const { expectedCpm, expectedCpe, ...figures } = decode(body);
    for (const part of [figures, expectedCpm, expectedCpe])
      expect(new Set(Object.values(part))).toEqual(new Set([null]));
  });

  it('does not take a fraction for basis points', () => {
    const drift: string[] = [];
    const body = { interact_rate: { value: 0.0402 } };
    expect(performance.decode(body, (what) => drift.push(what), decodedAtMs).engagementRate).toBeNull();
    expect(drift).toEqual(['interact_rate.value']);
  });
});
