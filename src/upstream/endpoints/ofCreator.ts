import { z } from 'zod';
import type { Endpoint } from './endpoint.js';

/** The vendor's platforms. SHORT_VIDEO is upstream's default. */
export const platforms = ['SHORT_VIDEO', 'LIVE_STREAMING', 'PICTURE_TEXT', 'SHORT_DRAMA'] as const;

export type Platform = (typeof platforms)[number];

/** The arguments of most endpoints. */
export interface CreatorArgs {
  readonly creatorId: string;
  readonly platform: Platform;
}

/** How they are validated, for endpoints that have further arguments. */
export const creatorArgs = { creatorId: z.string().regex(/^\d{15,20}$/), platform: z.enum(platforms) };

type FromArgs = 'args' | 'query' | 'subject' | 'badInputMessage' | 'isShapeExpected' | 'mismatch';

/** The part of an endpoint that is the same for all with these arguments. */
export const ofCreator: Pick<Endpoint<string, CreatorArgs>, FromArgs> = {
  args: z.strictObject(creatorArgs),
  query: ({ creatorId, platform }) => ({ oAuthorId: creatorId, platform }),
  subject: ({ creatorId }) => creatorId,
  badInputMessage:
    'Upstream does not accept this creator id or platform. Check that the creator is on Xingtu.',
  // The vendor does not document the bodies of the other platforms.
  isShapeExpected: ({ platform }) => platform === 'SHORT_VIDEO',
  // Only profile's body has the creator's id.
  mismatch: ({ creatorId }, { id }) =>
    typeof id === 'string' && /^[1-9]\d*$/.test(id) && id !== creatorId ? "id: another creator's" : null,
};
