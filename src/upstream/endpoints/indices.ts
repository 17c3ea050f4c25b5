import { z } from 'zod';
import type { JsonObject } from '../json.js';
import type { Endpoint } from './endpoint.js';
import { type Industry, industries } from './industries.js';
import { object } from './lists.js';
import { type CreatorArgs, creatorArgs, ofCreator } from './ofCreator.js';
import { type OnDrift, read, within } from './reader.js';
import { baseResp, shape } from './shape.js';
import { change, count, fractionOrZero, score } from './values.js';

export interface IndicesArgs extends CreatorArgs {
  readonly industry: Industry;
}

export interface Indices {
  readonly overall: Index | null;
  readonly spread: Index | null;
  readonly seeding: Index | null;
  readonly conversion: Index | null;
  readonly costEffectiveness: Index | null;
  readonly cooperation: Index | null;
}

export interface Index {
  readonly value: number;
  readonly marketAverage: number | null;
  readonly rank: number | null;
  readonly topShare: number | null;
  readonly change: number | null;
}

const body = {
  link_star_index: object,
  link_spread_index: object,
  link_shopping_index: object,
  link_convert_index: object,
  cp_index: object,
  cooperate_index: object,
};
const figures = {
  value: score,
  avg_value: score,
  rank: count,
  rank_percent: fractionOrZero,
  link_relative_ratio: change,
};
const index = shape({ reads: figures });

/** 星图指数. */
export const indices: Endpoint<'indices', IndicesArgs, Indices> = {
  ...ofCreator,
  name: 'indices',
  path: '/api/douyin-xingtu/gw/api/data_sp/get_author_link_info/v1',
  ttlSeconds: 86_400,
  args: z.strictObject({ ...creatorArgs, industry: z.enum(industries) }),
  query: ({ creatorId, platform, industry }) => ({ oAuthorId: creatorId, platform, industryTag: industry }),
  badInputMessage:
    'Upstream does not accept this creator id, platform or industry. Check that the creator is on Xingtu.',
  shape: shape({
    reads: body,
    objects: {
      base_resp: baseResp,
      link_star_index: index,
      link_spread_index: index,
      link_shopping_index: index,
      link_convert_index: index,
      cp_index: index,
      cooperate_index: index,
    },
  }),
  decode(data, onDrift) {
    const raw = read(body, data, onDrift);
    const indexAt = (key: keyof typeof body) => readIndex(raw[key], within(onDrift, key));
    return {
      overall: indexAt('link_star_index'),
      spread: indexAt('link_spread_index'),
      seeding: indexAt('link_shopping_index'),
      conversion: indexAt('link_convert_index'),
      costEffectiveness: indexAt('cp_index'),
      cooperation: indexAt('cooperate_index'),
    };
  },
};

/** Null: the creator has no such index. */
function readIndex(data: JsonObject, onDrift: OnDrift): Index | null {
  const { value, avg_value, rank, rank_percent, link_relative_ratio } = read(figures, data, onDrift);
  if (value === null) return null;
  return {
    value,
    marketAverage: avg_value,
    rank,
    // Zero is the very top, rounded, if there is a rank.
    topShare: rank === null && rank_percent === 0 ? null : rank_percent,
    change: link_relative_ratio,
  };
}
