import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { MoneyByDuration } from './money.js';
import { aboutCreator, creatorSection, sectionInterfaces } from './section.js';

const CpMetrics = builder.objectRef<SectionValue<'cpMetrics'>>('CpMetrics').implement({
  description: "The creator's value for money (性价比): what Xingtu expects of the next video.",
  interfaces: sectionInterfaces,
  fields: (t) => ({
    expectedCpm: t.expose('expectedCpm', {
      type: MoneyByDuration,
      nullable: false,
      description: 'Yuan for 1,000 expected plays (预期 CPM). Upstream truncates it to whole fen.',
    }),
    expectedCpe: t.expose('expectedCpe', {
      type: MoneyByDuration,
      nullable: false,
      description:
        'Yuan for one expected engagement (预期 CPE). Upstream truncates it to whole fen. Undocumented; independent sources agree.',
    }),
    expectedPlayCount: t.expose('expectedPlayCount', {
      type: 'SafeInt',
      description: 'The expected number of plays of the next video (预期播放量). Null: not provided.',
    }),
    viralRate: t.exposeFloat('viralRate', {
      description:
        'The share of videos that become hits (爆文率), a fraction: 0.12 is 12 %. The unit is inferred: upstream seems to send basis points. Null: not provided.',
    }),
    expectedEngagementRate: t.exposeFloat('expectedEngagementRate', {
      description:
        'Expected engagements per play (预期互动率), a fraction: 0.03 is 3 %. Derived: CPM ÷ CPE ÷ 1000, for the duration with the largest CPE. Exact to about three digits, because CPM and CPE are truncated. Null: it cannot be derived.',
    }),
    expectedEngagementCount: t.expose('expectedEngagementCount', {
      type: 'SafeInt',
      description:
        'The expected number of engagements of the next video (预期互动量). Derived: `expectedPlayCount` × `expectedEngagementRate`, and no more exact than that rate. Null: it cannot be derived.',
    }),
  }),
});

creatorSection('cpMetrics', CpMetrics, "The creator's value for money (性价比).", aboutCreator);
