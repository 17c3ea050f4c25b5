import type { SandboxCreator } from '../creators.js';
import sample from '../samples/cp-metrics.json' with { type: 'json' };
import { aboutCreator, success } from './body.js';

export const cpMetrics = aboutCreator({
  path: '/api/douyin-xingtu/gw/api/data_sp/author_cp_info/v1',
  sample: sample.data,
  data(creator) {
    return {
      base_resp: success,
      ...expectedCostsOf(creator),
      expect_vv: { value: creator.expectedPlays },
      hot_item: { value: viralRateOf(creator) },
    };
  },
});

/** What 1,000 plays and an engagement of the next video cost. */
export function expectedCostsOf({ prices, expectedPlays, engagementRate, platform }: SandboxCreator) {
  /** Whole fen, truncated, as upstream writes them. "0": not provided. */
  const fen = (yuan: number | undefined, count: number) => String(Math.trunc(((yuan ?? 0) * 100) / count));
  const thousands = expectedPlays / 1000;
  const engagements = expectedPlays * engagementRate;
  const isVideo = platform === 'SHORT_VIDEO';
  return {
    expect_cpe: {
      cpe_1_20: fen(prices?.short, engagements),
      ...(isVideo
        ? { cpe_21_60: fen(prices?.medium, engagements), cpe_60: fen(prices?.long, engagements) }
        : {}),
    },
    expect_cpm: {
      cpm_1_20: fen(prices?.short, thousands),
      ...(isVideo ? { cpm_21_60: fen(prices?.medium, thousands), cpm_60: fen(prices?.long, thousands) } : {}),
    },
  };
}

/** The share of videos that become hits, in basis points. 0: not provided. */
export function viralRateOf({ randomFor }: SandboxCreator): number {
  const random = randomFor('cpMetrics');
  return random.chance(0.2) ? 0 : random.whole(50, 3_500);
}
