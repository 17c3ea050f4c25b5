import { builder } from './builder.js';

/** The values of an enum, from the description of each. */
function described<Name extends string>(
  descriptions: Readonly<Record<Name, string>>,
): { readonly [Key in Name]: { readonly description: string } } {
  const values = Object.entries<string>(descriptions).map(([name, description]) => [name, { description }]);
  return Object.fromEntries(values);
}

export const CreatorSort = builder.enumType('CreatorSort', {
  description: 'The order of search results (排序). Upstream has no other orders.',
  values: described({
    FOLLOWERS: 'The most followers first (粉丝数).',
    SCORE: "The highest of Xingtu's scores first (综合排序).",
  }),
});

export const SearchBy = builder.enumType('SearchBy', {
  description: 'Where a keyword is searched for (搜索类型).',
  values: described({
    NICKNAME: 'In the nicknames of creators (昵称).',
    CONTENT: 'In what creators publish (内容).',
  }),
});

export const MarketingTarget = builder.enumType('MarketingTarget', {
  description: 'What a campaign is for (营销目标).',
  values: described({
    BRAND_EXPOSURE: 'To make a brand known (品牌曝光).',
    CIRCLE_SEEDING: 'To arouse interest beyond the usual circles (破圈种草).',
    ACTION_CONVERSION: 'To make people act, such as buy (行动转化).',
  }),
});

export const StatedGender = builder.enumType('StatedGender', {
  description: 'A gender that creators can be searched by (性别).',
  values: described({ MALE: 'Male (男性).', FEMALE: 'Female (女性).' }),
});

export const SearchPriceType = builder.enumType('SearchPriceType', {
  description:
    'What is sold (报价类型), as creators can be searched by it. `PriceType` has what price lists have, which is not the same.',
  values: described({
    VIDEO_1_20S: 'A video of 1 to 20 seconds (1-20s视频).',
    VIDEO_21_60S: 'A video of 21 to 60 seconds (21-60s视频).',
    VIDEO_OVER_60S: 'A video longer than 60 seconds (60s以上视频).',
    SHORT_DRAMA_EPISODE: 'An episode of a short drama, made to order (短剧定制单集).',
    NATURAL_PLAY_CPM: 'A video paid by natural plays (自然播放量 CPM), per 1,000 plays.',
    LIVE_SEEDING_VIDEO: 'A short video that arouses interest for a live stream (短直种草视频).',
    LIVE_WARMUP_VIDEO: 'A short video that announces a live stream (短直预热视频).',
    CELEBRITY_LIVE_SEEDING_VIDEO:
      "A celebrity's short video that arouses interest for a live stream (明星短直种草).",
    CELEBRITY_LIVE_WARMUP_VIDEO: "A celebrity's short video that announces a live stream (明星短直预热).",
    CELEBRITY_VIDEO: "A celebrity's video (明星视频).",
    COLLECTION_VIDEO: 'A video of a collection (合集视频).',
    CO_CREATION_MAIN_CREATOR: 'A co-created video of which the creator is the lead (共创-主创达人).',
    CO_CREATION_PARTICIPANT: 'A co-created video in which the creator takes part (共创-参与达人).',
  }),
});

export const AudienceTrait = builder.enumType('AudienceTrait', {
  description:
    'What viewers or followers have in common (画像). How large a part of them must have it is not documented, unless the value says so.',
  values: described({
    GENDER_MALE_50: 'At least 50 % are men (性别: 男性 50%以上). The meaning is inferred.',
    GENDER_MALE_60: 'At least 60 % are men (性别: 男性 60%以上). The meaning is inferred.',
    GENDER_MALE_70: 'At least 70 % are men (性别: 男性 70%以上). The meaning is inferred.',
    GENDER_MALE_80: 'At least 80 % are men (性别: 男性 80%以上). The meaning is inferred.',
    GENDER_FEMALE_50: 'At least 50 % are women (性别: 女性 50%以上). The meaning is inferred.',
    GENDER_FEMALE_60: 'At least 60 % are women (性别: 女性 60%以上). The meaning is inferred.',
    GENDER_FEMALE_70: 'At least 70 % are women (性别: 女性 70%以上). The meaning is inferred.',
    GENDER_FEMALE_80: 'At least 80 % are women (性别: 女性 80%以上). The meaning is inferred.',
    AGE_18_23: 'Aged 18 to 23 (年龄).',
    AGE_24_30: 'Aged 24 to 30 (年龄).',
    AGE_31_40: 'Aged 31 to 40 (年龄).',
    AGE_41_50: 'Aged 41 to 50 (年龄).',
    AGE_GT_50: 'Older than 50 (年龄).',
    DEVICE_IPHONE: 'Their telephones are of this brand (设备: iPhone).',
    DEVICE_HUAWEI: 'Their telephones are of this brand (设备: 华为).',
    DEVICE_XIAOMI: 'Their telephones are of this brand (设备: 小米).',
    DEVICE_VIVO: 'Their telephones are of this brand (设备: vivo).',
    DEVICE_OPPO: 'Their telephones are of this brand (设备: OPPO).',
    CITY_TIER_1: 'In cities of tier 1 (城市等级: 一线).',
    CITY_TIER_2: 'In cities of tier 2 (城市等级: 二线).',
    CITY_TIER_3: 'In cities of tier 3 (城市等级: 三线).',
    CITY_TIER_4: 'In cities of tier 4 (城市等级: 四线).',
    CITY_TIER_5: 'In cities of tier 5 (城市等级: 五线).',
    SPEND_0_50: 'Their orders are worth 0 to 50 yuan on average (客单价).',
    SPEND_50_100: 'Their orders are worth 50 to 100 yuan on average (客单价).',
    SPEND_100_200: 'Their orders are worth 100 to 200 yuan on average (客单价).',
    SPEND_200_500: 'Their orders are worth 200 to 500 yuan on average (客单价).',
    SPEND_GT_500: 'Their orders are worth more than 500 yuan on average (客单价).',
    CROWD_REFINED_MOTHER: 'Refined mothers (人群: 精致妈妈).',
    CROWD_URBAN_SILVER: 'Older people in large cities (人群: 都市银发).',
    CROWD_NEW_WHITE_COLLAR: 'Young white-collar workers (人群: 新锐白领).',
    CROWD_SENIOR_MIDDLE_CLASS: 'Established middle class (人群: 资深中产).',
    CROWD_URBAN_BLUE_COLLAR: 'Blue-collar workers in large cities (人群: 都市蓝领).',
    CROWD_GEN_Z: 'Generation Z (人群: Z世代).',
    CROWD_TOWN_MIDDLE_AGED: 'Middle-aged and older people in small towns (人群: 小镇中老年).',
    CROWD_TOWN_YOUTH: 'Young people in small towns (人群: 小镇青年).',
  }),
});

export const CreatorList = builder.enumType('CreatorList', {
  description: 'A list of creators that Xingtu has curated, under 主题推荐 (达人榜单).',
  values: described({
    SHORT_LIVE_ENTERTAINMENT_CREATORS:
      'Short-video and livestream entertainment creators (短直联动娱播达人).',
    SHORT_DRAMA_ACTORS: 'Short-drama actors (短剧演员).',
    WECHAT_QUICK_CONNECT_CREATORS: 'Creators available for fast WeChat Work contact (企微可快速建联达人).',
    AI_STAR_PLAN_CREATORS: 'AI Star Plan creators (AI星企划达人).',
    COMMERCE_ADVANTAGE_CREATORS: 'Creators with commerce conversion advantages (带货优势达人).',
    HIGH_VALUE_CREATORS: 'High-value creators (高性价比达人).',
    SEEDING_ADVANTAGE_CREATORS: 'Creators with product-seeding advantages (种草优势达人).',
    BASKETBALL_CREATORS: 'Basketball creators (运动圈层达人-篮球).',
    PREMIUM_CONTENT_MEDIA: 'Premium-content media recommendations (精品内容型媒体推荐).',
    TREND_SETTING_MEDIA: 'Trend-setting media recommendations (趋势造风型媒体推荐).',
    FACTORY_TRACEABILITY_MEDIA: 'Factory and product-origin media recommendations (探厂溯源型媒体推荐).',
    RUNNING_CREATORS: 'Running creators (运动圈层达人-跑步).',
    LIGHT_OUTDOOR_CREATORS: 'Light-outdoor creators (运动圈层达人-轻户外).',
    FITNESS_CREATORS: 'Exercise and fitness creators (运动圈层达人-运动健身).',
    YOGA_CREATORS: 'Yoga creators (运动圈层达人-瑜伽).',
    STREET_SPORTS_CREATORS: 'Street-sports creators (运动圈层达人-街头运动).',
    CYCLING_CREATORS: 'Cycling creators (运动圈层达人-骑行).',
    FOOTBALL_CREATORS: 'Football creators (运动圈层达人-足球).',
    FISHING_CREATORS: 'Fishing creators (运动圈层达人-垂钓).',
    BEAUTY_QUALITY_CREATORS: 'Beauty creators with premium visual quality (美妆质感达人).',
  }),
});
