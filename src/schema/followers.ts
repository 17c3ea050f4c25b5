import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { addDistributions } from './distributions.js';
import { creatorSection, sectionInterfaces } from './section.js';

const FollowerKind = builder.enumType('FollowerKind', {
  description: 'Which of the followers.',
  values: {
    ALL: { description: 'All followers (粉丝).' },
    LOYAL: { description: 'The loyal followers (铁粉).' },
  } as const,
});

const Followers = builder.objectRef<SectionValue<'followers'>>('Followers').implement({
  description: "Who the creator's followers are (粉丝画像).",
  interfaces: sectionInterfaces,
});

addDistributions(Followers);

const followersArgs = builder.args((t) => ({
  kind: t.field({
    type: FollowerKind,
    required: true,
    defaultValue: 'ALL',
    description: 'Which followers. Each kind is a call of its own.',
  }),
}));

creatorSection(
  'followers',
  Followers,
  "Who the creator's followers are (粉丝画像): their ages, cities, purchases and more.",
  { fields: followersArgs, toCall: ({ id }, { kind }) => ({ creatorId: id, kind }) },
);
