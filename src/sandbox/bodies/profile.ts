import sample from '../samples/profile.json' with { type: 'json' };
import { aboutCreator, bareNumber, success } from './body.js';

const themes = [
  '城市漫步',
  '探店打卡',
  '好物开箱',
  '新手教程',
  '日常记录',
  '剧情反转',
  '知识科普',
  '宠物日常',
] as const;

/** One transparent pixel, since the sample's QR code leads to a real person's page. */
const blankPng =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

export const profile = aboutCreator({
  path: '/api/douyin-xingtu/gw/api/author/get_author_base_info/v1',
  sample: sample.data,
  data(creator) {
    const random = creator.randomFor('profile');
    const { oddities, prices, uid } = creator;
    const child = `${creator.tag}分享`;
    const mcn = random.chance(0.4) ? `${random.pick(['星', '云', '鲸', '野'] as const)}海文化` : '';
    const joined = random.whole(1_514_764_800, 1_735_689_600);
    return {
      ...sample.data,
      avatar_uri: `https://p11.douyinpic.com/aweme/1080x1080/aweme-avatar/sandbox-${creator.id}.jpeg?from=3782654143`,
      avg_play: random.chance(0.5) ? 0 : creator.expectedPlays,
      base64_qrcode: blankPng,
      base_resp: success,
      city: creator.city,
      content_theme_labels: random.chance(0.2) ? [] : [random.pick(themes), `${creator.tag}干货`],
      core_user_id: oddities.retyped ? bareNumber(uid) : uid,
      create_time: String(joined),
      e_commerce_enable: random.chance(0.5),
      follower: oddities.retyped ? String(creator.followers) : creator.followers,
      gender: creator.gender,
      id: oddities.retyped ? bareNumber(creator.id) : creator.id,
      lowest_price: prices ? Math.max(100, Math.round(prices.short / 500) * 100) : 0,
      mcn_introduction: mcn && '签约达人逾百位',
      mcn_logo: mcn && 'https://p3.douyinpic.com/obj/sandbox-mcn.png',
      mcn_name: mcn,
      modify_time: String(joined + random.whole(10_000_000, 30_000_000)),
      nick_name: creator.name,
      opened_task_category: prices ? '[1, 103]' : '[]',
      province: creator.province,
      sec_uid: `MS4wLjABAAAA${Buffer.from(`sandbox-${creator.id}`).toString('base64url')}`,
      short_id: uid.slice(0, 9),
      tags: JSON.stringify([creator.tag]),
      tags_author_style: random.chance(0.5) ? '[]' : JSON.stringify(['轻松', '治愈']),
      tags_level_two: random.chance(0.5) ? '[]' : JSON.stringify([child]),
      tags_relation: oddities.retyped
        ? JSON.stringify({ [creator.tag]: [child] })
        : { [creator.tag]: [child] },
      unique_id: random.chance(0.7) ? uid.slice(0, 9) : `douyin.${uid.slice(0, 5)}`,
    };
  },
});
