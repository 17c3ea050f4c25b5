import type { Mcn as McnValue, Tag as TagValue } from '../upstream/endpoints/profile.js';
import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { Money } from './money.js';
import { aboutCreator, creatorSection, Section } from './section.js';

const Gender = builder.enumType('Gender', {
  description: 'What the creator told Douyin.',
  values: {
    MALE: { description: "男. Upstream's 1." },
    FEMALE: { description: "女. Upstream's 2." },
    UNKNOWN: { description: 'Not told, or a code that nobody knows.' },
  } as const,
});

const Tag = builder.objectRef<TagValue>('Tag').implement({
  description: "What a creator's content is about (达人标签), in upstream's Chinese words.",
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: false,
      description: 'The first level (一级标签), such as 游戏.',
    }),
    children: t.exposeStringList('children', {
      nullable: false,
      description: 'The second level under it (二级标签). Empty: not provided.',
    }),
  }),
});

const Mcn = builder.objectRef<McnValue>('Mcn').implement({
  description: 'The agency that a creator is signed with (MCN 机构).',
  fields: (t) => ({
    name: t.exposeString('name', { nullable: false, description: "The agency's name (机构名称)." }),
    introduction: t.exposeString('introduction', {
      description: 'What it says of itself (机构简介). Null: not provided.',
    }),
    logoUrl: t.expose('logoUrl', { type: 'URL', description: 'Its logo. Null: not provided.' }),
  }),
});

const Profile = builder.objectRef<SectionValue<'profile'>>('Profile').implement({
  description: 'Who the creator is (达人基础信息).',
  interfaces: [Section],
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The nickname (昵称). Null: not provided.' }),
    avatarUrl: t.expose('avatarUrl', {
      type: 'URL',
      description:
        "The avatar (头像). A signed link that expires: copy the picture, don't keep the link. Null: not provided.",
    }),
    gender: t.expose('gender', { type: Gender, nullable: false, description: 'Gender (性别).' }),
    followerCount: t.expose('followerCount', {
      type: 'SafeInt',
      description: 'Followers on Douyin (粉丝数). Null: not provided; never a false 0.',
    }),
    averagePlayCount: t.expose('averagePlayCount', {
      type: 'SafeInt',
      description: 'Average plays of a video (平均播放量). Null: not provided, which is common. Inferred.',
    }),
    province: t.exposeString('province', { description: 'Province (省份), in Chinese. Null: not provided.' }),
    city: t.exposeString('city', { description: 'City (城市), in Chinese. Null: not provided.' }),
    tags: t.expose('tags', {
      type: [Tag],
      nullable: false,
      description: 'What the content is about, two levels (内容标签). Empty: not provided.',
    }),
    secondLevelTags: t.exposeStringList('secondLevelTags', {
      nullable: false,
      description: 'Second-level tags in a list of their own (二级标签), often empty where `tags` has them.',
    }),
    styleTags: t.exposeStringList('styleTags', {
      nullable: false,
      description: "The creator's style (达人风格). Empty: not provided.",
    }),
    contentThemes: t.exposeStringList('contentThemes', {
      nullable: false,
      description: 'Themes found in the videos (内容主题). Empty: not provided.',
    }),
    mcn: t.expose('mcn', { type: Mcn, description: 'The agency (MCN 机构). Null: none, or not provided.' }),
    lowestPrice: t.expose('lowestPrice', {
      type: Money,
      description:
        "The “from” price on the creator's card (最低报价), in yuan. Inferred; can't be derived from `prices`. Null: not provided.",
    }),
    douyinUid: t.exposeID('douyinUid', {
      description: "Douyin's internal number of the account (core_user_id). Null: not provided.",
    }),
    douyinId: t.exposeString('douyinId', {
      description: 'The Douyin id that people search for (抖音号). Null: not provided.',
    }),
    secUid: t.exposeString('secUid', {
      description: "The account's id in links to its Douyin page (sec_uid). Null: not provided.",
    }),
    eCommerceEnabled: t.exposeBoolean('eCommerceEnabled', {
      description: 'May sell goods in videos (电商权限). Null: not provided.',
    }),
    openTaskCategoryCodes: t.exposeIntList('openTaskCategoryCodes', {
      nullable: false,
      description:
        'Kinds of orders taken (已开通任务类型): 1 spread task, 103 material licence. Inferred; an open set.',
    }),
    qrCode: t.exposeString('qrCode', {
      description: "The QR code of the creator's page: a PNG as a data URI, about 1 kB. Null: not provided.",
    }),
    joinedAt: t.expose('joinedAt', {
      type: 'DateTime',
      description: "When the creator's entry on Xingtu was made (create_time). Null: not provided.",
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When that entry last changed (modify_time). Null: not provided.',
    }),
  }),
});

creatorSection('profile', Profile, 'Who the creator is (达人基础信息).', aboutCreator);
