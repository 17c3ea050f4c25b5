import { createSandboxCreator, type SandboxCreator } from './creators.js';
import { indicesOf } from './figures.js';
import { randomFrom } from './random.js';

const size = 20_000;

/** Ids grow with time, as Xingtu's do: seconds since 1970, then 32 bits. The first is of November 2016. */
const firstSecond = 1_480_000_000;
const secondsBetween = 9_000;

let mostFollowersFirst: readonly SandboxCreator[] | undefined;
let highestScoreFirst: readonly SandboxCreator[] | undefined;

/** The creators whom a search can find, the same in every process. Built when they are first needed. */
export function creatorsByFollowers(): readonly SandboxCreator[] {
  mostFollowersFirst ??= build().sort((a, b) => b.followers - a.followers || compareIds(a, b));
  return mostFollowersFirst;
}

/** The same creators. */
export function creatorsByScore(): readonly SandboxCreator[] {
  highestScoreFirst ??= creatorsByFollowers()
    .map((creator) => ({ creator, score: indicesOf(creator).overall }))
    .sort((a, b) => b.score - a.score || compareIds(a.creator, b.creator))
    .map(({ creator }) => creator);
  return highestScoreFirst;
}

function build(): SandboxCreator[] {
  const random = randomFrom('universe');
  return Array.from({ length: size }, (_, nth) => {
    const second = BigInt(firstSecond + nth * secondsBetween);
    return createSandboxCreator(`${(second << 32n) + BigInt(random.whole(0, 0xffff_ffff))}`, 'SHORT_VIDEO');
  });
}

/** All ids have 19 digits. */
function compareIds(a: SandboxCreator, b: SandboxCreator): number {
  return a.id < b.id ? -1 : 1;
}
