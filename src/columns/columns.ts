/** What a value is, and so its unit and how it is written. A rate is a fraction: 0.12 is 12 %. Money is in yuan. */
export type ColumnKind = 'id' | 'text' | 'list' | 'link' | 'count' | 'money' | 'rate' | 'number' | 'time';

/** A value of a creator that fills one column of a table. */
export interface Column {
  readonly key: string;
  /** The field's path below `Creator`. The first part is the section, whose endpoint has to be called. */
  readonly path: string;
  readonly kind: ColumnKind;
  readonly zh: string;
  readonly en: string;
  /** Which values are the better ones. Not given: neither. */
  readonly better?: 'high' | 'low';
}

/** Every column that tables, sheets and downloads offer, in the order in which a buyer reads them. */
export const columns = [
  { key: 'id', path: 'id', kind: 'id', zh: '达人 ID', en: 'Creator ID' },
  { key: 'name', path: 'profile.name', kind: 'text', zh: '昵称', en: 'Name' },
  { key: 'province', path: 'profile.province', kind: 'text', zh: '省份', en: 'Province' },
  { key: 'city', path: 'profile.city', kind: 'text', zh: '城市', en: 'City' },
  { key: 'tags', path: 'profile.tags.name', kind: 'list', zh: '内容标签', en: 'Tags' },
  { key: 'mcn', path: 'profile.mcn.name', kind: 'text', zh: 'MCN 机构', en: 'MCN' },
  {
    key: 'followers',
    path: 'profile.followerCount',
    kind: 'count',
    zh: '粉丝数',
    en: 'Followers',
    better: 'high',
  },
  {
    key: 'lowestPrice',
    path: 'profile.lowestPrice.amount',
    kind: 'money',
    zh: '最低报价',
    en: 'Lowest price',
    better: 'low',
  },
  {
    key: 'price1To20',
    path: 'prices.byDuration.seconds1To20.price.amount',
    kind: 'money',
    zh: '1–20 秒报价',
    en: 'Price, 1–20 s',
    better: 'low',
  },
  {
    key: 'price21To60',
    path: 'prices.byDuration.seconds21To60.price.amount',
    kind: 'money',
    zh: '21–60 秒报价',
    en: 'Price, 21–60 s',
    better: 'low',
  },
  {
    key: 'priceOver60',
    path: 'prices.byDuration.secondsOver60.price.amount',
    kind: 'money',
    zh: '60 秒以上报价',
    en: 'Price, over 60 s',
    better: 'low',
  },
  {
    key: 'cpm1To20',
    path: 'cpMetrics.expectedCpm.seconds1To20.amount',
    kind: 'money',
    zh: '1–20 秒预期 CPM',
    en: 'Expected CPM, 1–20 s',
    better: 'low',
  },
  {
    key: 'cpm21To60',
    path: 'cpMetrics.expectedCpm.seconds21To60.amount',
    kind: 'money',
    zh: '21–60 秒预期 CPM',
    en: 'Expected CPM, 21–60 s',
    better: 'low',
  },
  {
    key: 'cpmOver60',
    path: 'cpMetrics.expectedCpm.secondsOver60.amount',
    kind: 'money',
    zh: '60 秒以上预期 CPM',
    en: 'Expected CPM, over 60 s',
    better: 'low',
  },
  {
    key: 'cpe1To20',
    path: 'cpMetrics.expectedCpe.seconds1To20.amount',
    kind: 'money',
    zh: '1–20 秒预期 CPE',
    en: 'Expected CPE, 1–20 s',
    better: 'low',
  },
  {
    key: 'cpe21To60',
    path: 'cpMetrics.expectedCpe.seconds21To60.amount',
    kind: 'money',
    zh: '21–60 秒预期 CPE',
    en: 'Expected CPE, 21–60 s',
    better: 'low',
  },
  {
    key: 'cpeOver60',
    path: 'cpMetrics.expectedCpe.secondsOver60.amount',
    kind: 'money',
    zh: '60 秒以上预期 CPE',
    en: 'Expected CPE, over 60 s',
    better: 'low',
  },
  {
    key: 'expectedPlays',
    path: 'cpMetrics.expectedPlayCount',
    kind: 'count',
    zh: '预期播放量',
    en: 'Expected plays',
    better: 'high',
  },
  {
    key: 'viralRate',
    path: 'cpMetrics.viralRate',
    kind: 'rate',
    zh: '爆文率',
    en: 'Viral rate',
    better: 'high',
  },
  {
    key: 'expectedEngagementRate',
    path: 'cpMetrics.expectedEngagementRate',
    kind: 'rate',
    zh: '预期互动率',
    en: 'Expected engagement rate',
    better: 'high',
  },
  {
    key: 'expectedEngagements',
    path: 'cpMetrics.expectedEngagementCount',
    kind: 'count',
    zh: '预期互动量',
    en: 'Expected engagements',
    better: 'high',
  },
  {
    key: 'medianPlays',
    path: 'performance.medianPlayCount',
    kind: 'count',
    zh: '30 天播放量中位数',
    en: 'Median plays, 30 days',
    better: 'high',
  },
  {
    key: 'completionRate',
    path: 'performance.completionRate',
    kind: 'rate',
    zh: '30 天完播率',
    en: 'Completion rate, 30 days',
    better: 'high',
  },
  {
    key: 'engagementRate',
    path: 'performance.engagementRate',
    kind: 'rate',
    zh: '30 天互动率',
    en: 'Engagement rate, 30 days',
    better: 'high',
  },
  {
    key: 'averageLikes',
    path: 'performance.averageLikeCount',
    kind: 'count',
    zh: '30 天平均点赞',
    en: 'Average likes, 30 days',
    better: 'high',
  },
  {
    key: 'averageComments',
    path: 'performance.averageCommentCount',
    kind: 'count',
    zh: '30 天平均评论',
    en: 'Average comments, 30 days',
    better: 'high',
  },
  {
    key: 'averageShares',
    path: 'performance.averageShareCount',
    kind: 'count',
    zh: '30 天平均转发',
    en: 'Average shares, 30 days',
    better: 'high',
  },
  { key: 'videos', path: 'performance.videoCount', kind: 'count', zh: '30 天作品数', en: 'Videos, 30 days' },
  {
    key: 'overallIndex',
    path: 'indices.overall.value',
    kind: 'number',
    zh: '星图指数',
    en: 'Xingtu index',
    better: 'high',
  },
  {
    key: 'spreadIndex',
    path: 'indices.spread.value',
    kind: 'number',
    zh: '传播指数',
    en: 'Spread index',
    better: 'high',
  },
  {
    key: 'seedingIndex',
    path: 'indices.seeding.value',
    kind: 'number',
    zh: '种草指数',
    en: 'Seeding index',
    better: 'high',
  },
  {
    key: 'conversionIndex',
    path: 'indices.conversion.value',
    kind: 'number',
    zh: '转化指数',
    en: 'Conversion index',
    better: 'high',
  },
  {
    key: 'costEffectivenessIndex',
    path: 'indices.costEffectiveness.value',
    kind: 'number',
    zh: '性价比指数',
    en: 'Cost-effectiveness index',
    better: 'high',
  },
  {
    key: 'cooperationIndex',
    path: 'indices.cooperation.value',
    kind: 'number',
    zh: '合作指数',
    en: 'Cooperation index',
    better: 'high',
  },
  {
    key: 'connectedUsers',
    path: 'connectedUsers.total.count',
    kind: 'count',
    zh: '连接用户数',
    en: 'Connected users',
    better: 'high',
  },
  { key: 'douyinId', path: 'profile.douyinId', kind: 'text', zh: '抖音号', en: 'Douyin ID' },
  { key: 'url', path: 'xingtuUrl', kind: 'link', zh: '星图主页', en: 'Xingtu page' },
] as const satisfies readonly Column[];

export type ColumnKey = (typeof columns)[number]['key'];

/** Shown unless others are chosen: those of the three sections that a first comparison needs. */
export const defaultColumnKeys: readonly ColumnKey[] = [
  'id',
  'name',
  'province',
  'tags',
  'mcn',
  'followers',
  'price1To20',
  'price21To60',
  'priceOver60',
  'cpm21To60',
  'cpe21To60',
  'expectedPlays',
  'viralRate',
  'expectedEngagementRate',
  'url',
];

export type Language = 'zh' | 'en';

const units: Readonly<Record<Language, Partial<Record<ColumnKind, string>>>> = {
  zh: { money: '（元）' },
  en: { money: ' (CNY)' },
};

/** The column's title, with its unit where the values do not show it. */
export function headingOf(column: Column, language: Language): string {
  return `${column[language]}${units[language][column.kind] ?? ''}`;
}

/** The field of `Creator` that has to be called for it. Null: none. */
export function sectionOf({ path }: Pick<Column, 'path'>): string | null {
  const [section, ...below] = path.split('.');
  return below.length > 0 && section ? section : null;
}

/** The distinct sections of the columns: the number of calls that one creator costs at most. */
export function sectionsOf(chosen: readonly Column[]): readonly string[] {
  return [...new Set(chosen.flatMap((column) => sectionOf(column) ?? []))];
}
