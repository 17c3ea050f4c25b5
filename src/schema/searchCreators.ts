import { BadUserInputError } from '../errors.js';
import { mostQueryBytes, queryBytes } from '../upstream/endpoints/creatorFilter.js';
import type {
  ConnectedUserCounts as ConnectedUserCountsValue,
  CreatorSearchItem as CreatorSearchItemValue,
  SearchIndices as SearchIndicesValue,
} from '../upstream/endpoints/searchedCreator.js';
import type { SectionFacts, Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { Creator } from './creator.js';
import { CreatorFilter } from './creatorFilter.js';
import { CreatorSort } from './creatorFilterEnums.js';
import { MoneyByDuration } from './money.js';
import { Price, type PriceRow } from './prices.js';
import { Gender, Tag } from './profile.js';
import { filterOf } from './readCreatorFilter.js';
import { completeSection, sectionField, sectionInterfaces } from './section.js';
import { Video } from './video.js';

/** How sure the descriptions are. */
const agreed = 'Undocumented; independent sources agree.';
const inferred = 'The meaning is inferred.';

const SearchIndices = builder.objectRef<SearchIndicesValue>('SearchIndices').implement({
  description: `Xingtu's scores of a creator over 30 days, from 0 to 100 (星图指数). ${agreed}`,
  fields: (t) => ({
    overall: t.exposeFloat('overall', { description: 'The overall score (星图指数). Null: not provided.' }),
    spread: t.exposeFloat('spread', { description: 'The score for spread (传播指数). Null: not provided.' }),
    seeding: t.exposeFloat('seeding', {
      description: 'The score for arousing interest (种草指数). Null: not provided.',
    }),
    conversion: t.exposeFloat('conversion', {
      description: 'The score for conversion (转化指数). Null: not provided.',
    }),
  }),
});

const ConnectedUserCounts = builder.objectRef<ConnectedUserCountsValue>('ConnectedUserCounts').implement({
  description: `How many people are connected with a creator, by how deep their connection is (连接用户). ${agreed} With \`filter.industry\` probably only those of that industry.`,
  fields: (t) => ({
    total: t.expose('total', {
      type: 'SafeInt',
      description: 'At any stage (连接用户数). Null: not provided.',
    }),
    aware: t.expose('aware', {
      type: 'SafeInt',
      description: 'They know the creator (了解). Null: not provided.',
    }),
    interested: t.expose('interested', {
      type: 'SafeInt',
      description: 'They are interested (兴趣). Null: not provided.',
    }),
    like: t.expose('like', {
      type: 'SafeInt',
      description: 'They like the creator (喜欢). Null: not provided.',
    }),
    follow: t.expose('follow', {
      type: 'SafeInt',
      description: 'They follow closely (追随). Null: not provided.',
    }),
  }),
});

/** An item, and the page that it is on. */
type SearchItem = CreatorSearchItemValue & { readonly section: SectionFacts };

const CreatorSearchItem = builder.objectRef<SearchItem>('CreatorSearchItem').implement({
  description:
    "What a page of search results says about one creator. It is free once the page is paid for. Upstream refreshes these figures and those of the creator's sections at different times, so they may differ.",
  fields: (t) => ({
    creator: t.field({
      type: Creator,
      nullable: false,
      description: 'The creator, whose sections cost as they do elsewhere.',
      resolve: ({ creatorId }) => ({ id: creatorId }),
    }),
    douyinUid: t.exposeID('douyinUid', {
      description: `Douyin's internal number of the account (抖音 UID, core_user_id). ${agreed} Null: not provided.`,
    }),
    name: t.exposeString('name', { description: `The nickname (昵称). ${agreed} Null: not provided.` }),
    avatarUrl: t.expose('avatarUrl', {
      type: 'URL',
      description: `The avatar (头像). ${agreed} Null: not provided.`,
    }),
    gender: t.expose('gender', {
      type: Gender,
      nullable: false,
      description: `The gender (性别). ${agreed} UNKNOWN: not provided.`,
    }),
    province: t.exposeString('province', {
      description: `The province (省份), in Chinese. ${agreed} Null: not provided, which is common even beside a city.`,
    }),
    city: t.exposeString('city', {
      description: `The city (城市), in Chinese. ${agreed} Null: not provided.`,
    }),
    followerCount: t.expose('followerCount', {
      type: 'SafeInt',
      description: `The number of followers on Douyin (粉丝数). ${agreed} Null: not provided.`,
    }),
    followerGrowth15Days: t.expose('followerGrowth15Days', {
      type: 'SafeInt',
      description: `The followers gained in 15 days (15 天涨粉数). Negative: lost. ${agreed} Null: none, or not provided.`,
    }),
    followerGrowthRate15Days: t.exposeFloat('followerGrowthRate15Days', {
      description: `The followers gained in 15 days ÷ those at the start (15 天涨粉率), a fraction: 0.02 is 2 %. Negative: lost. ${agreed} Null: none, or not provided.`,
    }),
    prices: t.expose('prices', {
      type: MoneyByDuration,
      nullable: false,
      description: `The price of a whole video for each length, in yuan (报价). ${agreed}`,
    }),
    expectedPlayCount: t.expose('expectedPlayCount', {
      type: 'SafeInt',
      description: `The expected number of plays of the next video (预期播放量). ${agreed} Null: not provided.`,
    }),
    expectedNaturalPlayCount: t.expose('expectedNaturalPlayCount', {
      type: 'SafeInt',
      description: `How many of the expected plays come without paid traffic (预期自然播放量). ${inferred} Null: not provided.`,
    }),
    expectedCpm: t.expose('expectedCpm', {
      type: MoneyByDuration,
      nullable: false,
      description: `Yuan for 1,000 expected plays (预期 CPM), rounded to fen. ${agreed}`,
    }),
    expectedCpe: t.expose('expectedCpe', {
      type: MoneyByDuration,
      nullable: false,
      description: `Yuan for one expected engagement (预期 CPE), rounded to fen. ${agreed}`,
    }),
    engagementRate30Days: t.exposeFloat('engagementRate30Days', {
      description: `Engagements per play over 30 days (互动率), a fraction: 0.03 is 3 %. ${agreed} Null: not provided.`,
    }),
    completionRate30Days: t.exposeFloat('completionRate30Days', {
      description: `The share of plays that reach the end, over 30 days (完播率), a fraction: 0.25 is 25 %. ${agreed} Null: not provided.`,
    }),
    viralRate: t.exposeFloat('viralRate', {
      description: `The share of videos that become hits (爆文率), a fraction: 0.75 is 75 %. ${agreed} Null: not provided.`,
    }),
    searchAfterViewRate30Days: t.exposeFloat('searchAfterViewRate30Days', {
      description: `Searches after a view, per view, over 30 days (看后搜率), a fraction: 0.001 is 0.1 %. ${agreed} Null: not provided.`,
    }),
    medianPlayCount30Days: t.exposeFloat('medianPlayCount30Days', {
      description: `The median of the plays of 30 days' videos (播放量中位数). It may end in a half. ${agreed} Null: not provided.`,
    }),
    medianEngagementCount30Days: t.exposeFloat('medianEngagementCount30Days', {
      description: `The median of the engagements of 30 days' videos (互动量中位数). It may end in a half. ${agreed} Null: not provided.`,
    }),
    orderVideoCount30Days: t.expose('orderVideoCount30Days', {
      type: 'SafeInt',
      description: `The number of videos ordered on Xingtu in 30 days (星图视频数). ${agreed} Null: none, or not provided.`,
    }),
    indices: t.expose('indices', {
      type: SearchIndices,
      nullable: false,
      description: "Xingtu's scores (星图指数).",
    }),
    connectedUserCounts: t.expose('connectedUserCounts', {
      type: ConnectedUserCounts,
      nullable: false,
      description: 'How many people are connected (连接用户数).',
    }),
    tags: t.expose('tags', {
      type: [Tag],
      nullable: false,
      description: `What the content is about, on two levels (内容标签). ${agreed} Empty: not provided.`,
    }),
    contentThemes: t.exposeStringList('contentThemes', {
      nullable: false,
      description: `The themes of the videos of 180 days (内容主题). ${agreed} Empty: not provided.`,
    }),
    eCommerceEnabled: t.exposeBoolean('eCommerceEnabled', {
      description: `Whether the creator sells goods (电商权限). ${agreed} Null: not provided.`,
    }),
    eCommerceLevel: t.exposeString('eCommerceLevel', {
      description: `How much the creator sells, from L0 to L6 (带货等级). ${agreed} Null: not provided.`,
    }),
    recentVideos: t.expose('recentVideos', {
      type: [Video],
      nullable: false,
      description: `The newest videos, ten at most (近期视频). ${agreed} Their lengths, favourites, rates and covers are always null. Empty: not provided.`,
    }),
    priceItems: t.field({
      type: [Price],
      nullable: false,
      description: `The rows of the price list (报价), without labels, original prices and settlements. Whether a row can be ordered is inferred, and null if upstream does not say yes. ${agreed} Empty: no prices.`,
      resolve: ({ creatorId, priceItems, section }) =>
        priceItems.map((price): PriceRow => ({ ...price, key: `${creatorId}.${price.key}`, section })),
    }),
  }),
});

const CreatorSearch = builder.objectRef<SectionValue<'searchCreators'>>('CreatorSearch').implement({
  description:
    "A page of creators that match a filter. Results shift between pages, so a creator may be on two pages or on none. The filter's matches are upstream's; this server does not check them.",
  interfaces: sectionInterfaces,
  fields: (t) => ({
    items: t.field({
      type: [CreatorSearchItem],
      nullable: false,
      description:
        "The creators, in upstream's order, 20 at most. Empty: nobody matches, or not on this page.",
      resolve: (section) => section.items.map((item): SearchItem => ({ ...item, section })),
    }),
    page: t.int({
      nullable: false,
      description: 'The number of the page that was asked for, from 1.',
      resolve: ({ args }) => args.page,
    }),
    pageSize: t.exposeInt('pageSize', {
      description: `How many creators a full page has (20). ${agreed} Null: not provided.`,
    }),
    hasNextPage: t.exposeBoolean('hasNextPage', {
      nullable: false,
      description: `Whether upstream says that there is another page. ${agreed} If it does not say: whether this page is full.`,
    }),
    totalCount: t.expose('totalCount', {
      type: 'SafeInt',
      description: `How many creators match (达人总数). ${agreed} Upstream may not give all of them. Null: not provided.`,
    }),
  }),
});

const searchArgs = builder.args((t) => ({
  filter: t.field({
    type: CreatorFilter,
    description: 'What the creators must have. Null or not given: nothing in particular.',
  }),
  sort: t.field({
    type: CreatorSort,
    required: true,
    defaultValue: 'FOLLOWERS',
    description: 'The order of the creators.',
  }),
  page: t.int({
    required: true,
    defaultValue: 1,
    description: 'Which page, from 1. Each page is a call of its own.',
  }),
}));

builder.queryField('searchCreators', (t) =>
  t.field(
    sectionField('searchCreators', CreatorSearch, 'A page of the creators that match a filter (搜索达人).', {
      fields: searchArgs,
      toCall: (_parent: object, { filter, sort, page }) => {
        if (page < 1) throw new BadUserInputError(`Expected page of at least 1, but got ${page}.`);
        const args = { filter: filterOf(filter ?? {}), sort, page };
        const bytes = queryBytes(args);
        if (bytes > mostQueryBytes) {
          throw new BadUserInputError(
            `Expected a filter of at most ${mostQueryBytes} bytes as upstream gets it, but got ${bytes}. Give fewer or shorter labels.`,
          );
        }
        return args;
      },
    }),
  ),
);

completeSection(['searchCreators'], CreatorSearch, false);
