import { monthOf } from '../figures.js';
import sample from '../samples/show-items.json' with { type: 'json' };
import { aboutCreator, success } from './body.js';
import { figures, video } from './recommendedVideos.js';

const mostVideos = 15;

export const latestVideos = aboutCreator({
  path: '/api/douyin-xingtu/gw/api/author/get_author_show_items_v2/v1',
  parameters: { onlyAssign: ['false', 'true'], flowType: ['EXCLUDE', 'INCLUDE'] },
  sample: sample.data,
  data(creator, value) {
    const random = creator.randomFor(`latestVideos:${value('onlyAssign')}:${value('flowType')}`);
    const list = (most: number) =>
      Array.from({ length: random.whole(0, most) }, () => figures(creator, random, creator.expectedPlays))
        .sort((a, b) => b.createdAt - a.createdAt)
        .map((each) => video(creator, random, each));
    const { engagementRate, completionRate } = monthOf(creator);
    const rate = (own: number) => ({
      rate: own,
      compare_author: Number(random.next().toFixed(2)),
      compare_avg: Number((random.next() - 0.5).toFixed(4)),
    });
    const sponsored = creator.prices ? list(value('onlyAssign') === 'true' ? 4 : mostVideos) : [];
    return {
      base_resp: success,
      data_description: {
        interaction: rate(engagementRate),
        play_medium: { ...rate(0), rate: monthOf(creator).medianPlays },
        video_view_rate: rate(completionRate),
        ...(sponsored.length > 0 && {
          interaction_enrollment: rate(Number((engagementRate * 0.9).toFixed(4))),
          video_view_rate_enrollment: rate(Number((completionRate * 0.6).toFixed(4))),
        }),
      },
      latest_item_info: list(mostVideos),
      latest_star_item_info: sponsored,
    };
  },
});
