import type { TouchCategory as TouchCategoryValue } from '../upstream/endpoints/audienceTouch.js';
import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { aboutCreator, creatorSection, sectionInterfaces } from './section.js';

const TouchCategory = builder.objectRef<TouchCategoryValue>('TouchCategory');

TouchCategory.implement({
  description:
    'One kind of content, and the people whom the creator reaches through it. The kinds form a tree of up to three levels.',
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: false,
      description: 'The kind of content, in Chinese, such as 音乐. Empty: not provided.',
    }),
    count: t.expose('count', {
      type: 'SafeInt',
      description:
        'The number of people reached (触达人数). Here 0 is a count like any other. Null: not provided.',
    }),
    children: t.expose('children', {
      type: [TouchCategory],
      nullable: false,
      description:
        'The kinds of content within this one. They overlap, so their counts need not add up to its count. Empty: none.',
    }),
    shareOfParent: t.exposeFloat('shareOfParent', {
      description:
        "`count` ÷ the parent's `count`, a fraction: 0.12 is 12 %. At the top level: `count` ÷ the sum of that level. Siblings overlap, so their shares may add up to more than 1. Derived. Null: it cannot be derived.",
    }),
  }),
});

const AudienceTouch = builder.objectRef<SectionValue<'audienceTouch'>>('AudienceTouch').implement({
  description: 'The kinds of content through which the creator reaches people (连接用户来源).',
  interfaces: sectionInterfaces,
  fields: (t) => ({
    categories: t.expose('categories', {
      type: [TouchCategory],
      nullable: false,
      description: 'The top level of the tree. Empty: not provided.',
    }),
  }),
});

creatorSection(
  'audienceTouch',
  AudienceTouch,
  'The kinds of content through which the creator reaches people (连接用户来源).',
  aboutCreator,
);
