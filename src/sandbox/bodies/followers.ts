import { createSandboxCreator, sampleCreatorId } from '../creators.js';
import sample from '../samples/fans-distribution.json' with { type: 'json' };
import type { SandboxBody } from './body.js';
import {
  age,
  city,
  cityTier,
  crowd,
  distributionsOf,
  gender,
  orderValue,
  province,
  spending,
} from './distributions.js';

const ages = { ...age, keys: [...age.keys, '其他'] };

const blocks = [gender, ages, province, cityTier, city, crowd, orderValue, spending];

/** The part of a creator's followers that are loyal ones. */
const loyalPart = 0.12;

/** The sample's creator has the sample for both kinds. */
export const followers: SandboxBody & { readonly sample: object } = {
  path: '/api/douyin-xingtu/gw/api/data_sp/get_author_fans_distribution/v1',
  sample: sample.data,
  data(query) {
    const creatorId = query.get('oAuthorId') ?? '';
    const kind = query.get('authorType') ?? 'FAN';
    if (!/^\d{15,20}$/.test(creatorId) || !['FAN', 'DIE_HARD_FAN'].includes(kind)) return null;
    if (creatorId === sampleCreatorId) return sample.data;
    // A creator has the same followers on each platform.
    const creator = createSandboxCreator(creatorId, 'SHORT_VIDEO');
    const people = Math.round(creator.followers * (kind === 'FAN' ? 1 : loyalPart));
    return distributionsOf(creator, kind, people, blocks);
  },
};
