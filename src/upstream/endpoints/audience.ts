import { z } from 'zod';
import { type Distributions, distributionsShape, readDistributions } from './distributions.js';
import type { Endpoint } from './endpoint.js';
import { type CreatorArgs, creatorArgs, ofCreator } from './ofCreator.js';
import { type ConnectionStage, connectionStages } from './vocabulary.js';

export interface AudienceArgs extends CreatorArgs {
  readonly stage: ConnectionStage;
}

/** 观众画像. */
export const audience: Endpoint<'audience', AudienceArgs, Distributions> = {
  ...ofCreator,
  name: 'audience',
  path: '/api/douyin-xingtu/gw/api/data_sp/author_audience_distribution/v1',
  ttlSeconds: 86_400,
  args: z.strictObject({ ...creatorArgs, stage: z.enum(connectionStages) }),
  query: ({ creatorId, platform, stage }) => ({ oAuthorId: creatorId, platform, linkType: stage }),
  badInputMessage:
    'Upstream does not accept this creator id, platform or stage. Check that the creator is on Xingtu.',
  shape: distributionsShape,
  decode: readDistributions,
};
