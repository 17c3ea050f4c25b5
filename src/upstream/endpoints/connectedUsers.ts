import type { JsonObject } from '../json.js';
import type { Endpoint } from './endpoint.js';
import { object } from './lists.js';
import { type CreatorArgs, ofCreator } from './ofCreator.js';
import { type OnDrift, read, within } from './reader.js';
import { baseResp, shape } from './shape.js';
import { change, count, countOrZero, fractionOrZero } from './values.js';
import type { ConnectionStage } from './vocabulary.js';

export interface ConnectedUsers {
  readonly total: Stage | null;
  readonly stages: readonly Stage[];
}

export interface Stage {
  readonly stage: ConnectionStage;
  readonly count: number;
  readonly share: number | null;
  readonly industryMedianCount: number | null;
  readonly topShare: number | null;
  readonly change: number | null;
}

/** By upstream's keys, from the shallowest connection to the deepest. */
const stages = { 1: 'AWARE', 2: 'INTERESTED', 3: 'LIKE', 4: 'FOLLOW' } as const;

const body = { link_struct: object };
const struct = { 1: object, 2: object, 3: object, 4: object, 5: object };
const figures = {
  value: countOrZero,
  proportion: fractionOrZero,
  same_industry_median: count,
  rank_percent: fractionOrZero,
  relative_ratio: change,
};

const stageShape = shape({ reads: figures, optional: ['rank_percent', 'relative_ratio'] });
const totalShape = shape({ reads: figures, optional: ['proportion', 'same_industry_median'] });

/** 连接用户. */
export const connectedUsers: Endpoint<'connectedUsers', CreatorArgs, ConnectedUsers> = {
  ...ofCreator,
  name: 'connectedUsers',
  path: '/api/douyin-xingtu/gw/api/data_sp/author_link_struct/v1',
  ttlSeconds: 86_400,
  shape: shape({
    reads: body,
    unread: ['author_link_type'],
    objects: {
      base_resp: baseResp,
      link_struct: shape({
        reads: struct,
        optional: ['1', '2', '3', '4', '5'],
        objects: { 1: stageShape, 2: stageShape, 3: stageShape, 4: stageShape, 5: totalShape },
      }),
    },
  }),
  decode(data, onDrift) {
    const onStructDrift = within(onDrift, 'link_struct');
    const raw = read(struct, read(body, data, onDrift).link_struct, onStructDrift);
    const stageAt = (key: keyof typeof struct, stage: ConnectionStage) =>
      readStage(stage, raw[key], within(onStructDrift, String(key)));
    const total = stageAt(5, 'CONNECTED');
    const some = ([1, 2, 3, 4] as const)
      .map((key) => stageAt(key, stages[key]))
      .filter((stage) => stage !== null);
    // Where nobody is connected at all, zeros are filler.
    const hasPeople = [total, ...some].some((stage) => stage !== null && stage.count > 0);
    return { total: total?.count ? total : null, stages: hasPeople ? some : [] };
  },
};

function readStage(stage: ConnectionStage, data: JsonObject, onDrift: OnDrift): Stage | null {
  const raw = read(figures, data, onDrift);
  if (raw.value === null) return null;
  return {
    stage,
    count: raw.value,
    // Shares are not rounded, so zero is filler where there are people.
    share: raw.proportion === 0 && raw.value > 0 ? null : raw.proportion,
    industryMedianCount: raw.same_industry_median,
    // Zero is the very top, rounded, and no change. Of nobody, it is filler.
    topShare: raw.value === 0 ? raw.rank_percent || null : raw.rank_percent,
    change: raw.value === 0 ? raw.relative_ratio || null : raw.relative_ratio,
  };
}
