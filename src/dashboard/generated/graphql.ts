/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** A range of amounts in yuan with at most two decimal places, both ends included. Give one of `min` and `max`, or both. The unit is inferred. */
export type AmountRange = {
  /** The most, such as "30.50", up to 1,000,000. Null or not given: no limit. */
  max?: string | null | undefined;
  /** The least, such as "10". Null or not given: 0. */
  min?: string | null | undefined;
};

/** What viewers or followers have in common (画像). How large a part of them must have it is not documented, unless the value says so. */
export type AudienceTrait =
  /** Aged 18 to 23 (年龄). */
  | 'AGE_18_23'
  /** Aged 24 to 30 (年龄). */
  | 'AGE_24_30'
  /** Aged 31 to 40 (年龄). */
  | 'AGE_31_40'
  /** Aged 41 to 50 (年龄). */
  | 'AGE_41_50'
  /** Older than 50 (年龄). */
  | 'AGE_GT_50'
  /** In cities of tier 1 (城市等级: 一线). */
  | 'CITY_TIER_1'
  /** In cities of tier 2 (城市等级: 二线). */
  | 'CITY_TIER_2'
  /** In cities of tier 3 (城市等级: 三线). */
  | 'CITY_TIER_3'
  /** In cities of tier 4 (城市等级: 四线). */
  | 'CITY_TIER_4'
  /** In cities of tier 5 (城市等级: 五线). */
  | 'CITY_TIER_5'
  /** Generation Z (人群: Z世代). */
  | 'CROWD_GEN_Z'
  /** Young white-collar workers (人群: 新锐白领). */
  | 'CROWD_NEW_WHITE_COLLAR'
  /** Refined mothers (人群: 精致妈妈). */
  | 'CROWD_REFINED_MOTHER'
  /** Established middle class (人群: 资深中产). */
  | 'CROWD_SENIOR_MIDDLE_CLASS'
  /** Middle-aged and older people in small towns (人群: 小镇中老年). */
  | 'CROWD_TOWN_MIDDLE_AGED'
  /** Young people in small towns (人群: 小镇青年). */
  | 'CROWD_TOWN_YOUTH'
  /** Blue-collar workers in large cities (人群: 都市蓝领). */
  | 'CROWD_URBAN_BLUE_COLLAR'
  /** Older people in large cities (人群: 都市银发). */
  | 'CROWD_URBAN_SILVER'
  /** Their telephones are of this brand (设备: 华为). */
  | 'DEVICE_HUAWEI'
  /** Their telephones are of this brand (设备: iPhone). */
  | 'DEVICE_IPHONE'
  /** Their telephones are of this brand (设备: OPPO). */
  | 'DEVICE_OPPO'
  /** Their telephones are of this brand (设备: vivo). */
  | 'DEVICE_VIVO'
  /** Their telephones are of this brand (设备: 小米). */
  | 'DEVICE_XIAOMI'
  /** At least 50 % are women (性别: 女性 50%以上). The meaning is inferred. */
  | 'GENDER_FEMALE_50'
  /** At least 60 % are women (性别: 女性 60%以上). The meaning is inferred. */
  | 'GENDER_FEMALE_60'
  /** At least 70 % are women (性别: 女性 70%以上). The meaning is inferred. */
  | 'GENDER_FEMALE_70'
  /** At least 80 % are women (性别: 女性 80%以上). The meaning is inferred. */
  | 'GENDER_FEMALE_80'
  /** At least 50 % are men (性别: 男性 50%以上). The meaning is inferred. */
  | 'GENDER_MALE_50'
  /** At least 60 % are men (性别: 男性 60%以上). The meaning is inferred. */
  | 'GENDER_MALE_60'
  /** At least 70 % are men (性别: 男性 70%以上). The meaning is inferred. */
  | 'GENDER_MALE_70'
  /** At least 80 % are men (性别: 男性 80%以上). The meaning is inferred. */
  | 'GENDER_MALE_80'
  /** Their orders are worth 0 to 50 yuan on average (客单价). */
  | 'SPEND_0_50'
  /** Their orders are worth 50 to 100 yuan on average (客单价). */
  | 'SPEND_50_100'
  /** Their orders are worth 100 to 200 yuan on average (客单价). */
  | 'SPEND_100_200'
  /** Their orders are worth 200 to 500 yuan on average (客单价). */
  | 'SPEND_200_500'
  /** Their orders are worth more than 500 yuan on average (客单价). */
  | 'SPEND_GT_500';

/** How deep people's connection with a creator is (连接阶段). */
export type ConnectionStage =
  /** They know the creator (了解). */
  | 'AWARE'
  /** Everybody who is connected, at any stage (连接用户). */
  | 'CONNECTED'
  /** They follow closely (追随). */
  | 'FOLLOW'
  /** They are interested (兴趣). */
  | 'INTERESTED'
  /** They like the creator (喜欢). */
  | 'LIKE';

/** A range of counts, both ends included. Give one of `min` and `max`, or both. */
export type CountRange = {
  /** The most, up to 1,000,000,000. Null or not given: no limit. */
  max?: number | null | undefined;
  /** The least. Null or not given: 0. */
  min?: number | null | undefined;
};

/** What creators must have, all at once. A filter that is null or not given does not count. Every value is checked before a call is paid; filters that mean the same are one call. */
export type CreatorFilter = {
  /** Who the viewers are (观众画像). At most 30. Null or empty: anybody. */
  audience?: Array<AudienceTrait> | null | undefined;
  /** The share of plays that reach the end (完播率). Null: any. */
  completionRate?: RateRange | null | undefined;
  /** The number of connected users (连接用户数). Null: any. */
  connectedUserCount?: CountRange | null | undefined;
  /** What the creator is about (达人类型): labels of the vendor's list on either level, such as 美妆 or 护肤保养. At most 30. A creator with any of them matches; that is inferred. Null or empty: all creators. */
  contentTags?: Array<string> | null | undefined;
  /** Themes of the videos (内容主题): labels of the vendor's list, such as 宝宝辅食. At most 30. A creator with any of them matches; that is inferred. Null or empty: all creators. */
  contentThemes?: Array<string> | null | undefined;
  /** Engagements per play (互动率). Null: any. */
  engagementRate?: RateRange | null | undefined;
  /** Yuan for one expected engagement (预期 CPE). The vendor does not say for which duration. Null: any. */
  expectedCpe?: AmountRange | null | undefined;
  /** Yuan for 1,000 expected plays (预期 CPM). The vendor does not say for which duration. Null: any. */
  expectedCpm?: AmountRange | null | undefined;
  /** The expected number of plays of the next video (预期播放量). Null: any. */
  expectedPlayCount?: CountRange | null | undefined;
  /** The number of followers (粉丝数). Null: any. */
  followerCount?: CountRange | null | undefined;
  /** Who the followers are (粉丝画像). At most 30. Null or empty: anybody. */
  followers?: Array<AudienceTrait> | null | undefined;
  /** The creator's gender (达人性别). Null: any. */
  gender?: StatedGender | null | undefined;
  /** The industry that creators are recommended for (推荐行业). Null is the same as ALL. */
  industry?: Industry | null | undefined;
  /** True: only celebrities (明星). False or null: all creators. */
  isCelebrity?: boolean | null | undefined;
  /** True: only creators whom Xingtu has curated (星图精选, under 主题推荐). False or null: all creators. */
  isCurated?: boolean | null | undefined;
  /** A text to search for (关键词), of at most 100 characters. Spaces around it do not count. Null or empty: no text. */
  keyword?: string | null | undefined;
  /** Only creators on one of the lists that Xingtu has curated (达人榜单). Null: all creators. */
  list?: CreatorList | null | undefined;
  /** Where the creator is (达人所在地): full Chinese names of provinces or cities, such as 广东省 or 深圳市. The vendor does not list the cities. At most 30. A creator with any of them matches; that is inferred. Null or empty: all creators. */
  locations?: Array<string> | null | undefined;
  /** What the campaign is for (营销目标). Null: nothing in particular. */
  marketingTarget?: MarketingTarget | null | undefined;
  /** Who the creator is (达人人设): labels of the vendor's list, such as 大学生. At most 30. A creator with any of them matches; that is inferred. Null or empty: all creators. */
  personaTags?: Array<string> | null | undefined;
  /** The price of one type of order (报价). Null: any. */
  price?: PriceFilter | null | undefined;
  /** Where `keyword` is searched for (搜索类型). Null or not given: NICKNAME. */
  searchBy?: SearchBy | null | undefined;
  /** The number of tasks in progress (进行中任务数). Null: any. */
  tasksInProgress?: TaskFilter | null | undefined;
  /** How the creator comes across (达人调性): labels of the vendor's list on either level, such as 精致达人 or 设计师. At most 30. A creator with any of them matches; that is inferred. Null or empty: all creators. */
  tonalityTags?: Array<string> | null | undefined;
  /** The share of videos that become hits (爆文率). Null: any. */
  viralRate?: RateRange | null | undefined;
};

/** A list of creators that Xingtu has curated, under 主题推荐 (达人榜单). */
export type CreatorList =
  /** AI Star Plan creators (AI星企划达人). */
  | 'AI_STAR_PLAN_CREATORS'
  /** Basketball creators (运动圈层达人-篮球). */
  | 'BASKETBALL_CREATORS'
  /** Beauty creators with premium visual quality (美妆质感达人). */
  | 'BEAUTY_QUALITY_CREATORS'
  /** Creators with commerce conversion advantages (带货优势达人). */
  | 'COMMERCE_ADVANTAGE_CREATORS'
  /** Cycling creators (运动圈层达人-骑行). */
  | 'CYCLING_CREATORS'
  /** Factory and product-origin media recommendations (探厂溯源型媒体推荐). */
  | 'FACTORY_TRACEABILITY_MEDIA'
  /** Fishing creators (运动圈层达人-垂钓). */
  | 'FISHING_CREATORS'
  /** Exercise and fitness creators (运动圈层达人-运动健身). */
  | 'FITNESS_CREATORS'
  /** Football creators (运动圈层达人-足球). */
  | 'FOOTBALL_CREATORS'
  /** High-value creators (高性价比达人). */
  | 'HIGH_VALUE_CREATORS'
  /** Light-outdoor creators (运动圈层达人-轻户外). */
  | 'LIGHT_OUTDOOR_CREATORS'
  /** Premium-content media recommendations (精品内容型媒体推荐). */
  | 'PREMIUM_CONTENT_MEDIA'
  /** Running creators (运动圈层达人-跑步). */
  | 'RUNNING_CREATORS'
  /** Creators with product-seeding advantages (种草优势达人). */
  | 'SEEDING_ADVANTAGE_CREATORS'
  /** Short-drama actors (短剧演员). */
  | 'SHORT_DRAMA_ACTORS'
  /** Short-video and livestream entertainment creators (短直联动娱播达人). */
  | 'SHORT_LIVE_ENTERTAINMENT_CREATORS'
  /** Street-sports creators (运动圈层达人-街头运动). */
  | 'STREET_SPORTS_CREATORS'
  /** Trend-setting media recommendations (趋势造风型媒体推荐). */
  | 'TREND_SETTING_MEDIA'
  /** Creators available for fast WeChat Work contact (企微可快速建联达人). */
  | 'WECHAT_QUICK_CONNECT_CREATORS'
  /** Yoga creators (运动圈层达人-瑜伽). */
  | 'YOGA_CREATORS';

/** The order of search results (排序). Upstream has no other orders. */
export type CreatorSort =
  /** The most followers first (粉丝数). */
  | 'FOLLOWERS'
  /** The highest of Xingtu's scores first (综合排序). */
  | 'SCORE';

/** What people are split by. Upstream's codes of them are not documented; independent sources agree. */
export type DimensionKind =
  /** The age in years (年龄): 18-23, 24-30, 31-40, 41-50, 50+, sometimes 其他 (others). */
  | 'AGE'
  /** The ten most frequent cities (城市), by their Chinese names. */
  | 'CITY'
  /** The tier of the city (城市等级), from 一线 to 五线. */
  | 'CITY_TIER'
  /** The eight crowds of Chinese marketing (八大人群), such as Z世代. */
  | 'CROWD'
  /** The telephone's brand (设备), such as 华为. */
  | 'DEVICE'
  /** The gender (性别). The keys are male and female. */
  | 'GENDER'
  /** The eight most frequent interests (兴趣), such as 随拍. Not for followers. */
  | 'INTEREST'
  /** The average value of an order in yuan (客单价), such as 0-50. For followers only. */
  | 'ORDER_VALUE'
  /** A dimension that this schema does not know yet. `kindCode` and `label` tell more. */
  | 'OTHER'
  /** The province (地域), by its short Chinese name, such as 广东. */
  | 'PROVINCE'
  /** What they buy (消费品类), such as 食品饮料. For followers only. */
  | 'SPENDING';

/** The gender that the creator has stated on Douyin (性别). */
export type Gender =
  /** Female (女). Upstream's code 2. */
  | 'FEMALE'
  /** Male (男). Upstream's code 1. */
  | 'MALE'
  /** Not stated, or a code that is not known here. */
  | 'UNKNOWN';

/** An industry of the vendor's list (行业). */
export type Industry =
  /** Agriculture and gardening (农资园艺). */
  | 'AGRICULTURE_FORESTRY_FISHERY'
  /** No industry in particular (不限). */
  | 'ALL'
  /** Cars (汽车). */
  | 'AUTOMOTIVE'
  /** Cosmetics (美妆). */
  | 'BEAUTY_AND_COSMETICS'
  /** Beauty services (丽人). */
  | 'BEAUTY_SERVICES'
  /** Business services (商务服务). */
  | 'BUSINESS_SERVICES'
  /** Catering (餐饮服务). */
  | 'CATERING_SERVICES'
  /** Chemicals and energy. */
  | 'CHEMICAL_AND_ENERGY'
  /** Clothing and accessories (服装配饰). */
  | 'CLOTHING_AND_ACCESSORIES'
  /** Stationery and cultural goods (文化用品). */
  | 'CULTURAL_SUPPLIES'
  /** Leisure and entertainment (休闲娱乐). */
  | 'CULTURE_SPORTS_ENTERTAINMENT'
  /** Household chemicals (日化). */
  | 'DAILY_CHEMICALS'
  /** Education and training (教育培训). */
  | 'EDUCATION_AND_TRAINING'
  /** Electronics and appliances (3C及电器). */
  | 'ELECTRONICS_AND_APPLIANCES'
  /** Electronics and electrical goods. */
  | 'ELECTRONICS_AND_ELECTRICAL'
  /** Financial services (金融业). */
  | 'FINANCIAL_SERVICES'
  /** Food and beverages (食品饮料). */
  | 'FOOD_AND_BEVERAGE'
  /** Franchising (招商加盟). */
  | 'FRANCHISING_AND_INVESTMENT'
  /** Games (游戏). */
  | 'GAMES'
  /** Healthcare and medicine (医药健康). */
  | 'HEALTHCARE_AND_MEDICAL'
  /** Home and building materials (家居建材). */
  | 'HOME_AND_BUILDING_MATERIALS'
  /** Local services (生活服务). */
  | 'LOCAL_SERVICES'
  /** Logistics. */
  | 'LOGISTICS'
  /** Machinery (机械设备). */
  | 'MACHINERY_EQUIPMENT'
  /** Media and information (传媒资讯). */
  | 'MEDIA_AND_INFORMATION'
  /** Medical institutions (医疗机构). */
  | 'MEDICAL_INSTITUTIONS'
  /** Mothers, babies and pets (母婴宠物). */
  | 'MOTHER_BABY_AND_PET'
  /** Printed books (实体书籍). */
  | 'PHYSICAL_BOOKS'
  /** Public services (社会公共). */
  | 'PUBLIC_SERVICES'
  /** Real estate (房地产). */
  | 'REAL_ESTATE'
  /** E-commerce services (互联网电商服务). */
  | 'RETAIL'
  /** Shopping (购物). */
  | 'SHOPPING'
  /** Social networks and communication (社交通讯). */
  | 'SOCIAL_AND_COMMUNICATION'
  /** Software tools (工具类软件). */
  | 'SOFTWARE_TOOLS'
  /** Sports and outdoors (运动户外). */
  | 'SPORTS_OUTDOOR'
  /** Telecommunications (通信). */
  | 'TELECOMMUNICATIONS'
  /** Means of transport (交通工具). */
  | 'TRANSPORTATION_EQUIPMENT'
  /** Travel and tourism (出行旅游). */
  | 'TRAVEL_AND_TOURISM';

/** What a campaign is for (营销目标). */
export type MarketingTarget =
  /** To make people act, such as buy (行动转化). */
  | 'ACTION_CONVERSION'
  /** To make a brand known (品牌曝光). */
  | 'BRAND_EXPOSURE'
  /** To arouse interest beyond the usual circles (破圈种草). */
  | 'CIRCLE_SEEDING';

/** A range of prices of one type, in whole yuan, both ends included. Give one of `min` and `max`, or both. The unit is inferred. */
export type PriceFilter = {
  /** The most, such as "50000", up to 1,000,000,000. Null or not given: no limit. */
  max?: string | null | undefined;
  /** The least, such as "10000". Null or not given: 0. */
  min?: string | null | undefined;
  /** What is sold (报价类型). */
  type: SearchPriceType;
};

/** What is sold (报价类型, upstream's video_type). Upstream may add types. A type that is not known here is OTHER; `typeCode` and `label` then say what it is. */
export type PriceType =
  /** A co-created video of which the creator is the lead (共创-主创达人). Upstream's code 90. The meaning is inferred. */
  | 'CO_CREATION_MAIN_CREATOR'
  /** A co-created video in which the creator takes part (共创-参与达人). Upstream's code 91. */
  | 'CO_CREATION_PARTICIPANT'
  /** A licence to download the material (下载). Upstream's code 105. */
  | 'LICENSE_DOWNLOAD'
  /** A licence to push several videos through the ad platform (多视频推送广告平台). Upstream's code 104. */
  | 'LICENSE_MULTI_PUSH'
  /** A licence to push one video through the ad platform (单视频推送广告平台). Upstream's code 103. */
  | 'LICENSE_SINGLE_PUSH'
  /** A short video that leads viewers to a live stream or arouses interest (短视频引流直播/种草). Upstream's code 150. Undocumented; independent sources agree. */
  | 'LIVE_SEEDING_VIDEO'
  /** A video paid by natural plays (自然播放量 CPM). Its price is per 1,000 natural plays, and is in `naturalPlay` only. Upstream's code 92. Undocumented; independent sources agree. */
  | 'NATURAL_PLAY_CPM'
  /** A type that is not known here. See `typeCode` and `label`. */
  | 'OTHER'
  /** A video of 1 to 20 seconds (1-20s视频). Upstream's code 1. */
  | 'VIDEO_1_20S'
  /** A video of 21 to 60 seconds (21-60s视频). Upstream's code 2. */
  | 'VIDEO_21_60S'
  /** A video longer than 60 seconds (60s以上视频). Upstream's code 71. */
  | 'VIDEO_OVER_60S';

/** A range of fractions, both ends included: 0.03 is 3 %. Give one of `min` and `max`, or both. Ends are rounded to six decimal places. */
export type RateRange = {
  /** The most, from 0 to 1. Null or not given: 1. */
  max?: number | null | undefined;
  /** The least, from 0 to 1. Null or not given: 0. */
  min?: number | null | undefined;
};

/** Where a keyword is searched for (搜索类型). */
export type SearchBy =
  /** In what creators publish (内容). */
  | 'CONTENT'
  /** In the nicknames of creators (昵称). */
  | 'NICKNAME';

/** What is sold (报价类型), as creators can be searched by it. `PriceType` has what price lists have, which is not the same. */
export type SearchPriceType =
  /** A celebrity's short video that arouses interest for a live stream (明星短直种草). */
  | 'CELEBRITY_LIVE_SEEDING_VIDEO'
  /** A celebrity's short video that announces a live stream (明星短直预热). */
  | 'CELEBRITY_LIVE_WARMUP_VIDEO'
  /** A celebrity's video (明星视频). */
  | 'CELEBRITY_VIDEO'
  /** A video of a collection (合集视频). */
  | 'COLLECTION_VIDEO'
  /** A co-created video of which the creator is the lead (共创-主创达人). */
  | 'CO_CREATION_MAIN_CREATOR'
  /** A co-created video in which the creator takes part (共创-参与达人). */
  | 'CO_CREATION_PARTICIPANT'
  /** A short video that arouses interest for a live stream (短直种草视频). */
  | 'LIVE_SEEDING_VIDEO'
  /** A short video that announces a live stream (短直预热视频). */
  | 'LIVE_WARMUP_VIDEO'
  /** A video paid by natural plays (自然播放量 CPM), per 1,000 plays. */
  | 'NATURAL_PLAY_CPM'
  /** An episode of a short drama, made to order (短剧定制单集). */
  | 'SHORT_DRAMA_EPISODE'
  /** A video of 1 to 20 seconds (1-20s视频). */
  | 'VIDEO_1_20S'
  /** A video of 21 to 60 seconds (21-60s视频). */
  | 'VIDEO_21_60S'
  /** A video longer than 60 seconds (60s以上视频). */
  | 'VIDEO_OVER_60S';

/** A gender that creators can be searched by (性别). */
export type StatedGender =
  /** Female (女性). */
  | 'FEMALE'
  /** Male (男性). */
  | 'MALE';

/** A range of tasks in progress within some days, both ends included. Give one of `min` and `max`, or both. */
export type TaskFilter = {
  /** How many days: 1 to 365. */
  days: number;
  /** The most. Null or not given: no limit. */
  max?: number | null | undefined;
  /** The least. Null or not given: 0. */
  min?: number | null | undefined;
};

export type UpstreamQueryVariables = Exact<{ [key: string]: never; }>;


export type UpstreamQuery = { upstream: { isSandbox: boolean, environment: string, callsToday: number, dailyLimit: number | null, stop: { code: string, nextProbeAt: string | null } | null } };

export type FilterEnumsQueryVariables = Exact<{ [key: string]: never; }>;


export type FilterEnumsQuery = { AudienceTrait: { enumValues: Array<{ name: string, description: string | null }> | null } | null, CreatorList: { enumValues: Array<{ name: string, description: string | null }> | null } | null, Industry: { enumValues: Array<{ name: string, description: string | null }> | null } | null, MarketingTarget: { enumValues: Array<{ name: string, description: string | null }> | null } | null };

export type ValuesFragment = { enumValues: Array<{ name: string, description: string | null }> | null };

export type SearchQueryVariables = Exact<{
  filter: CreatorFilter;
  sort: CreatorSort;
  page: number;
}>;


export type SearchQuery = { searchCreators: { fetchedAt: string, isStale: boolean, totalCount: number | null, hasNextPage: boolean, page: number, items: Array<{ name: string | null, avatarUrl: string | null, province: string | null, city: string | null, followerCount: number | null, followerGrowthRate15Days: number | null, expectedPlayCount: number | null, viralRate: number | null, engagementRate30Days: number | null, completionRate30Days: number | null, creator: { id: string }, tags: Array<{ name: string }>, prices: { seconds1To20: { amount: string } | null, seconds21To60: { amount: string } | null, secondsOver60: { amount: string } | null }, expectedCpm: { seconds21To60: { amount: string } | null }, expectedCpe: { seconds21To60: { amount: string } | null } }> } | null };

export type CompareQueryVariables = Exact<{
  ids: Array<string> | string;
  profile?: boolean;
  prices?: boolean;
  cpMetrics?: boolean;
  performance?: boolean;
  indices?: boolean;
  connectedUsers?: boolean;
}>;


export type CompareQuery = { creators: Array<{ id: string, xingtuUrl: string, profile?: { name: string | null, avatarUrl: string | null, province: string | null, city: string | null, followerCount: number | null, douyinId: string | null, hasData: boolean, fetchedAt: string, isStale: boolean, tags: Array<{ name: string }>, mcn: { name: string } | null, lowestPrice: { amount: string } | null } | null, prices?: { hasData: boolean, fetchedAt: string, isStale: boolean, byDuration: { seconds1To20: { id: string, price: { amount: string } | null } | null, seconds21To60: { id: string, price: { amount: string } | null } | null, secondsOver60: { id: string, price: { amount: string } | null } | null } } | null, cpMetrics?: { hasData: boolean, fetchedAt: string, isStale: boolean, expectedPlayCount: number | null, viralRate: number | null, expectedEngagementRate: number | null, expectedEngagementCount: number | null, expectedCpm: { seconds1To20: { amount: string } | null, seconds21To60: { amount: string } | null, secondsOver60: { amount: string } | null }, expectedCpe: { seconds1To20: { amount: string } | null, seconds21To60: { amount: string } | null, secondsOver60: { amount: string } | null } } | null, performance?: { hasData: boolean, fetchedAt: string, isStale: boolean, medianPlayCount: number | null, completionRate: number | null, engagementRate: number | null, averageLikeCount: number | null, averageCommentCount: number | null, averageShareCount: number | null, videoCount: number | null } | null, indices?: { hasData: boolean, fetchedAt: string, isStale: boolean, overall: { value: number } | null, spread: { value: number } | null, seeding: { value: number } | null, conversion: { value: number } | null, costEffectiveness: { value: number } | null, cooperation: { value: number } | null } | null, connectedUsers?: { hasData: boolean, fetchedAt: string, isStale: boolean, total: { count: number | null } | null } | null } | null> };

export type PriceHistoryQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type PriceHistoryQuery = { creators: Array<{ id: string, prices: { id: string, fetchedAt: string, history: Array<{ id: string, fetchedAt: string, byDuration: { seconds1To20: { id: string, price: { amount: string } | null } | null, seconds21To60: { id: string, price: { amount: string } | null } | null, secondsOver60: { id: string, price: { amount: string } | null } | null } }>, byDuration: { seconds1To20: { id: string, price: { amount: string } | null } | null, seconds21To60: { id: string, price: { amount: string } | null } | null, secondsOver60: { id: string, price: { amount: string } | null } | null } } | null } | null> };

export type PricesAtFragment = { id: string, fetchedAt: string, byDuration: { seconds1To20: { id: string, price: { amount: string } | null } | null, seconds21To60: { id: string, price: { amount: string } | null } | null, secondsOver60: { id: string, price: { amount: string } | null } | null } };

export type AudienceQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type AudienceQuery = { creators: Array<{ id: string, audience: { hasData: boolean, fetchedAt: string, isStale: boolean, dimensions: Array<{ kind: DimensionKind, buckets: Array<{ key: string, share: number | null }> }> } | null } | null> };

export type CreatorQueryVariables = Exact<{
  id: string;
  profile?: boolean;
  prices?: boolean;
  cpMetrics?: boolean;
  performance?: boolean;
  audience?: boolean;
  followers?: boolean;
  connectedUsers?: boolean;
  indices?: boolean;
  audienceTouch?: boolean;
  latestVideos?: boolean;
  recommendedVideos?: boolean;
}>;


export type CreatorQuery = { creator: { id: string, xingtuUrl: string } & ({ profile?: { name: string | null, avatarUrl: string | null, gender: Gender, province: string | null, city: string | null, followerCount: number | null, averagePlayCount: number | null, douyinId: string | null, styleTags: Array<string>, contentThemes: Array<string>, eCommerceEnabled: boolean | null, joinedAt: string | null, hasData: boolean, fetchedAt: string, isStale: boolean, tags: Array<{ name: string, children: Array<string> }>, mcn: { name: string, introduction: string | null } | null, lowestPrice: { amount: string } | null } | null } | { profile?: never }) & ({ prices?: { id: string, hasData: boolean, fetchedAt: string, isStale: boolean, items: Array<{ id: string, type: PriceType, label: string | null, isAvailable: boolean | null, settlementLabel: string | null, price: { amount: string } | null, originalPrice: { amount: string } | null, naturalPlay: { perThousandPlays: { amount: string } | null } | null }>, byDuration: { seconds1To20: { id: string, price: { amount: string } | null } | null, seconds21To60: { id: string, price: { amount: string } | null } | null, secondsOver60: { id: string, price: { amount: string } | null } | null }, industryTags: Array<{ name: string, parent: string | null }>, history: Array<{ id: string, fetchedAt: string, byDuration: { seconds1To20: { id: string, price: { amount: string } | null } | null, seconds21To60: { id: string, price: { amount: string } | null } | null, secondsOver60: { id: string, price: { amount: string } | null } | null } }> } | null } | { prices?: never }) & ({ cpMetrics?: { hasData: boolean, fetchedAt: string, isStale: boolean, expectedPlayCount: number | null, viralRate: number | null, expectedEngagementRate: number | null, expectedEngagementCount: number | null, expectedCpm: { seconds1To20: { amount: string } | null, seconds21To60: { amount: string } | null, secondsOver60: { amount: string } | null }, expectedCpe: { seconds1To20: { amount: string } | null, seconds21To60: { amount: string } | null, secondsOver60: { amount: string } | null } } | null } | { cpMetrics?: never }) & ({ performance?: { hasData: boolean, fetchedAt: string, isStale: boolean, medianPlayCount: number | null, completionRate: number | null, engagementRate: number | null, averageLikeCount: number | null, averageCommentCount: number | null, averageShareCount: number | null, videoCount: number | null } | null } | { performance?: never }) & ({ audience?: { updatedAt: string | null, hasData: boolean, fetchedAt: string, isStale: boolean, dimensions: Array<{ kind: DimensionKind, label: string | null, buckets: Array<{ key: string, count: number | null, share: number | null }> }> } | null } | { audience?: never }) & ({ followers?: { updatedAt: string | null, hasData: boolean, fetchedAt: string, isStale: boolean, dimensions: Array<{ kind: DimensionKind, label: string | null, buckets: Array<{ key: string, count: number | null, share: number | null }> }> } | null } | { followers?: never }) & ({ connectedUsers?: { hasData: boolean, fetchedAt: string, isStale: boolean, total: { count: number | null, change: number | null, topShare: number | null } | null, stages: Array<{ stage: ConnectionStage, count: number | null, share: number | null, industryMedianCount: number | null }> } | null } | { connectedUsers?: never }) & ({ indices?: { hasData: boolean, fetchedAt: string, isStale: boolean, overall: { value: number, marketAverage: number | null, rank: number | null, topShare: number | null } | null, spread: { value: number, marketAverage: number | null, rank: number | null, topShare: number | null } | null, seeding: { value: number, marketAverage: number | null, rank: number | null, topShare: number | null } | null, conversion: { value: number, marketAverage: number | null, rank: number | null, topShare: number | null } | null, costEffectiveness: { value: number, marketAverage: number | null, rank: number | null, topShare: number | null } | null, cooperation: { value: number, marketAverage: number | null, rank: number | null, topShare: number | null } | null } | null } | { indices?: never }) & ({ audienceTouch?: { hasData: boolean, fetchedAt: string, isStale: boolean, categories: Array<{ name: string, count: number | null, children: Array<{ name: string, count: number | null, children: Array<{ name: string, count: number | null }> }> }> } | null } | { audienceTouch?: never }) & ({ latestVideos?: { hasData: boolean, fetchedAt: string, isStale: boolean, personal: Array<{ id: string, url: string, title: string | null, coverUrl: string | null, createdAt: string | null, durationSeconds: number | null, playCount: number | null, likeCount: number | null, commentCount: number | null, shareCount: number | null }>, sponsored: Array<{ id: string, url: string, title: string | null, coverUrl: string | null, createdAt: string | null, durationSeconds: number | null, playCount: number | null, likeCount: number | null, commentCount: number | null, shareCount: number | null }> } | null } | { latestVideos?: never }) & ({ recommendedVideos?: { hasData: boolean, fetchedAt: string, isStale: boolean, masterpieces: Array<{ id: string, url: string, title: string | null, coverUrl: string | null, createdAt: string | null, durationSeconds: number | null, playCount: number | null, likeCount: number | null, commentCount: number | null, shareCount: number | null }>, sponsoredHot: Array<{ id: string, url: string, title: string | null, coverUrl: string | null, createdAt: string | null, durationSeconds: number | null, playCount: number | null, likeCount: number | null, commentCount: number | null, shareCount: number | null }>, personalHot: Array<{ id: string, url: string, title: string | null, coverUrl: string | null, createdAt: string | null, durationSeconds: number | null, playCount: number | null, likeCount: number | null, commentCount: number | null, shareCount: number | null }> } | null } | { recommendedVideos?: never }) | null };

export type IndexValuesFragment = { value: number, marketAverage: number | null, rank: number | null, topShare: number | null };

export type VideoFieldsFragment = { id: string, url: string, title: string | null, coverUrl: string | null, createdAt: string | null, durationSeconds: number | null, playCount: number | null, likeCount: number | null, commentCount: number | null, shareCount: number | null };

type Fetched_Audience_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

type Fetched_AudienceTouch_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

type Fetched_ConnectedUsers_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

type Fetched_CpMetrics_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

type Fetched_CreatorSearch_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

type Fetched_Followers_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

type Fetched_Indices_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

type Fetched_LatestVideos_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

type Fetched_Performance_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

type Fetched_Prices_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

type Fetched_Profile_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

type Fetched_RecommendedVideos_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

type Fetched_Unmodelled_Fragment = { hasData: boolean, fetchedAt: string, isStale: boolean };

export type FetchedFragment =
  | Fetched_Audience_Fragment
  | Fetched_AudienceTouch_Fragment
  | Fetched_ConnectedUsers_Fragment
  | Fetched_CpMetrics_Fragment
  | Fetched_CreatorSearch_Fragment
  | Fetched_Followers_Fragment
  | Fetched_Indices_Fragment
  | Fetched_LatestVideos_Fragment
  | Fetched_Performance_Fragment
  | Fetched_Prices_Fragment
  | Fetched_Profile_Fragment
  | Fetched_RecommendedVideos_Fragment
  | Fetched_Unmodelled_Fragment
;

export type AmountsFragment = { seconds1To20: { amount: string } | null, seconds21To60: { amount: string } | null, secondsOver60: { amount: string } | null };

export type DurationsFragment = { seconds1To20: { id: string, price: { amount: string } | null } | null, seconds21To60: { id: string, price: { amount: string } | null } | null, secondsOver60: { id: string, price: { amount: string } | null } | null };

export type CpMetricsValuesFragment = { expectedPlayCount: number | null, viralRate: number | null, expectedEngagementRate: number | null, expectedEngagementCount: number | null, expectedCpm: { seconds1To20: { amount: string } | null, seconds21To60: { amount: string } | null, secondsOver60: { amount: string } | null }, expectedCpe: { seconds1To20: { amount: string } | null, seconds21To60: { amount: string } | null, secondsOver60: { amount: string } | null } };

export type PerformanceValuesFragment = { medianPlayCount: number | null, completionRate: number | null, engagementRate: number | null, averageLikeCount: number | null, averageCommentCount: number | null, averageShareCount: number | null, videoCount: number | null };

export type DimensionValuesFragment = { kind: DimensionKind, label: string | null, buckets: Array<{ key: string, count: number | null, share: number | null }> };

export const ValuesFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Values"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"__Type"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"enumValues"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}}]}}]}}]} as unknown as DocumentNode<ValuesFragment, unknown>;
export const DurationsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Durations"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PriceByDuration"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seconds1To20"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"price"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"seconds21To60"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"price"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"secondsOver60"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"price"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}}]}}]}}]} as unknown as DocumentNode<DurationsFragment, unknown>;
export const PricesAtFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"PricesAt"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Prices"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"fetchedAt"}},{"kind":"Field","name":{"kind":"Name","value":"byDuration"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Durations"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Durations"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PriceByDuration"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seconds1To20"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"price"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"seconds21To60"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"price"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"secondsOver60"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"price"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}}]}}]}}]} as unknown as DocumentNode<PricesAtFragment, unknown>;
export const IndexValuesFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"IndexValues"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Index"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"marketAverage"}},{"kind":"Field","name":{"kind":"Name","value":"rank"}},{"kind":"Field","name":{"kind":"Name","value":"topShare"}}]}}]} as unknown as DocumentNode<IndexValuesFragment, unknown>;
export const VideoFieldsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"VideoFields"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Video"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"coverUrl"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"durationSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"playCount"}},{"kind":"Field","name":{"kind":"Name","value":"likeCount"}},{"kind":"Field","name":{"kind":"Name","value":"commentCount"}},{"kind":"Field","name":{"kind":"Name","value":"shareCount"}}]}}]} as unknown as DocumentNode<VideoFieldsFragment, unknown>;
export const FetchedFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Fetched"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Section"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasData"}},{"kind":"Field","name":{"kind":"Name","value":"fetchedAt"}},{"kind":"Field","name":{"kind":"Name","value":"isStale"}}]}}]} as unknown as DocumentNode<FetchedFragment, unknown>;
export const AmountsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Amounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MoneyByDuration"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seconds1To20"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}},{"kind":"Field","name":{"kind":"Name","value":"seconds21To60"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}},{"kind":"Field","name":{"kind":"Name","value":"secondsOver60"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}}]}}]} as unknown as DocumentNode<AmountsFragment, unknown>;
export const CpMetricsValuesFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CpMetricsValues"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CpMetrics"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"expectedCpm"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Amounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"expectedCpe"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Amounts"}}]}},{"kind":"Field","name":{"kind":"Name","value":"expectedPlayCount"}},{"kind":"Field","name":{"kind":"Name","value":"viralRate"}},{"kind":"Field","name":{"kind":"Name","value":"expectedEngagementRate"}},{"kind":"Field","name":{"kind":"Name","value":"expectedEngagementCount"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Amounts"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"MoneyByDuration"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"seconds1To20"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}},{"kind":"Field","name":{"kind":"Name","value":"seconds21To60"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}},{"kind":"Field","name":{"kind":"Name","value":"secondsOver60"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}}]}}]} as unknown as DocumentNode<CpMetricsValuesFragment, unknown>;
export const PerformanceValuesFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"PerformanceValues"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Performance"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"medianPlayCount"}},{"kind":"Field","name":{"kind":"Name","value":"completionRate"}},{"kind":"Field","name":{"kind":"Name","value":"engagementRate"}},{"kind":"Field","name":{"kind":"Name","value":"averageLikeCount"}},{"kind":"Field","name":{"kind":"Name","value":"averageCommentCount"}},{"kind":"Field","name":{"kind":"Name","value":"averageShareCount"}},{"kind":"Field","name":{"kind":"Name","value":"videoCount"}}]}}]} as unknown as DocumentNode<PerformanceValuesFragment, unknown>;
export const DimensionValuesFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"DimensionValues"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Dimension"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"buckets"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"count"}},{"kind":"Field","name":{"kind":"Name","value":"share"}}]}}]}}]} as unknown as DocumentNode<DimensionValuesFragment, unknown>;
export const UpstreamDocument = {"__meta__":{"hash":"sha256:53f49d96ef46a702e0a41ecb5773aa96c5f419d6cd0e0710fb23dbfe3d7fdf5a"}} as unknown as DocumentNode<UpstreamQuery, UpstreamQueryVariables>;
export const FilterEnumsDocument = {"__meta__":{"hash":"sha256:2329d3eb4bb460ec6ba63ca13340b9b607b89314c9c08cd6c0c9ea2985afa200"}} as unknown as DocumentNode<FilterEnumsQuery, FilterEnumsQueryVariables>;
export const SearchDocument = {"__meta__":{"hash":"sha256:d8ce78b0bb64326b81f49ceedbab7160ff4db8e2f5c91819215d2a5adcb140b7"}} as unknown as DocumentNode<SearchQuery, SearchQueryVariables>;
export const CompareDocument = {"__meta__":{"hash":"sha256:a0cbc95cd6d3512cf52732ec939c114c06fba95cc01819ca65b462bac2384573"}} as unknown as DocumentNode<CompareQuery, CompareQueryVariables>;
export const PriceHistoryDocument = {"__meta__":{"hash":"sha256:7bc58d722ea0c91260170c39bd7d43fa10f0a9cbc1d742bf134113442496462b"}} as unknown as DocumentNode<PriceHistoryQuery, PriceHistoryQueryVariables>;
export const AudienceDocument = {"__meta__":{"hash":"sha256:ccc4c2344c0a1bf1e4af0958eeb25bd3be5255ffd04dcf0ea4ea52e3cf3f50ba"}} as unknown as DocumentNode<AudienceQuery, AudienceQueryVariables>;
export const CreatorDocument = {"__meta__":{"hash":"sha256:6300dcdd1aacf66fab25a418e9d57c2aa5f6b566f2517fb113175d90f430f1fd"}} as unknown as DocumentNode<CreatorQuery, CreatorQueryVariables>;