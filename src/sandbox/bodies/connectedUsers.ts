import { connectedUsersOf } from '../figures.js';
import sample from '../samples/link-struct.json' with { type: 'json' };
import { aboutCreator, success } from './body.js';

export const connectedUsers = aboutCreator({
  path: '/api/douyin-xingtu/gw/api/data_sp/author_link_struct/v1',
  sample: sample.data,
  data(creator) {
    const random = creator.randomFor('connectedUsers');
    const { aware, interested, like, follow } = connectedUsersOf(creator);
    const total = aware + interested + like + follow;
    const stage = (value: number) => ({
      value,
      proportion: value / total,
      same_industry_median: Math.round(value * (0.2 + 1.2 * random.next())),
    });
    return {
      author_link_type: random.pick(['种草', '传播', '均衡'] as const),
      base_resp: success,
      link_struct: {
        1: stage(aware),
        2: stage(interested),
        3: stage(like),
        4: stage(follow),
        5: {
          value: total,
          rank_percent: Number(random.next().toFixed(4)),
          relative_ratio: Number((random.next() - 0.4).toFixed(4)),
        },
      },
    };
  },
});
