import { contentTags } from '../creators.js';
import type { Random } from '../random.js';
import sample from '../samples/audience-touch.json' with { type: 'json' };
import { split } from '../split.js';
import { aboutCreator, success } from './body.js';

export const audienceTouch = aboutCreator({
  path: '/api/douyin-xingtu/gw/api/data_sp/author_touch_distribution/v1',
  sample: sample.data,
  data(creator) {
    const random = creator.randomFor('audienceTouch');
    const reached = Math.round(creator.followers * (0.1 + 0.4 * random.next()));
    const tops = random.chance(0.2) ? ['个人', '机构'] : ['个人'];
    return {
      base_resp: success,
      video_touch: split(random, reached, tops).map(({ name, cnt }) => ({
        distribution_data: { cnt, name },
        second_distribution: split(random, cnt, someTags(random)).map((second) => ({
          distribution_data: second,
          // Upstream sometimes leaves the third level out.
          ...(random.chance(0.15)
            ? {}
            : {
                three_distribution: split(random, second.cnt, [
                  `${second.name}展示`,
                  `${second.name}日常`,
                ]).map((third) => ({ distribution_data: third })),
              }),
        })),
      })),
    };
  },
});

function someTags(random: Random): string[] {
  const chosen = contentTags.filter(() => random.chance(0.5));
  return chosen.length > 0 ? chosen : [contentTags[0]];
}
