import type { ObjectRef } from '@pothos/core';
import type {
  Bucket as BucketValue,
  Dimension as DimensionValue,
  Distributions,
} from '../upstream/endpoints/distributions.js';
import { builder, type SchemaTypes } from './builder.js';

const DimensionKind = builder.enumType('DimensionKind', {
  description:
    "What people are split by. Upstream's codes of them are not documented; independent sources agree.",
  values: {
    GENDER: { description: 'The gender (性别). The keys are male and female.' },
    AGE: {
      description: 'The age in years (年龄): 18-23, 24-30, 31-40, 41-50, 50+, sometimes 其他 (others).',
    },
    PROVINCE: { description: 'The province (地域), by its short Chinese name, such as 广东.' },
    CITY: { description: 'The ten most frequent cities (城市), by their Chinese names.' },
    CITY_TIER: { description: 'The tier of the city (城市等级), from 一线 to 五线.' },
    DEVICE: { description: "The telephone's brand (设备), such as 华为." },
    INTEREST: { description: 'The eight most frequent interests (兴趣), such as 随拍. Not for followers.' },
    CROWD: { description: 'The eight crowds of Chinese marketing (八大人群), such as Z世代.' },
    SPENDING: { description: 'What they buy (消费品类), such as 食品饮料. For followers only.' },
    ORDER_VALUE: {
      description: 'The average value of an order in yuan (客单价), such as 0-50. For followers only.',
    },
    OTHER: {
      description: 'A dimension that this schema does not know yet. `kindCode` and `label` tell more.',
    },
  } as const,
});

const Bucket = builder.objectRef<BucketValue>('Bucket').implement({
  description: 'Some of the people, who have one value of the dimension.',
  fields: (t) => ({
    key: t.exposeString('key', {
      nullable: false,
      description:
        "What they have in common, in upstream's words, such as 31-40 or 广东. Genders are always male and female. Empty: not provided.",
    }),
    count: t.expose('count', {
      type: 'SafeInt',
      description:
        'The number of people (人数). 0 is a count like any other. Undocumented; independent sources agree. Null: not provided, or upstream gave the dimension in percent or in an unclear unit.',
    }),
    share: t.exposeFloat('share', {
      description:
        "The bucket's part of its dimension (占比), a fraction: 0.12 is 12 %. Derived: its value ÷ the sum of the dimension's values. Dimensions have different sums, so a share says nothing about another dimension. Null: a value of the dimension is missing or could not be read, its unit is unclear, or it is CITY or INTEREST, of which upstream lists only the largest.",
    }),
  }),
});

const Dimension = builder.objectRef<DimensionValue>('Dimension').implement({
  description: 'People, split in one way.',
  fields: (t) => ({
    kind: t.expose('kind', {
      type: DimensionKind,
      nullable: false,
      description: 'What they are split by. OTHER: unknown, or not provided.',
    }),
    kindCode: t.exposeInt('kindCode', {
      description: "Upstream's code of the kind. Null: not provided.",
    }),
    label: t.exposeString('label', {
      description: "Upstream's name of the dimension, in Chinese, such as 年龄分布. Null: not provided.",
    }),
    buckets: t.expose('buckets', {
      type: [Bucket],
      nullable: false,
      description: "In upstream's order, which means nothing. Empty: not provided.",
    }),
  }),
});

/** Adds the fields of `Distributions` to the type of a section. */
export function addDistributions(type: ObjectRef<SchemaTypes, Distributions>): void {
  builder.objectFields(type, (t) => ({
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When upstream counted the people (更新时间). Null: not provided.',
    }),
    dimensions: t.field({
      type: [Dimension],
      nullable: false,
      description:
        "The same people, split in several ways, in upstream's order. Not everybody is in every dimension, so their sums differ. Empty: not provided.",
      args: {
        kinds: t.arg({
          type: [DimensionKind],
          description: 'Only dimensions of these kinds, which costs nothing. Null or not given: all.',
        }),
      },
      resolve: ({ dimensions }, { kinds }) =>
        kinds ? dimensions.filter(({ kind }) => kinds.includes(kind)) : [...dimensions],
    }),
  }));
}
