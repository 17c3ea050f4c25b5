import { z } from 'zod';
import { type Distributions, distributionsShape, readDistributions } from './distributions.js';
import type { Endpoint } from './endpoint.js';
import { creatorArgs } from './ofCreator.js';
import { type FollowerKind, followerKinds, keysOf } from './vocabulary.js';

export interface FollowersArgs {
  readonly creatorId: string;
  readonly kind: FollowerKind;
}

/** 粉丝画像. */
export const followers: Endpoint<'followers', FollowersArgs, Distributions> = {
  name: 'followers',
  path: '/api/douyin-xingtu/gw/api/data_sp/get_author_fans_distribution/v1',
  ttlSeconds: 86_400,
  args: z.strictObject({ creatorId: creatorArgs.creatorId, kind: z.enum(keysOf(followerKinds)) }),
  query: ({ creatorId, kind }) => ({ oAuthorId: creatorId, authorType: followerKinds[kind] }),
  subject: ({ creatorId }) => creatorId,
  badInputMessage:
    'Upstream does not accept this creator id or kind of followers. Check that the creator is on Xingtu.',
  shape: distributionsShape,
  isShapeExpected: () => true,
  // The body does not say whose followers it is about.
  mismatch: () => null,
  decode: readDistributions,
};
