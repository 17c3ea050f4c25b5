import { monthOf, sponsoredMonthOf } from '../figures.js';
import costs from '../samples/cp-metrics.json' with { type: 'json' };
import { aboutCreator, success } from './body.js';
import { expectedCostsOf } from './cpMetrics.js';

/** Made up in the form that parsers of it expect, since no body is public. */
const sample = {
  base_resp: success,
  play_mid: '4693149',
  item_num: 12,
  like_avg: '186342',
  comment_avg: '9120',
  share_avg: '5413',
  play_over_rate: { value: 1523, overtake: 6120 },
  interact_rate: { value: 402, overtake: 4410 },
  item_rate: { item_num: { value: 12, overtake: 5000 }, play_mid: { value: 4_693_149, overtake: 9800 } },
  expect_cpe: costs.data.expect_cpe,
  expect_cpm: costs.data.expect_cpm,
};

export const performance = aboutCreator({
  path: '/api/douyin-xingtu/gw/api/data_sp/get_author_spread_info/v1',
  parameters: {
    range: ['DAY_30', 'DAY_90'],
    type: ['PERSONAL_VIDEO', 'XINTU_VIDEO'],
    onlyAssign: ['false', 'true'],
    flowType: ['EXCLUDE', 'INCLUDE'],
  },
  sample,
  data(creator, value) {
    const isMonth = value('range') === 'DAY_30';
    const isPersonal = value('type') === 'PERSONAL_VIDEO';
    const month = isPersonal ? monthOf(creator) : sponsoredMonthOf(creator, value('onlyAssign') === 'true');
    const random = creator.randomFor(`performance:${value('range')}:${value('type')}`);
    const videoCount = (isMonth ? 1 : 3) * month.videoCount;
    if (videoCount === 0) return { base_resp: success, item_num: 0, play_mid: '0', like_avg: '0' };
    const ofMonth = isMonth ? 1 : 0.8 + 0.4 * random.next();
    const withPaid = value('flowType') === 'INCLUDE' ? 1 : 0.8;
    const plays = Math.max(1, Math.round(month.medianPlays * ofMonth * withPaid));
    const engagements = plays * month.engagementRate;
    const points = (rate: number) => ({
      value: Math.round(rate * 10_000),
      overtake: random.whole(0, 10_000),
    });
    return {
      base_resp: success,
      play_mid: String(plays),
      item_num: videoCount,
      like_avg: String(Math.max(1, Math.round(engagements * 0.9))),
      comment_avg: String(Math.max(1, Math.round(engagements * 0.05))),
      share_avg: String(Math.max(1, Math.round(engagements * 0.05))),
      play_over_rate: points(month.completionRate),
      interact_rate: points(month.engagementRate),
      item_rate: {
        item_num: { value: videoCount, overtake: random.whole(0, 10_000) },
        play_mid: { value: plays, overtake: random.whole(0, 10_000) },
      },
      ...expectedCostsOf(creator),
    };
  },
});
