/**
 * Our words for the vendor's filters, and the vendor's names of them, which are always sent: its defaults are raw codes. An
 * argument that is missing here has the same names on both sides.
 */
export const ranges = { LAST_30_DAYS: 'DAY_30', LAST_90_DAYS: 'DAY_90' } as const;

export type Range = keyof typeof ranges;

/** The vendor's name of the second is spelt so. */
export const videoKinds = { PERSONAL: 'PERSONAL_VIDEO', SPONSORED: 'XINTU_VIDEO' } as const;

export type VideoKind = keyof typeof videoKinds;

export const paidTraffic = { INCLUDED: 'INCLUDE', EXCLUDED: 'EXCLUDE' } as const;

export type PaidTraffic = keyof typeof paidTraffic;

export const followerKinds = { ALL: 'FAN', LOYAL: 'DIE_HARD_FAN' } as const;

export type FollowerKind = keyof typeof followerKinds;

/** How deep a user's connection with a creator is (连接阶段). */
export const connectionStages = ['CONNECTED', 'AWARE', 'INTERESTED', 'LIKE', 'FOLLOW'] as const;

export type ConnectionStage = (typeof connectionStages)[number];

export function keysOf<Key extends string>(names: Readonly<Record<Key, unknown>>): [Key, ...Key[]] {
  return Object.keys(names) as [Key, ...Key[]];
}
