import { describe, expect, it } from 'vitest';
import sample from '../../../src/sandbox/samples/link-info.json' with { type: 'json' };
import { indices } from '../../../src/upstream/endpoints/indices.js';
import type { JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';

const noDrift = (what: string) => expect.fail(`drift: ${what}`);
const decode = (data: object) => indices.decode(data as JsonObject, noDrift, decodedAtMs);

describe('indices', () => {
  it("reads the platform's body: value is the creator's score, avg_value the market's", () => {
    expect(decode(sample.data)).toEqual({
      overall: { value: 89.91, marketAverage: 56.81, rank: 66, topShare: 0, change: 0.0586 },
      spread: { value: 98.76, marketAverage: 53.62, rank: 233, topShare: 0.0001, change: 0.0254 },
      seeding: { value: 99.38, marketAverage: 53.89, rank: 66, topShare: 0, change: 0.1151 },
      conversion: { value: 89.61, marketAverage: 55.81, rank: 6_840, topShare: 0.0039, change: -0.0037 },
      costEffectiveness: {
        value: 73.34,
        marketAverage: 63.26,
        rank: 16_066,
        topShare: 0.0092,
        change: -0.0066,
      },
      cooperation: { value: 88.48, marketAverage: 75.32, rank: 3_557, topShare: 0.002, change: 0.1729 },
    });
  });

  it('has no index where the score is missing or zero', () => {
    const body = {
      cp_index: { avg_value: 63.26 },
      link_star_index: { value: 0, avg_value: 56.81, rank_percent: 0 },
    };
    expect(decode(body)).toMatchObject({ costEffectiveness: null, overall: null });
  });

  it('takes a share of zero for filler where there is no rank', () => {
    const { overall } = decode({ link_star_index: { value: 50, rank: '0', rank_percent: 0 } });
    expect(overall).toMatchObject({ value: 50, rank: null, topShare: null });
  });

  it('does not read a score over 100', () => {
    const drift: string[] = [];
    const body = { cp_index: { value: 1_000, avg_value: 60 } };
    expect(indices.decode(body, (what) => drift.push(what), decodedAtMs).costEffectiveness).toBeNull();
    expect(drift).toEqual(['cp_index.value']);
  });
});
