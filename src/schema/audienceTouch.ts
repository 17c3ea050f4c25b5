import type { TouchCategory as TouchCategoryValue } from '../upstream/endpoints/audienceTouch.js';
import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { aboutCreator, creatorSection, Section } from './section.js';

const TouchCategory = builder.objectRef<TouchCategoryValue>('TouchCategory');

TouchCategory.implement({
  description: 'People reached through content of one kind. A tree of up to three levels.',
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: false,
      description: 'The kind of content, in Chinese, such as 音乐.',
    }),
    count: t.expose('count', {
      type: 'SafeInt',
      description: 'People reached (触达人数). May truly be 0. Null: not provided.',
    }),
    children: t.expose('children', {
      type: [TouchCategory],
      nullable: false,
      description: 'The kinds within it. They overlap, and need not add up to it. Empty: none.',
    }),
    shareOfParent: t.exposeFloat('shareOfParent', {
      description:
        "Its count ÷ its parent's, a fraction; at the top ÷ the sum of the top. Siblings overlap, so they may total over 1. Derived. Null: can't be derived.",
    }),
  }),
});

const AudienceTouch = builder.objectRef<SectionValue<'audienceTouch'>>('AudienceTouch').implement({
  description: 'Through what content the creator reaches people (连接用户来源).',
  interfaces: [Section],
  fields: (t) => ({
    categories: t.expose('categories', {
      type: [TouchCategory],
      nullable: false,
      description: 'The top of the tree. Empty: not provided.',
    }),
  }),
});

creatorSection(
  'audienceTouch',
  AudienceTouch,
  'Through what content the creator reaches people (连接用户来源).',
  aboutCreator,
);
