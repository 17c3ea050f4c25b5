import type {
  IndustryTag as IndustryTagValue,
  NaturalPlayPrice as NaturalPlayPriceValue,
  PriceByDuration as PriceByDurationValue,
  Price as PriceValue,
} from '../upstream/endpoints/prices.js';
import type { SectionFacts, Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { Money } from './money.js';
import { opaqueId } from './opaqueId.js';
import { aboutCreator, creatorSection, sectionInterfaces } from './section.js';

const PriceType = builder.enumType('PriceType', {
  description:
    "What is sold (报价类型, upstream's video_type). Upstream may add types. A type that is not known here is OTHER; `typeCode` and `label` then say what it is.",
  values: {
    VIDEO_1_20S: { description: "A video of 1 to 20 seconds (1-20s视频). Upstream's code 1." },
    VIDEO_21_60S: { description: "A video of 21 to 60 seconds (21-60s视频). Upstream's code 2." },
    VIDEO_OVER_60S: { description: "A video longer than 60 seconds (60s以上视频). Upstream's code 71." },
    CO_CREATION_MAIN_CREATOR: {
      description:
        "A co-created video of which the creator is the lead (共创-主创达人). Upstream's code 90. The meaning is inferred.",
    },
    CO_CREATION_PARTICIPANT: {
      description: "A co-created video in which the creator takes part (共创-参与达人). Upstream's code 91.",
    },
    NATURAL_PLAY_CPM: {
      description:
        "A video paid by natural plays (自然播放量 CPM). Its price is per 1,000 natural plays, and is in `naturalPlay` only. Upstream's code 92. Undocumented; independent sources agree.",
    },
    LICENSE_SINGLE_PUSH: {
      description:
        "A licence to push one video through the ad platform (单视频推送广告平台). Upstream's code 103.",
    },
    LICENSE_MULTI_PUSH: {
      description:
        "A licence to push several videos through the ad platform (多视频推送广告平台). Upstream's code 104.",
    },
    LICENSE_DOWNLOAD: { description: "A licence to download the material (下载). Upstream's code 105." },
    LIVE_SEEDING_VIDEO: {
      description:
        "A short video that leads viewers to a live stream or arouses interest (短视频引流直播/种草). Upstream's code 150. Undocumented; independent sources agree.",
    },
    OTHER: { description: 'A type that is not known here. See `typeCode` and `label`.' },
  } as const,
});

const NaturalPlayPrice = builder.objectRef<NaturalPlayPriceValue>('NaturalPlayPrice').implement({
  description:
    'A price that depends on natural plays (按自然播放量结算). It cannot be compared with the price of a whole video. Undocumented; independent sources agree.',
  fields: (t) => ({
    perThousandPlays: t.expose('perThousandPlays', {
      type: Money,
      description: 'Yuan for 1,000 natural plays. Null: not provided.',
    }),
    minimumTotal: t.expose('minimumTotal', {
      type: Money,
      description: 'The minimum price of the order, in yuan (保底价). Null: not provided.',
    }),
    maximumTotal: t.expose('maximumTotal', {
      type: Money,
      description: 'The maximum price of the order, in yuan (封顶价). Null: not provided.',
    }),
  }),
});

/** A row, and the section that it is in. */
export type PriceRow = PriceValue & { readonly section: SectionFacts };

export const Price = builder.objectRef<PriceRow>('Price').implement({
  description: "One row of a creator's price list (报价).",
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description:
        'Opaque. A row has the same id in `items`, `byDuration` and `cheapestAvailable`, and keeps it when its price changes, so that a normalised cache can tell rows apart. Rows that differ in type, settlement, task category, app or `validFrom` have different ids.',
      resolve: ({ key, section }) => opaqueId('price', section.key, key),
    }),
    type: t.expose('type', { type: PriceType, nullable: false, description: 'What is sold.' }),
    typeCode: t.exposeInt('typeCode', {
      description: "Upstream's code for the type (video_type). Null: not provided.",
    }),
    label: t.exposeString('label', {
      description: "Upstream's name for the type, such as 1-20s视频. Null: not provided.",
    }),
    price: t.expose('price', {
      type: Money,
      description:
        'The current price of the whole order, in yuan (报价). Null: not provided, or the type is NATURAL_PLAY_CPM.',
    }),
    originalPrice: t.expose('originalPrice', {
      type: Money,
      description:
        'The price before any discount, in yuan (原价). Null: not provided, or the type is NATURAL_PLAY_CPM.',
    }),
    naturalPlay: t.expose('naturalPlay', {
      type: NaturalPlayPrice,
      description:
        'What depends on natural plays (自然播放量报价、保底、封顶): the price of a NATURAL_PLAY_CPM row, and the minimum and maximum total of a row of any type. Null: nothing depends on natural plays.',
    }),
    hasDiscount: t.exposeBoolean('hasDiscount', {
      description: 'Whether there is a discount now (是否有折扣). Null: not provided.',
    }),
    isAvailable: t.exposeBoolean('isAvailable', {
      description:
        "Whether it can be ordered now (可接单): upstream's `enable` and `is_open` are both true. The meaning is inferred. Null: not provided.",
    }),
    settlementCode: t.exposeInt('settlementCode', {
      description:
        "How the order is settled (结算方式), as upstream's code. 2 is a fixed price; there are other codes. Null: not provided.",
    }),
    settlementLabel: t.exposeString('settlementLabel', {
      description: "How the order is settled, in upstream's words, such as 固定价格. Null: not provided.",
    }),
    taskCategoryCode: t.exposeInt('taskCategoryCode', {
      description:
        "The kind of order (任务类型), as upstream's code. 1 is a spread task, 103 a material licence; there may be other codes. The meanings are inferred. Null: not provided.",
    }),
    appCode: t.exposeInt('appCode', {
      description:
        "The app that the price is for, as upstream's code (platform_source): 1 is Douyin, 2 Toutiao, 3 Xigua. Null: not provided.",
    }),
    validFrom: t.expose('validFrom', {
      type: 'DateTime',
      description: 'When the price starts to apply (生效时间). Null: not provided.',
    }),
    validUntil: t.expose('validUntil', {
      type: 'DateTime',
      description: 'When the price ceases to apply (失效时间). Null: it has no end, or not provided.',
    }),
  }),
});

function rowOf(section: SectionFacts, price: PriceValue | null): PriceRow | null {
  return price && { ...price, section };
}

type PriceRowByDuration = { readonly [Duration in keyof PriceByDurationValue]: PriceRow | null };

const PriceByDuration = builder.objectRef<PriceRowByDuration>('PriceByDuration').implement({
  description:
    'The price of a whole video for each length. Only fixed prices on Douyin that applied when the answer was fetched are taken. Other rows (paid by plays, for another app, expired, or not yet valid) are in `items` only. Of several rows of one type, one that can be ordered is preferred, then the cheapest.',
  fields: (t) => ({
    seconds1To20: t.expose('seconds1To20', {
      type: Price,
      description: 'A video of 1 to 20 seconds (1-20s视频). Null: there is no such price.',
    }),
    seconds21To60: t.expose('seconds21To60', {
      type: Price,
      description: 'A video of 21 to 60 seconds (21-60s视频). Null: there is no such price.',
    }),
    secondsOver60: t.expose('secondsOver60', {
      type: Price,
      description: 'A video longer than 60 seconds (60s以上视频). Null: there is no such price.',
    }),
  }),
});

const IndustryTag = builder.objectRef<IndustryTagValue>('IndustryTag').implement({
  description: 'An industry that the creator takes orders from (行业标签).',
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: false,
      description: 'The second level, such as 角色扮演. If the tag has one level only: that level.',
    }),
    parent: t.exposeString('parent', {
      description: 'The first level, such as 游戏. Null: the tag has one level only.',
    }),
  }),
});

const Prices = builder.objectRef<SectionValue<'prices'>>('Prices').implement({
  description: 'What the creator charges (达人报价).',
  interfaces: sectionInterfaces,
  fields: (t) => ({
    byDuration: t.field({
      type: PriceByDuration,
      nullable: false,
      description: 'The price of a whole video for each length (按时长报价).',
      resolve: (section) => {
        const { seconds1To20, seconds21To60, secondsOver60 } = section.byDuration;
        return {
          seconds1To20: rowOf(section, seconds1To20),
          seconds21To60: rowOf(section, seconds21To60),
          secondsOver60: rowOf(section, secondsOver60),
        };
      },
    }),
    items: t.field({
      type: [Price],
      nullable: false,
      description: "Every row of the price list, in upstream's order, which is not stable. Empty: no prices.",
      resolve: (section) => section.items.map((price): PriceRow => ({ ...price, section })),
    }),
    cheapestAvailable: t.field({
      type: Price,
      description:
        'The cheapest whole video that can be ordered. Its type is VIDEO_1_20S, VIDEO_21_60S or VIDEO_OVER_60S. Only fixed prices on Douyin that applied when the answer was fetched are taken. Null: there is none.',
      resolve: (section) => rowOf(section, section.cheapestAvailable),
    }),
    industryTags: t.expose('industryTags', {
      type: [IndustryTag],
      nullable: false,
      description: 'The industries that the creator takes orders from (行业标签). Empty: not provided.',
    }),
  }),
});

creatorSection('prices', Prices, 'What the creator charges (达人报价).', aboutCreator);
