import type { Stage as StageValue } from '../upstream/endpoints/connectedUsers.js';
import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { ConnectionStage } from './connectionStage.js';
import { aboutCreator, creatorSection, sectionInterfaces } from './section.js';

const Stage = builder.objectRef<StageValue>('Stage').implement({
  description:
    'The people whose connection with the creator is this deep. Undocumented; independent sources agree.',
  fields: (t) => ({
    stage: t.expose('stage', {
      type: ConnectionStage,
      nullable: false,
      description: 'How deep the connection is (连接阶段).',
    }),
    count: t.expose('count', {
      type: 'SafeInt',
      description: 'The number of people (人数). Null: not provided.',
    }),
    share: t.exposeFloat('share', {
      description:
        'Their share of all connected people, a fraction: 0.39 is 39 %. Null: not provided, as for the total.',
    }),
    industryMedianCount: t.expose('industryMedianCount', {
      type: 'SafeInt',
      description:
        'The median of the numbers of the creators of the same industry (同行业中位数). Null: not provided, as for the total.',
    }),
    topShare: t.exposeFloat('topShare', {
      description:
        'The share of creators of whom this one is the last, by this number, a fraction: 0.0001 is the top 0.01 %. 0 is the very top, rounded. Only of the total. Null: not provided. The meaning is inferred.',
    }),
    change: t.exposeFloat('change', {
      description:
        'The change since the period before (环比), a fraction: 0.25 is 25 % more, -0.1 is 10 % less. Only of the total. Null: not provided. The meaning is inferred.',
    }),
  }),
});

const ConnectedUsers = builder.objectRef<SectionValue<'connectedUsers'>>('ConnectedUsers').implement({
  description: 'How many people the creator reaches, and how deeply (连接用户).',
  interfaces: sectionInterfaces,
  fields: (t) => ({
    total: t.expose('total', {
      type: Stage,
      description: 'All connected people (连接用户总数). Null: not provided.',
    }),
    stages: t.expose('stages', {
      type: [Stage],
      nullable: false,
      description:
        'The same by stage: aware, interested, like, follow (了解、兴趣、喜欢、追随). Each person is in one of them. Empty: not provided.',
    }),
  }),
});

creatorSection(
  'connectedUsers',
  ConnectedUsers,
  'How many people the creator reaches, and how deeply (连接用户).',
  aboutCreator,
);
