import type { Index as IndexValue } from '../upstream/endpoints/indices.js';
import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { Industry } from './industry.js';
import { platformArgs } from './platform.js';
import { creatorSection, sectionInterfaces } from './section.js';

const Index = builder.objectRef<IndexValue>('Index').implement({
  description: "One of Xingtu's scores of a creator. Undocumented; independent sources agree.",
  fields: (t) => ({
    value: t.exposeFloat('value', {
      nullable: false,
      description: "The creator's score, from 0 to 100.",
    }),
    marketAverage: t.exposeFloat('marketAverage', {
      description: 'The average of all creators (大盘均值), not of this one. Null: not provided.',
    }),
    rank: t.expose('rank', {
      type: 'SafeInt',
      description: "The creator's place, 1 for the highest score (排名). Null: not provided.",
    }),
    topShare: t.exposeFloat('topShare', {
      description:
        'The share of creators of whom this one is the last, a fraction: 0.002 is the top 0.2 %. 0 is the very top, rounded. Null: not provided. The meaning is inferred.',
    }),
    change: t.exposeFloat('change', {
      description:
        'The change since the period before (环比), a fraction: 0.25 is 25 % more, -0.1 is 10 % less. Null: not provided. The meaning is inferred.',
    }),
  }),
});

const Indices = builder.objectRef<SectionValue<'indices'>>('Indices').implement({
  description:
    "Xingtu's scores of the creator (星图指数). Those for spread and seeding are rankings of a model over 30 days.",
  interfaces: sectionInterfaces,
  fields: (t) => ({
    overall: t.expose('overall', {
      type: Index,
      description: 'The score of all in all (星图指数). Null: not provided.',
    }),
    spread: t.expose('spread', {
      type: Index,
      description: 'How well the creator spreads a message (传播指数). Null: not provided.',
    }),
    seeding: t.expose('seeding', {
      type: Index,
      description: 'How well the creator arouses interest in a product (种草指数). Null: not provided.',
    }),
    conversion: t.expose('conversion', {
      type: Index,
      description: 'How well the creator leads to purchases (转化指数). Null: not provided.',
    }),
    costEffectiveness: t.expose('costEffectiveness', {
      type: Index,
      description: 'Value for money (性价比指数). Null: not provided.',
    }),
    cooperation: t.expose('cooperation', {
      type: Index,
      description: 'How well working together goes (合作指数). Null: not provided.',
    }),
  }),
});

const industryArgs = builder.args((t) => ({
  industry: t.field({
    type: Industry,
    required: true,
    defaultValue: 'ALL',
    description: 'The industry for which the creator is scored. Each industry is a call of its own.',
  }),
}));

creatorSection('indices', Indices, "Xingtu's scores of the creator (星图指数).", {
  fields: { ...platformArgs, ...industryArgs },
  toCall: ({ id }, { platform, industry }) => ({ creatorId: id, platform, industry }),
});
