import type { SandboxCreator } from '../creators.js';
import { connectedUsersOf } from '../figures.js';
import sample from '../samples/audience-distribution.json' with { type: 'json' };
import { aboutCreator, type SandboxBody } from './body.js';
import {
  age,
  city,
  cityTier,
  crowd,
  device,
  distributionsOf,
  gender,
  interest,
  province,
} from './distributions.js';

const blocks = [gender, age, province, device, cityTier, interest, city, crowd];

const stages = ['CONNECTED', 'AWARE', 'INTERESTED', 'LIKE', 'FOLLOW'] as const;
type Stage = (typeof stages)[number];

const path = '/api/douyin-xingtu/gw/api/data_sp/author_audience_distribution/v1';

/** The sample's creator has the sample at each stage. */
export const audience: SandboxBody & { readonly sample: object } = {
  path,
  sample: sample.data,
  data(query) {
    const stage = query.get('linkType') ?? 'CONNECTED';
    if (!isStage(stage)) return null;
    const data = (creator: SandboxCreator) =>
      distributionsOf(creator, stage, peopleAt(stage, creator), blocks);
    return aboutCreator({ path, sample: sample.data, data }).data(query);
  },
};

function isStage(stage: string): stage is Stage {
  return stages.some((known) => known === stage);
}

function peopleAt(stage: Stage, creator: SandboxCreator): number {
  const { aware, interested, like, follow } = connectedUsersOf(creator);
  const people = { AWARE: aware, INTERESTED: interested, LIKE: like, FOLLOW: follow };
  return stage === 'CONNECTED' ? aware + interested + like + follow : people[stage];
}
