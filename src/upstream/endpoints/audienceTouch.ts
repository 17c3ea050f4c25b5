import type { Json } from '../json.js';
import type { Endpoint } from './endpoint.js';
import { object, readRows, rows } from './lists.js';
import { type CreatorArgs, ofCreator } from './ofCreator.js';
import { type OnDrift, read, within } from './reader.js';
import { baseResp, shape } from './shape.js';
import { countOrZero, text } from './values.js';

export interface AudienceTouch {
  readonly categories: readonly TouchCategory[];
}

export interface TouchCategory {
  readonly name: string;
  readonly count: number | null;
  readonly children: readonly TouchCategory[];
  readonly shareOfParent: number | null;
}

const body = { video_touch: rows };
const third = { distribution_data: object };
const second = { ...third, three_distribution: rows };
const first = { ...second, second_distribution: rows };
const distribution = { name: text, cnt: countOrZero };

const distributionData = shape({ reads: distribution });
const thirdLevel = shape({
  reads: third,
  objects: { distribution_data: distributionData },
});
const secondLevel = shape({
  reads: second,
  objects: { distribution_data: distributionData },
  rows: { three_distribution: thirdLevel },
});
const firstLevel = shape({
  reads: first,
  optional: ['three_distribution'],
  objects: { distribution_data: distributionData },
  rows: { second_distribution: secondLevel, three_distribution: thirdLevel },
});

/** 连接用户来源. */
export const audienceTouch: Endpoint<'audienceTouch', CreatorArgs, AudienceTouch> = {
  ...ofCreator,
  name: 'audienceTouch',
  path: '/api/douyin-xingtu/gw/api/data_sp/author_touch_distribution/v1',
  ttlSeconds: 86_400,
  shape: shape({
    reads: body,
    objects: { base_resp: baseResp },
    rows: { video_touch: firstLevel },
  }),
  decode(data, onDrift) {
    const top = readLevel('video_touch', read(body, data, onDrift).video_touch, onDrift);
    return { categories: withShares(top, sum(top)) };
  },
};

type CategoryWithoutShare = Omit<TouchCategory, 'shareOfParent'>;

/** The keys under which a level's rows have their children. The second level may be missing. */
const levelsWithin = {
  video_touch: ['second_distribution', 'three_distribution'],
  second_distribution: ['three_distribution'],
  three_distribution: [],
} as const;

function readLevel(
  level: keyof typeof levelsWithin,
  list: readonly Json[],
  onDrift: OnDrift,
): CategoryWithoutShare[] {
  return readRows(
    level,
    list,
    (row, onRowDrift) => {
      const raw = read(first, row, onRowDrift);
      const { name, cnt } = read(
        distribution,
        raw.distribution_data,
        within(onRowDrift, 'distribution_data'),
      );
      const children = levelsWithin[level].flatMap((inner) => readLevel(inner, raw[inner], onRowDrift));
      // A category without a readable name is kept for its count and its children.
      if (name === null && cnt === null && children.length === 0) return null;
      return { name: name ?? '', count: cnt, children: withShares(children, cnt ?? 0) };
    },
    onDrift,
  );
}

/**
 * `whole` is the parent's count, or at the top level the sum of all counts. Siblings overlap, so their shares may add
 * up to over 1.
 */
function withShares(level: readonly CategoryWithoutShare[], whole: number): TouchCategory[] {
  return level.map(({ name, count, children }) => ({
    name,
    count,
    children,
    shareOfParent: count !== null && whole > 0 ? count / whole : null,
  }));
}

function sum(level: readonly CategoryWithoutShare[]): number {
  return level.reduce((total, { count }) => total + (count ?? 0), 0);
}
