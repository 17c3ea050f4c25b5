import type { Endpoint } from './endpoint.js';
import {
  type ExpectedCosts,
  expectedCostShapes,
  type MoneyByDuration,
  readExpectedCosts,
} from './expectedCosts.js';
import { object } from './lists.js';
import { type CreatorArgs, ofCreator } from './ofCreator.js';
import { read, within } from './reader.js';
import { baseResp, shape } from './shape.js';
import { basisPoints, count } from './values.js';

export interface CpMetrics extends ExpectedCosts {
  readonly expectedPlayCount: number | null;
  readonly viralRate: number | null;
  readonly expectedEngagementRate: number | null;
  readonly expectedEngagementCount: number | null;
}

const body = { expect_cpm: object, expect_cpe: object, expect_vv: object, hot_item: object };
const expectedPlays = { value: count };
const hotItem = { value: basisPoints };

/** 性价比. */
export const cpMetrics: Endpoint<'cpMetrics', CreatorArgs, CpMetrics> = {
  ...ofCreator,
  name: 'cpMetrics',
  path: '/api/douyin-xingtu/gw/api/data_sp/author_cp_info/v1',
  ttlSeconds: 86_400,
  shape: shape({
    reads: body,
    objects: {
      base_resp: baseResp,
      ...expectedCostShapes,
      expect_vv: shape({ reads: expectedPlays }),
      hot_item: shape({ reads: hotItem }),
    },
  }),
  decode(data, onDrift) {
    const raw = read(body, data, onDrift);
    const { expectedCpm, expectedCpe } = readExpectedCosts(raw, onDrift);
    const expectedPlayCount = read(expectedPlays, raw.expect_vv, within(onDrift, 'expect_vv')).value;
    const expectedEngagementRate = engagementRate(expectedCpm, expectedCpe);
    return {
      expectedCpm,
      expectedCpe,
      expectedPlayCount,
      viralRate: read(hotItem, raw.hot_item, within(onDrift, 'hot_item')).value,
      expectedEngagementRate,
      expectedEngagementCount: engagementCount(expectedPlayCount, expectedEngagementRate),
    };
  },
};

/**
 * Engagements per play: CPM ÷ CPE ÷ 1000, since both are quotients of the same price. Upstream truncates both to whole
 * fen, so the duration with the largest CPE gives the most precise rate.
 */
function engagementRate(cpm: MoneyByDuration, cpe: MoneyByDuration): number | null {
  const durations = ['seconds1To20', 'seconds21To60', 'secondsOver60'] as const;
  const pairs = durations.map((duration) => ({
    cpm: Number(cpm[duration]?.amount ?? 0),
    cpe: Number(cpe[duration]?.amount ?? 0),
  }));
  const mostPrecise = pairs.filter((pair) => pair.cpm > 0 && pair.cpe > 0).sort((a, b) => b.cpe - a.cpe)[0];
  return mostPrecise ? mostPrecise.cpm / mostPrecise.cpe / 1000 : null;
}

function engagementCount(plays: number | null, rate: number | null): number | null {
  if (plays === null || rate === null) return null;
  const engagements = Math.round(plays * rate);
  return Number.isSafeInteger(engagements) && engagements > 0 ? engagements : null;
}
