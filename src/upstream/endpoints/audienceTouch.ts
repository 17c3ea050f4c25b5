import { z } from 'zod';
import type { Json } from '../json.js';
import type { Endpoint } from './endpoint.js';
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

/** 连接用户来源. */
export const audienceTouch: Endpoint<'audienceTouch', AudienceTouch> = {
  name: 'audienceTouch',
  path: '/api/douyin-xingtu/gw/api/data_sp/author_touch_distribution/v1',
  ttlSeconds: 86_400,
  keys: Object.keys(body.shape),
  decode(data, onDrift) {
    return {
      categories: withShares(readLevel(body.parse(data).video_touch, 'video_touch[]', onDrift), null),
    };
  },
};

type Unshared = Omit<TouchCategory, 'children' | 'shareOfParent'> & {
  readonly children: readonly Unshared[];
};

/** Each level names its children differently; a level may be missing, so both names are looked for. */
function readLevel(level: readonly Json[], place: string, onDrift: (what: string) => void): Unshared[] {
  return readRows(
    level,
    (row) => {
      const raw = node.parse(row);
      const { name, cnt } = distribution.parse(raw.distribution_data);
      const children = [
        ...readLevel(raw.second_distribution, `${place}.second_distribution[]`, onDrift),
        ...readLevel(raw.three_distribution, `${place}.three_distribution[]`, onDrift),
      ];
      // A category that only lost its name still counts, and so do those within it.
      if (name === null && cnt === null && children.length === 0) return null;
      return { name: name ?? '', count: cnt, children };
    },
    () => onDrift(place),
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
