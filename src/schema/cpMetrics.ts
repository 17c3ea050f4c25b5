import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { MoneyByDuration } from './money.js';
import { aboutCreator, creatorSection, Section } from './section.js';

const CpMetrics = builder.objectRef<SectionValue<'cpMetrics'>>('CpMetrics').implement({
  description: "What the creator is worth for the money (性价比): Xingtu's expectation for the next video.",
  interfaces: [Section],
  fields: (t) => ({
    expectedCpm: t.expose('expectedCpm', {
      type: MoneyByDuration,
      nullable: false,
      description: 'Yuan for 1,000 expected plays (预期 CPM). Upstream gives whole fen, truncated.',
    }),
    expectedCpe: t.expose('expectedCpe', {
      type: MoneyByDuration,
      nullable: false,
      description: 'Yuan for one expected engagement (预期 CPE). Upstream gives whole fen, truncated.',
    }),
    expectedPlayCount: t.expose('expectedPlayCount', {
      type: 'SafeInt',
      description: 'Expected plays of the next video (预期播放量). Null: not provided.',
    }),
    viralRate: t.exposeFloat('viralRate', {
      description:
        'Share of videos that become hits (爆文率), a fraction: 0.12 is 12 %. The unit, basis points upstream, is inferred. Null: not provided.',
    }),
    expectedEngagementRate: t.exposeFloat('expectedEngagementRate', {
      description:
        "Expected engagements for one play (预期互动率), a fraction. Derived: CPM ÷ CPE ÷ 1000, from the duration with the largest CPE; exact to about three digits, as both are truncated. Null: can't be derived.",
    }),
    expectedEngagementCount: t.expose('expectedEngagementCount', {
      type: 'SafeInt',
      description:
        "Expected engagements of the next video (预期互动量). Derived: `expectedPlayCount` × `expectedEngagementRate`, as exact as that. Null: can't be derived.",
    }),
  }),
});

creatorSection('cpMetrics', CpMetrics, 'What the creator is worth for the money (性价比).', aboutCreator);
