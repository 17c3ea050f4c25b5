import type { Mcn as McnValue, Tag as TagValue } from '../upstream/endpoints/profile.js';
import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { Money } from './money.js';
import { aboutCreator, creatorSection, sectionInterfaces } from './section.js';

export const Gender = builder.enumType('Gender', {
  description: 'The gender that the creator has stated on Douyin (性别).',
  values: {
    MALE: { description: "Male (男). Upstream's code 1." },
    FEMALE: { description: "Female (女). Upstream's code 2." },
    UNKNOWN: { description: 'Not stated, or a code that is not known here.' },
  } as const,
});

export const Tag = builder.objectRef<TagValue>('Tag').implement({
  description: "What a creator's content is about (达人标签), in upstream's Chinese words.",
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: false,
      description: 'The first level (一级标签), such as 游戏.',
    }),
    children: t.exposeStringList('children', {
      nullable: false,
      description: 'The tags of the second level below it (二级标签). Empty: not provided.',
    }),
  }),
});

const Mcn = builder.objectRef<McnValue>('Mcn').implement({
  description: 'The agency that has signed the creator (MCN 机构).',
  fields: (t) => ({
    name: t.exposeString('name', { nullable: false, description: "The agency's name (机构名称)." }),
    introduction: t.exposeString('introduction', {
      description: 'What the agency says about itself (机构简介). Null: not provided.',
    }),
    logoUrl: t.expose('logoUrl', { type: 'URL', description: "The agency's logo. Null: not provided." }),
  }),
});

const Profile = builder.objectRef<SectionValue<'profile'>>('Profile').implement({
  description: 'Who the creator is (达人基础信息).',
  interfaces: sectionInterfaces,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The nickname (昵称). Null: not provided.' }),
    avatarUrl: t.expose('avatarUrl', {
      type: 'URL',
      description:
        'The avatar (头像). The link is signed and expires, so store the picture and not the link. Null: not provided.',
    }),
    gender: t.expose('gender', {
      type: Gender,
      nullable: false,
      description: 'The gender (性别). UNKNOWN: not provided.',
    }),
    followerCount: t.expose('followerCount', {
      type: 'SafeInt',
      description: 'The number of followers on Douyin (粉丝数). Null: not provided. It is never a false 0.',
    }),
    averagePlayCount: t.expose('averagePlayCount', {
      type: 'SafeInt',
      description:
        'The average number of plays of a video (平均播放量). The meaning is inferred. Null: not provided, which is common.',
    }),
    province: t.exposeString('province', {
      description: 'The province (省份), in Chinese. Null: not provided.',
    }),
    city: t.exposeString('city', { description: 'The city (城市), in Chinese. Null: not provided.' }),
    tags: t.expose('tags', {
      type: [Tag],
      nullable: false,
      description: 'What the content is about, on two levels (内容标签). Empty: not provided.',
    }),
    secondLevelTags: t.exposeStringList('secondLevelTags', {
      nullable: false,
      description:
        'The second-level tags as one list (二级标签). It is often empty even where `tags` has such tags. Empty: not provided.',
    }),
    styleTags: t.exposeStringList('styleTags', {
      nullable: false,
      description: "The creator's style (达人风格). Empty: not provided.",
    }),
    contentThemes: t.exposeStringList('contentThemes', {
      nullable: false,
      description: 'Themes found in the videos (内容主题). Empty: not provided.',
    }),
    mcn: t.expose('mcn', {
      type: Mcn,
      description: 'The agency (MCN 机构). Null: there is none, or not provided.',
    }),
    lowestPrice: t.expose('lowestPrice', {
      type: Money,
      description:
        "The “from” price on the creator's card (最低报价), in yuan. It cannot be derived from `prices`. The meaning is inferred. Null: not provided.",
    }),
    douyinUid: t.exposeID('douyinUid', {
      description: "Douyin's internal number of the account (抖音 UID, core_user_id). Null: not provided.",
    }),
    douyinId: t.exposeString('douyinId', {
      description: 'The Douyin id by which people find the account (抖音号). Null: not provided.',
    }),
    secUid: t.exposeString('secUid', {
      description: "The account's id in links to its Douyin page (sec_uid). Null: not provided.",
    }),
    eCommerceEnabled: t.exposeBoolean('eCommerceEnabled', {
      description: 'Whether the creator may sell goods in videos (电商权限). Null: not provided.',
    }),
    openTaskCategoryCodes: t.exposeIntList('openTaskCategoryCodes', {
      nullable: false,
      description:
        "The kinds of order that the creator takes (已开通任务类型), as upstream's codes. 1 is a spread task, 103 a material licence; there may be other codes. The meanings are inferred. Empty: not provided.",
    }),
    qrCode: t.exposeString('qrCode', {
      description:
        "The QR code of the creator's page (二维码): a PNG as a data URI, about 1 kB. Null: not provided.",
    }),
    joinedAt: t.expose('joinedAt', {
      type: 'DateTime',
      description:
        "When the creator's entry on Xingtu was created (入驻时间, create_time). Null: not provided.",
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description:
        "When the creator's entry on Xingtu last changed (更新时间, modify_time). Null: not provided.",
    }),
  }),
});

creatorSection('profile', Profile, 'Who the creator is (达人基础信息).', aboutCreator);
