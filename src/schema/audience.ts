import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { ConnectionStage } from './connectionStage.js';
import { addDistributions } from './distributions.js';
import { platformArgs } from './platform.js';
import { creatorSection, sectionInterfaces } from './section.js';

const Audience = builder.objectRef<SectionValue<'audience'>>('Audience').implement({
  description: 'Who the people are that the creator is connected with (观众画像).',
  interfaces: sectionInterfaces,
});

addDistributions(Audience);

const audienceArgs = builder.args((t) => ({
  stage: t.field({
    type: ConnectionStage,
    required: true,
    defaultValue: 'CONNECTED',
    description: 'How deep the connection is. Each stage is a call of its own.',
  }),
}));

creatorSection(
  'audience',
  Audience,
  'Who the people are that the creator is connected with (观众画像): their ages, cities, telephones and more.',
  {
    fields: { ...platformArgs, ...audienceArgs },
    toCall: ({ id }, { platform, stage }) => ({ creatorId: id, platform, stage }),
  },
);
