import { industries } from '../../upstream/endpoints/industries.js';
import { indicesOf } from '../figures.js';
import sample from '../samples/link-info.json' with { type: 'json' };
import { aboutCreator, success } from './body.js';

/** Of the whole market. */
const averages = {
  link_star_index: 56.81,
  link_spread_index: 53.62,
  link_shopping_index: 53.89,
  link_convert_index: 55.81,
  cp_index: 63.26,
  cooperate_index: 75.32,
};

export const indices = aboutCreator({
  path: '/api/douyin-xingtu/gw/api/data_sp/get_author_link_info/v1',
  parameters: { industryTag: industries },
  sample: sample.data,
  data(creator, value) {
    const industry = value('industryTag');
    const random = creator.randomFor(`indices:${industry}`);
    const own = indicesOf(creator);
    /** In an industry a creator may do better or worse than in all. */
    const index = (key: keyof typeof averages, all: number) => {
      const score =
        industry === 'ALL' ? all : Math.min(100, Math.max(1, all + random.whole(-1_500, 1_500) / 100));
      const topShare = (100 - score) / 100;
      return {
        value: Number(score.toFixed(2)),
        avg_value: averages[key],
        rank: String(Math.max(1, Math.round(topShare * 1_700_000))),
        rank_percent: Number(topShare.toFixed(4)),
        link_relative_ratio: Number((0.4 * random.next() - 0.15).toFixed(4)),
      };
    };
    return {
      base_resp: success,
      link_star_index: index('link_star_index', own.overall),
      link_spread_index: index('link_spread_index', own.spread),
      link_shopping_index: index('link_shopping_index', own.seeding),
      link_convert_index: index('link_convert_index', own.conversion),
      cp_index: index('cp_index', own.costEffectiveness),
      cooperate_index: index('cooperate_index', own.cooperation),
    };
  },
});
