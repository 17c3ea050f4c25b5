import type { SandboxCreator } from './creators.js';

/** People whom a creator has reached, by how deep their connection is. */
export interface ConnectedUsers {
  readonly aware: number;
  readonly interested: number;
  readonly like: number;
  readonly follow: number;
}

/** Xingtu's scores of a creator, from 0 to 100. */
export interface Indices {
  readonly overall: number;
  readonly spread: number;
  readonly seeding: number;
  readonly conversion: number;
  readonly costEffectiveness: number;
  readonly cooperation: number;
}

/** The videos of a month. Rates are fractions. */
export interface Month {
  readonly videoCount: number;
  readonly medianPlays: number;
  readonly engagementRate: number;
  readonly completionRate: number;
}

/** Figures that several bodies have, so that they say the same of a creator. */
export function connectedUsersOf({ followers, randomFor }: SandboxCreator): ConnectedUsers {
  const random = randomFor('figures:connectedUsers');
  const total = Math.round(followers * (1.5 + 4 * random.next()));
  const follow = Math.round(total * (0.01 + 0.03 * random.next()));
  const like = Math.round(total * (0.05 + 0.1 * random.next()));
  const interested = Math.round(total * (0.15 + 0.15 * random.next()));
  return { aware: total - follow - like - interested, interested, like, follow };
}

export function indicesOf({ randomFor }: SandboxCreator): Indices {
  const random = randomFor('figures:indices');
  const score = () => random.whole(4_000, 9_900) / 100;
  return {
    overall: score(),
    spread: score(),
    seeding: score(),
    conversion: score(),
    costEffectiveness: score(),
    cooperation: score(),
  };
}

export function monthOf({ expectedPlays, engagementRate, randomFor }: SandboxCreator): Month {
  const random = randomFor('figures:month');
  return {
    videoCount: random.whole(0, 30),
    medianPlays: Math.max(1, Math.round(expectedPlays * (0.7 + 0.6 * random.next()))),
    engagementRate: Number((engagementRate * (0.8 + 0.4 * random.next())).toFixed(4)),
    completionRate: Number((0.05 + 0.4 * random.next()).toFixed(4)),
  };
}

/** Of the month's videos, those that were ordered on Xingtu. */
export function sponsoredMonthOf(creator: SandboxCreator, onlyAssigned: boolean): Month {
  const month = monthOf(creator);
  const share = onlyAssigned ? 1 / 12 : 1 / 6;
  return {
    videoCount: creator.prices ? Math.floor(month.videoCount * share) : 0,
    medianPlays: Math.max(1, Math.round(month.medianPlays * 0.8)),
    engagementRate: Number((month.engagementRate * 0.9).toFixed(4)),
    completionRate: Number((month.completionRate * 0.6).toFixed(4)),
  };
}
