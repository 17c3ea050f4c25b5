import type {
  IndustryTag as IndustryTagValue,
  NaturalPlayPrice as NaturalPlayPriceValue,
  PriceByDuration as PriceByDurationValue,
  Price as PriceValue,
} from '../upstream/endpoints/prices.js';
import type { SectionFacts, Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { Money } from './money.js';
import { aboutCreator, creatorSection, opaqueId, Section } from './section.js';

const PriceType = builder.enumType('PriceType', {
  description:
    "What is sold (报价类型, upstream's video_type). Upstream's set is open: what is not known here is OTHER, with its code and label beside it.",
  values: {
    VIDEO_1_20S: { description: "A video of 1 to 20 seconds (1-20s视频). Upstream's 1." },
    VIDEO_21_60S: { description: "A video of 21 to 60 seconds (21-60s视频). Upstream's 2." },
    VIDEO_OVER_60S: { description: "A video of over 60 seconds (60s以上视频). Upstream's 71." },
    CO_CREATION_MAIN_CREATOR: {
      description: "Co-creation, as the one who leads (共创-主创达人). Upstream's 90. Inferred.",
    },
    CO_CREATION_PARTICIPANT: {
      description: "Co-creation, as one who takes part (共创-参与达人). Upstream's 91.",
    },
    NATURAL_PLAY_CPM: {
      description:
        "Paid by natural plays (自然播放量 CPM): its price is per 1,000 plays and stands in `naturalPlay` alone. Upstream's 92.",
    },
    LICENSE_SINGLE_PUSH: {
      description:
        "A licence to push one video through the ad platform (单视频推送广告平台). Upstream's 103.",
    },
    LICENSE_MULTI_PUSH: {
      description:
        "A licence to push several videos through the ad platform (多视频推送广告平台). Upstream's 104.",
    },
    LICENSE_DOWNLOAD: { description: "A licence to download the material (下载). Upstream's 105." },
    LIVE_SEEDING_VIDEO: {
      description:
        "A short video that leads to a live stream or seeds interest (短视频引流直播/种草). Upstream's 150.",
    },
    OTHER: { description: 'A type that is not known here: see `typeCode` and `label`.' },
  } as const,
});

const NaturalPlayPrice = builder.objectRef<NaturalPlayPriceValue>('NaturalPlayPrice').implement({
  description:
    'A price by natural plays (按自然播放量结算). Never compare it with the price of a whole video.',
  fields: (t) => ({
    perThousandPlays: t.expose('perThousandPlays', {
      type: Money,
      description: 'Yuan for 1,000 natural plays. Null: not provided.',
    }),
    minimumTotal: t.expose('minimumTotal', {
      type: Money,
      description: 'The least that the order costs, in yuan (保底价). Null: not provided.',
    }),
    maximumTotal: t.expose('maximumTotal', {
      type: Money,
      description: 'The most that the order costs, in yuan (封顶价). Null: not provided.',
    }),
  }),
});

/** A row, with the section that it is in. */
type PriceRow = PriceValue & { readonly section: SectionFacts };

const Price = builder.objectRef<PriceRow>('Price').implement({
  description: "One row of a creator's price list (报价).",
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description:
        'Opaque. The same for one row wherever it stands (in `items`, `byDuration`, `cheapestAvailable`) and whatever it costs, so that a normalised cache keeps rows apart. A row of another type, settlement, task category, app or `validFrom` is another.',
      resolve: ({ key, section }) => opaqueId('price', section.key, key),
    }),
    type: t.expose('type', { type: PriceType, nullable: false, description: 'What is sold.' }),
    typeCode: t.exposeInt('typeCode', {
      description: "Upstream's own code of the type (video_type). Null: not provided.",
    }),
    label: t.exposeString('label', {
      description: "Upstream's own words for the type, such as 1-20s视频. Null: not provided.",
    }),
    price: t.expose('price', {
      type: Money,
      description: 'What the whole piece costs now, in yuan (报价). Null: not provided, or NATURAL_PLAY_CPM.',
    }),
    originalPrice: t.expose('originalPrice', {
      type: Money,
      description: 'Before any discount, in yuan (原价). Null: not provided, or NATURAL_PLAY_CPM.',
    }),
    naturalPlay: t.expose('naturalPlay', {
      type: NaturalPlayPrice,
      description:
        'What depends on natural plays (自然播放量报价、保底、封顶): the price of a NATURAL_PLAY_CPM row, and the totals that a row of any type stays within. Null: nothing.',
    }),
    hasDiscount: t.exposeBoolean('hasDiscount', {
      description: 'A discount is running (是否有折扣). Null: not provided.',
    }),
    isAvailable: t.exposeBoolean('isAvailable', {
      description:
        "Can be ordered now (可接单): upstream's `enable` and `is_open` are both true. Inferred. Null: not provided.",
    }),
    settlementCode: t.exposeInt('settlementCode', {
      description:
        "How it is settled (结算方式), upstream's code: 2 is a fixed price; an open set. Null: not provided.",
    }),
    settlementLabel: t.exposeString('settlementLabel', {
      description: "How it is settled, in upstream's words, such as 固定价格. Null: not provided.",
    }),
    taskCategoryCode: t.exposeInt('taskCategoryCode', {
      description:
        'Kind of order (任务类型): 1 spread task, 103 material licence. Inferred; an open set. Null: not provided.',
    }),
    appCode: t.exposeInt('appCode', {
      description: 'The app (platform_source): 1 Douyin, 2 Toutiao, 3 Xigua. Null: not provided.',
    }),
    validFrom: t.expose('validFrom', {
      type: 'DateTime',
      description: 'From when the price holds (生效时间). Null: not provided.',
    }),
    validUntil: t.expose('validUntil', {
      type: 'DateTime',
      description: 'Until when the price holds (失效时间). Null: no end, or not provided.',
    }),
  }),
});

function rowOf(section: SectionFacts, price: PriceValue | null): PriceRow | null {
  return price && { ...price, section };
}

type PriceRowByDuration = { readonly [Duration in keyof PriceByDurationValue]: PriceRow | null };

const PriceByDuration = builder.objectRef<PriceRowByDuration>('PriceByDuration').implement({
  description:
    'The price of a whole video by its length: a fixed price on Douyin that was in force when the answer was fetched. Rows that are something else by their own fields (paid by plays, for another app, of the past, for the future) stand in `items` alone. Of several rows of one type: one that can be ordered, then the cheapest.',
  fields: (t) => ({
    seconds1To20: t.expose('seconds1To20', {
      type: Price,
      description: 'A video of 1 to 20 seconds (1-20s视频). Null: not provided.',
    }),
    seconds21To60: t.expose('seconds21To60', {
      type: Price,
      description: 'A video of 21 to 60 seconds (21-60s视频). Null: not provided.',
    }),
    secondsOver60: t.expose('secondsOver60', {
      type: Price,
      description: 'A video of over 60 seconds (60s以上视频). Null: not provided.',
    }),
  }),
});

const IndustryTag = builder.objectRef<IndustryTagValue>('IndustryTag').implement({
  description: 'An industry that the creator takes orders from (行业标签).',
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: false,
      description: 'The second level, such as 角色扮演; else the only one.',
    }),
    parent: t.exposeString('parent', {
      description: 'The first level, such as 游戏. Null: the tag has one level only.',
    }),
  }),
});

const Prices = builder.objectRef<SectionValue<'prices'>>('Prices').implement({
  description: 'What the creator charges (达人报价).',
  interfaces: [Section],
  fields: (t) => ({
    byDuration: t.field({
      type: PriceByDuration,
      nullable: false,
      description: 'The price of a whole video by its length (按时长报价).',
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
        'The cheapest whole video that can be ordered: of VIDEO_1_20S, VIDEO_21_60S and VIDEO_OVER_60S, a fixed price on Douyin that was in force when the answer was fetched. Null: none.',
      resolve: (section) => rowOf(section, section.cheapestAvailable),
    }),
    industryTags: t.expose('industryTags', {
      type: [IndustryTag],
      nullable: false,
      description: 'Industries (行业标签). Empty: not provided.',
    }),
  }),
});

creatorSection('prices', Prices, 'What the creator charges (达人报价).', aboutCreator);
