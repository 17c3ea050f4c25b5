import { type Month, monthOf, sponsoredMonthOf } from '../figures.js';
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
    const onlyAssigned = value('onlyAssign') === 'true';
    /** At least those of the month. */
    const list = ({ videoCount }: Month, most: number) =>
      Array.from({ length: Math.min(most, Math.max(videoCount, random.whole(0, most))) }, () =>
        figures(creator, random, creator.expectedPlays),
      )
        .sort((a, b) => b.createdAt - a.createdAt)
        .map((each) => video(creator, random, each));
    const month = monthOf(creator);
    const sponsoredMonth = sponsoredMonthOf(creator, onlyAssigned);
    const personal = list(month, mostVideos);
    const sponsored = creator.prices ? list(sponsoredMonth, onlyAssigned ? 4 : mostVideos) : [];
    const compared = (rate: number) => ({
      rate,
      compare_author: Number(random.next().toFixed(2)),
      compare_avg: Number((random.next() - 0.5).toFixed(4)),
    });
    return {
      base_resp: success,
      data_description: {
        ...(personal.length > 0 && {
          interaction: compared(month.engagementRate),
          play_medium: compared(month.medianPlays),
          video_view_rate: compared(month.completionRate),
        }),
        ...(sponsored.length > 0 && {
          interaction_enrollment: compared(sponsoredMonth.engagementRate),
          play_medium_enrollment: compared(sponsoredMonth.medianPlays),
          video_view_rate_enrollment: compared(sponsoredMonth.completionRate),
        }),
      },
      latest_item_info: personal,
      latest_star_item_info: sponsored,
    };
  },
});
