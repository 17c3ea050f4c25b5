import { describe, expect, it } from 'vitest';
import sample from '../../../src/sandbox/samples/link-struct.json' with { type: 'json' };
import { connectedUsers } from '../../../src/upstream/endpoints/connectedUsers.js';
import type { JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';

const noDrift = (what: string) => expect.fail(`drift: ${what}`);
const decode = (data: object) => connectedUsers.decode(data as JsonObject, noDrift, decodedAtMs);

describe('connectedUsers', () => {
  it("reads the platform's body", () => {
    expect(decode(sample.data)).toEqual({
      total: {
        stage: 'CONNECTED',
        count: 181_049_812,
        share: null,
        industryMedianCount: null,
        topShare: 0.0001,
        change: 0.795,
      },
      stages: [
        ['AWARE', 70_583_920, 0.3898591178874022, 8_045_082],
        ['INTERESTED', 59_169_847, 0.3268152910316195, 6_562_219],
        ['LIKE', 51_292_842, 0.28330789981709564, 1_645_789],
        ['FOLLOW', 3_203, 0.00001769126388267114, 2_976],
      ].map(([stage, count, share, industryMedianCount]) => ({
        stage,
        count,
        share,
        industryMedianCount,
        topShare: null,
        change: null,
      })),
    });
  });

  it('has stages that add up to the total, and shares that add up to one', () => {
    const { total, stages } = decode(sample.data);
    expect(stages.reduce((sum, { count }) => sum + (count ?? 0), 0)).toBe(total?.count);
    expect(stages.reduce((sum, { share }) => sum + (share ?? 0), 0)).toBeCloseTo(1, 12);
  });

  it('has a stage of nobody, if others have somebody', () => {
    const body = {
      link_struct: { 1: { value: 5, proportion: 1 }, 4: { value: 0, proportion: 0 }, 5: { value: 5 } },
    };
    expect(decode(body).stages).toMatchObject([
      { stage: 'AWARE', count: 5, share: 1 },
      { stage: 'FOLLOW', count: 0, share: 0 },
    ]);
  });

  it('has it without a total, too', () => {
    const body = { link_struct: { 1: { value: '5' }, 4: { value: '0' }, 5: {} } };
    expect(decode(body)).toMatchObject({
      total: null,
      stages: [
        { stage: 'AWARE', count: 5 },
        { stage: 'FOLLOW', count: 0 },
      ],
    });
  });

  it('takes a share of zero for filler where there are people', () => {
    const body = { link_struct: { 1: { value: 5, proportion: 0 }, 5: { value: 5, proportion: '0' } } };
    expect(decode(body)).toMatchObject({ total: { share: null }, stages: [{ share: null }] });
  });

  it('does not put a stage of nobody at the very top', () => {
    const nobody = { value: 0, proportion: 0, rank_percent: 0, relative_ratio: '0' };
    const body = { link_struct: { 4: nobody, 5: { value: 5, rank_percent: 0, relative_ratio: 0 } } };
    expect(decode(body)).toMatchObject({
      total: { topShare: 0, change: 0 },
      stages: [{ stage: 'FOLLOW', count: 0, share: 0, topShare: null, change: null }],
    });
    const lost = { link_struct: { 4: { ...nobody, relative_ratio: -1 }, 5: { value: 5 } } };
    expect(decode(lost).stages[0]?.change).toBe(-1);
  });

  it('takes zeros everywhere for filler', () => {
    const zero = { value: 0, proportion: 0, same_industry_median: 0 };
    const body = { link_struct: { 1: zero, 2: zero, 3: zero, 4: zero, 5: { value: 0, rank_percent: 0 } } };
    expect(decode(body)).toEqual({ total: null, stages: [] });
  });

  it('reads a decline', () => {
    expect(decode({ link_struct: { 5: { value: '9', relative_ratio: '-0.25' } } }).total?.change).toBe(-0.25);
    expect(decode({ link_struct: { 5: { value: '9', relative_ratio: '-12.5%' } } }).total?.change).toBe(
      -0.125,
    );
  });
});
