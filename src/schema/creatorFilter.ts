import { most, mostCharacters, mostValues } from '../upstream/endpoints/creatorFilter.js';
import { builder } from './builder.js';
import {
  AudienceTrait,
  CreatorList,
  MarketingTarget,
  SearchBy,
  SearchPriceType,
  StatedGender,
} from './creatorFilterEnums.js';
import { Industry } from './industry.js';

const eitherEnd = 'Give one of `min` and `max`, or both.';

const CountRange = builder.inputType('CountRange', {
  description: `A range of counts, both ends included. ${eitherEnd}`,
  fields: (t) => ({
    min: t.field({ type: 'SafeInt', description: 'The least. Null or not given: 0.' }),
    max: t.field({
      type: 'SafeInt',
      description: `The most, up to ${most.count.toLocaleString('en-GB')}. Null or not given: no limit.`,
    }),
  }),
});

const RateRange = builder.inputType('RateRange', {
  description: `A range of fractions, both ends included: 0.03 is 3 %. ${eitherEnd} Ends are rounded to six decimal places.`,
  fields: (t) => ({
    min: t.float({ description: 'The least, from 0 to 1. Null or not given: 0.' }),
    max: t.float({ description: 'The most, from 0 to 1. Null or not given: 1.' }),
  }),
});

const AmountRange = builder.inputType('AmountRange', {
  description: `A range of amounts in yuan with at most two decimal places, both ends included. ${eitherEnd} The unit is inferred.`,
  fields: (t) => ({
    min: t.field({ type: 'Decimal', description: 'The least, such as "10". Null or not given: 0.' }),
    max: t.field({
      type: 'Decimal',
      description: `The most, such as "30.50", up to ${most.costPer.toLocaleString('en-GB')}. Null or not given: no limit.`,
    }),
  }),
});

const PriceFilter = builder.inputType('PriceFilter', {
  description: `A range of prices of one type, in whole yuan, both ends included. ${eitherEnd} The unit is inferred.`,
  fields: (t) => ({
    type: t.field({ type: SearchPriceType, required: true, description: 'What is sold (报价类型).' }),
    min: t.field({ type: 'Decimal', description: 'The least, such as "10000". Null or not given: 0.' }),
    max: t.field({
      type: 'Decimal',
      description: `The most, such as "50000", up to ${most.price.toLocaleString('en-GB')}. Null or not given: no limit.`,
    }),
  }),
});

const TaskFilter = builder.inputType('TaskFilter', {
  description: `A range of tasks in progress within some days, both ends included. ${eitherEnd}`,
  fields: (t) => ({
    days: t.int({ required: true, description: `How many days: 1 to ${most.days}.` }),
    min: t.int({ description: 'The least. Null or not given: 0.' }),
    max: t.int({ description: 'The most. Null or not given: no limit.' }),
  }),
});

const labelsDescription = `At most ${mostValues}. A creator with any of them matches; that is inferred. Null or empty: all creators.`;

export const CreatorFilter = builder.inputType('CreatorFilter', {
  description:
    'What creators must have, all at once. A filter that is null or not given does not count. Every value is checked before a call is paid; filters that mean the same are one call.',
  fields: (t) => ({
    keyword: t.string({
      description: `A text to search for (关键词), of at most ${mostCharacters} characters. Spaces around it do not count. Null or empty: no text.`,
    }),
    searchBy: t.field({
      type: SearchBy,
      description: 'Where `keyword` is searched for (搜索类型). Null or not given: NICKNAME.',
    }),
    marketingTarget: t.field({
      type: MarketingTarget,
      description: 'What the campaign is for (营销目标). Null: nothing in particular.',
    }),
    industry: t.field({
      type: Industry,
      description: 'The industry that creators are recommended for (推荐行业). Null is the same as ALL.',
    }),
    isCelebrity: t.boolean({
      description: 'True: only celebrities (明星). False or null: all creators.',
    }),
    followerCount: t.field({
      type: CountRange,
      description: 'The number of followers (粉丝数). Null: any.',
    }),
    price: t.field({ type: PriceFilter, description: 'The price of one type of order (报价). Null: any.' }),
    contentTags: t.stringList({
      description: `What the creator is about (达人类型): labels of the vendor's list on either level, such as 美妆 or 护肤保养. ${labelsDescription}`,
    }),
    contentThemes: t.stringList({
      description: `Themes of the videos (内容主题): labels of the vendor's list, such as 宝宝辅食. ${labelsDescription}`,
    }),
    personaTags: t.stringList({
      description: `Who the creator is (达人人设): labels of the vendor's list, such as 大学生. ${labelsDescription}`,
    }),
    gender: t.field({ type: StatedGender, description: "The creator's gender (达人性别). Null: any." }),
    locations: t.stringList({
      description: `Where the creator is (达人所在地): full Chinese names of provinces or cities, such as 广东省 or 深圳市. The vendor does not list the cities. ${labelsDescription}`,
    }),
    tonalityTags: t.stringList({
      description: `How the creator comes across (达人调性): labels of the vendor's list on either level, such as 精致达人 or 设计师. ${labelsDescription}`,
    }),
    connectedUserCount: t.field({
      type: CountRange,
      description: 'The number of connected users (连接用户数). Null: any.',
    }),
    audience: t.field({
      type: [AudienceTrait],
      description: `Who the viewers are (观众画像). At most ${mostValues}. Null or empty: anybody.`,
    }),
    followers: t.field({
      type: [AudienceTrait],
      description: `Who the followers are (粉丝画像). At most ${mostValues}. Null or empty: anybody.`,
    }),
    expectedPlayCount: t.field({
      type: CountRange,
      description: 'The expected number of plays of the next video (预期播放量). Null: any.',
    }),
    expectedCpm: t.field({
      type: AmountRange,
      description:
        'Yuan for 1,000 expected plays (预期 CPM). The vendor does not say for which duration. Null: any.',
    }),
    expectedCpe: t.field({
      type: AmountRange,
      description:
        'Yuan for one expected engagement (预期 CPE). The vendor does not say for which duration. Null: any.',
    }),
    engagementRate: t.field({
      type: RateRange,
      description: 'Engagements per play (互动率). Null: any.',
    }),
    completionRate: t.field({
      type: RateRange,
      description: 'The share of plays that reach the end (完播率). Null: any.',
    }),
    viralRate: t.field({
      type: RateRange,
      description: 'The share of videos that become hits (爆文率). Null: any.',
    }),
    tasksInProgress: t.field({
      type: TaskFilter,
      description: 'The number of tasks in progress (进行中任务数). Null: any.',
    }),
    isCurated: t.boolean({
      description:
        'True: only creators whom Xingtu has curated (星图精选, under 主题推荐). False or null: all creators.',
    }),
    list: t.field({
      type: CreatorList,
      description:
        'Only creators on one of the lists that Xingtu has curated (达人榜单). Null: all creators.',
    }),
  }),
});
