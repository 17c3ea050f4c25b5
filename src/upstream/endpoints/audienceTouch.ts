import { z } from 'zod';
import type { Json } from '../json.js';
import type { Endpoint } from './endpoint.js';
import { baseResp, shape } from './shape.js';
import { countOrZero, object, readRows, rows, text } from './values.js';

export interface AudienceTouch {
  readonly categories: readonly TouchCategory[];
}

export interface TouchCategory {
  readonly name: string;
  readonly count: number | null;
  readonly children: readonly TouchCategory[];
  readonly shareOfParent: number | null;
}

const body = z.object({ video_touch: rows });
const node = z.object({ distribution_data: object, second_distribution: rows, three_distribution: rows });
const distribution = z.object({ name: text, cnt: countOrZero });

const distributionData = shape({ reads: distribution.shape });
const thirdLevel = shape({
  reads: node.pick({ distribution_data: true }).shape,
  objects: { distribution_data: distributionData },
});
const secondLevel = shape({
  reads: node.omit({ second_distribution: true }).shape,
  objects: { distribution_data: distributionData },
  rows: { three_distribution: thirdLevel },
});
const firstLevel = shape({
  reads: node.shape,
  optional: ['three_distribution'],
  objects: { distribution_data: distributionData },
  rows: { second_distribution: secondLevel, three_distribution: thirdLevel },
});

/** 连接用户来源. */
export const audienceTouch: Endpoint<'audienceTouch', AudienceTouch> = {
  name: 'audienceTouch',
  path: '/api/douyin-xingtu/gw/api/data_sp/author_touch_distribution/v1',
  ttlSeconds: 86_400,
  shape: shape({
    reads: body.shape,
    objects: { base_resp: baseResp },
    rows: { video_touch: firstLevel },
  }),
  decode(data, onDrift) {
    return {
      categories: withShares(readLevel('video_touch', body.parse(data).video_touch, onDrift), null),
    };
  },
};

type Unshared = Omit<TouchCategory, 'children' | 'shareOfParent'> & {
  readonly children: readonly Unshared[];
};

/** Under which names a level's categories keep those within them. The second level may be missing. */
const levelsWithin = {
  video_touch: ['second_distribution', 'three_distribution'],
  second_distribution: ['three_distribution'],
  three_distribution: [],
} as const;

function readLevel(
  level: keyof typeof levelsWithin,
  list: readonly Json[],
  onDrift: (what: string) => void,
): Unshared[] {
  return readRows(
    list,
    (row) => {
      const raw = node.parse(row);
      const { name, cnt } = distribution.parse(raw.distribution_data);
      const children = levelsWithin[level].flatMap((inner) => readLevel(inner, raw[inner], onDrift));
      // A category that only lost its name still counts, and so do those within it.
      if (name === null && cnt === null && children.length === 0) return null;
      return { name: name ?? '', count: cnt, children };
    },
    () => onDrift(`${level}[]`),
  );
}

/** Siblings overlap, so shares of one parent may total over 1. The top has no parent: there it is the top's sum. */
function withShares(level: readonly Unshared[], parentCount: number | null): TouchCategory[] {
  const whole = parentCount ?? level.reduce((sum, { count }) => sum + (count ?? 0), 0);
  return level.map(({ name, count, children }) => ({
    name,
    count,
    children: withShares(children, count ?? 0),
    shareOfParent: count !== null && whole > 0 ? count / whole : null,
  }));
}
