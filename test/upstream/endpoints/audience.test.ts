import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audience as audienceBody } from '../../../src/sandbox/bodies/audience.js';
import { createSandboxCreator, sampleCreatorId } from '../../../src/sandbox/creators.js';
import { connectedUsersOf } from '../../../src/sandbox/figures.js';
import sample from '../../../src/sandbox/samples/audience-distribution.json' with { type: 'json' };
import { audience } from '../../../src/upstream/endpoints/audience.js';
import type { Dimension } from '../../../src/upstream/endpoints/distributions.js';
import { platforms } from '../../../src/upstream/endpoints/ofCreator.js';
import { isBlank } from '../../../src/upstream/endpoints/reader.js';
import { connectionStages } from '../../../src/upstream/endpoints/vocabulary.js';
import type { Json, JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';
import { seed } from '../../seed.js';

const noDrift = (what: string) => expect.fail(`drift: ${what}`);
const decode = (data: object) => audience.decode(data as JsonObject, noDrift, decodedAtMs);

/** The sections of a body, and the drift that it tells. */
function decodeWithDrift(data: unknown) {
  const drift: string[] = [];
  const value = audience.decode(data as JsonObject, (what) => drift.push(what), decodedAtMs);
  return { ...value, drift };
}

type Pairs = readonly (readonly [key: unknown, value: unknown])[];

const listOf = (pairs: Pairs) =>
  pairs.map(([distribution_key, distribution_value]) => ({ distribution_key, distribution_value }));

const block = (origin_type: unknown, pairs: Pairs) => ({ origin_type, distribution_list: listOf(pairs) });

/** The only dimension of a body, and the drift that it tells. */
function decodeBlock(only: object) {
  const { dimensions, drift } = decodeWithDrift({ distributions: [only] });
  expect(dimensions).toHaveLength(1);
  return { ...(dimensions[0] as Dimension), drift };
}

const bucketsOf = (origin_type: unknown, pairs: Pairs) => {
  const { buckets, drift } = decodeBlock(block(origin_type, pairs));
  return { buckets: buckets.map(({ key, count, share }) => [key, count, share]), drift };
};

const people = '35574525';
const valuePath = 'distributions[].distribution_list[].distribution_value';

describe('audience', () => {
  it('sends the stage and the platform under the names that the vendor has', () => {
    for (const platform of platforms) {
      for (const stage of connectionStages) {
        const query = audience.query({ creatorId: sampleCreatorId, platform, stage });
        expect(Object.entries(query)).toEqual([
          ['oAuthorId', sampleCreatorId],
          ['platform', platform],
          ['linkType', stage],
        ]);
      }
    }
  });

  it.each([
    [{ creatorId: sampleCreatorId, platform: 'SHORT_VIDEO', stage: 'LIKE' }, true],
    [{ creatorId: sampleCreatorId, platform: 'SHORT_VIDEO' }, false],
    [{ creatorId: sampleCreatorId, platform: 'SHORT_VIDEO', stage: 'HATE' }, false],
    [{ creatorId: '5', platform: 'SHORT_VIDEO', stage: 'LIKE' }, false],
  ])('of the arguments %j: %j', (args, isValid) => {
    expect(audience.args.safeParse(args).success).toBe(isValid);
  });

  it("reads the platform's own body", () => {
    const { updatedAt, dimensions } = decode(sample.data);
    expect(updatedAt).toEqual(new Date('2024-09-26T09:08:10Z'));
    expect(
      dimensions.map(({ kind, kindCode, label, buckets }) => [kind, kindCode, label, buckets.length]),
    ).toEqual([
      ['GENDER', 0, '性别分布', 2],
      ['AGE', 1, '年龄分布', 5],
      ['PROVINCE', 2, '地域分布', 3],
      ['DEVICE', 3, '设备分布', 8],
      ['CITY_TIER', 5, '城市等级分布', 5],
      ['INTEREST', 6, '兴趣分布', 2],
      ['CITY', 8, '城市分布', 3],
      ['CROWD', 10, '八大人群', 8],
    ]);
    expect(dimensions[1]?.buckets[0]).toEqual({
      key: '50+',
      count: 19_461_549,
      share: expect.closeTo(19_461_549 / 184_788_756, 12),
    });
  });

  it('does not swap the genders: of the sample, 82 % are male, as its own text says', () => {
    expect(sample.data.distributions[0]?.description).toBe('男性居多,占比82%');
    expect(decode(sample.data).dimensions[0]?.buckets).toEqual([
      { key: 'female', count: 35_574_525, share: expect.closeTo(0.18, 3) },
      { key: 'male', count: 162_215_414, share: expect.closeTo(0.82, 3) },
    ]);
  });

  it('has shares that add up to 1 in each dimension but those of which upstream lists only the largest', () => {
    for (const { kind, buckets } of decode(sample.data).dimensions) {
      const shares = buckets.map(({ share }) => share);
      if (kind === 'CITY' || kind === 'INTEREST') expect(shares).toEqual(buckets.map(() => null));
      else expect(shares.reduce<number>((sum, share) => sum + (share ?? Number.NaN), 0)).toBeCloseTo(1, 12);
    }
  });

  it('has nothing without data', () => {
    expect(decode({})).toEqual({ updatedAt: null, dimensions: [] });
  });

  it.each(['', 0, '0', [], {}, null])('takes %j for "not provided", at each level', (filler) => {
    expect(decode({ distributions: filler, last_update_time: filler })).toEqual(decode({}));
    expect(
      decode({ distributions: [{ origin_type: 1, type_display: filler, distribution_list: filler }] }),
    ).toEqual({
      updatedAt: null,
      dimensions: [{ kind: 'AGE', kindCode: 1, label: null, buckets: [] }],
    });
  });

  it.each([
    [{ origin_type: 0 }, 'GENDER', 0],
    [{ origin_type: '0' }, 'GENDER', 0],
    [{ origin_type: 5, type: 32 }, 'CITY_TIER', 5],
    [{ type: 1 }, 'GENDER', 0],
    [{ type: '1024' }, 'CROWD', 10],
    [{ origin_type: 0, type: 4 }, 'PROVINCE', 2],
    [{ origin_type: 0, type: 3 }, 'GENDER', 0],
    [{ origin_type: 11 }, 'SPENDING', 11],
    [{ origin_type: 12 }, 'ORDER_VALUE', 12],
    [{ origin_type: 7 }, 'OTHER', 7],
    [{ origin_type: 99, type_display: '职业' }, 'OTHER', 99],
    [{ type: 3 }, 'OTHER', null],
    [{}, 'OTHER', null],
  ])('takes the kind from %j', (keys, kind, kindCode) => {
    const read = decodeBlock({ ...keys, distribution_list: listOf([['x', people]]) });
    expect(read).toMatchObject({ kind, kindCode, drift: [] });
  });

  it.each([
    ['male', 'male'],
    ['Male', 'male'],
    ['男', 'male'],
    ['男性', 'male'],
    ['female', 'female'],
    ['FEMALE', 'female'],
    ['女', 'female'],
    ['女性', 'female'],
    ['1', '1'],
    ['未知', '未知'],
    ['constructor', 'constructor'],
    [null, ''],
  ])('takes the gender %j for %j', (given, key) => {
    expect(bucketsOf(0, [[given, people]]).buckets).toEqual([[key, Number(people), 1]]);
    expect(bucketsOf(1, [[given, people]]).buckets).toEqual([[given ?? '', Number(people), 1]]);
  });

  it.each<[what: string, pairs: Pairs, counts: unknown[], shares: unknown[]]>([
    [
      'people',
      [
        ['a', '300'],
        ['b', 100],
      ],
      [300, 100],
      [0.75, 0.25],
    ],
    [
      'people in another notation',
      [
        ['a', '3万'],
        ['b', '10,000.0'],
      ],
      [30_000, 10_000],
      [0.75, 0.25],
    ],
    [
      'people, with a bucket that nobody is in',
      [
        ['a', '0'],
        ['b', 300],
      ],
      [0, 300],
      [0, 1],
    ],
    [
      'few people',
      [
        ['a', '75'],
        ['b', '75'],
      ],
      [75, 75],
      [0.5, 0.5],
    ],
    [
      'percentages',
      [
        ['a', '82.0'],
        ['b', '18.0'],
      ],
      [null, null],
      [0.82, 0.18],
    ],
    [
      'whole percentages',
      [
        ['a', 82],
        ['b', 18],
      ],
      [null, null],
      [0.82, 0.18],
    ],
    [
      'rounded percentages',
      [
        ['a', 33],
        ['b', 33],
        ['c', 33],
      ],
      [null, null, null],
      [1 / 3, 1 / 3, 1 / 3],
    ],
    [
      'percentages with a sign',
      [
        ['a', '75%'],
        ['b', '25 ％'],
      ],
      [null, null],
      [0.75, 0.25],
    ],
    [
      'fractions',
      [
        ['a', '0.75'],
        ['b', 0.25],
      ],
      [null, null],
      [0.75, 0.25],
    ],
    [
      'fractions with a zero',
      [
        ['a', 1],
        ['b', 0],
      ],
      [null, null],
      [1, 0],
    ],
    [
      'nothing but zeros',
      [
        ['a', '0'],
        ['b', 0],
      ],
      [null, null],
      [null, null],
    ],
  ])('reads %s', (_what, pairs, counts, shares) => {
    const { buckets, drift } = bucketsOf(1, pairs);
    expect(drift).toEqual([]);
    expect(buckets.map(([, count]) => count)).toEqual(counts);
    expect(buckets.map(([, , share]) => share)).toEqual(
      shares.map((share) => (typeof share === 'number' ? expect.closeTo(share, 12) : share)),
    );
  });

  it('tells the unit from the dimension as a whole, not from each value', () => {
    const { buckets } = bucketsOf(1, [
      ['a', '40'],
      ['b', '900000'],
    ]);
    expect(buckets.map(([, count]) => count)).toEqual([40, 900_000]);
  });

  it('takes overlapping percentages for neither people nor parts of a whole', () => {
    const pairs: Pairs = [
      ['a', 60],
      ['b', 55],
    ];
    expect(bucketsOf(11, pairs)).toEqual({
      buckets: [
        ['a', null, null],
        ['b', null, null],
      ],
      drift: ['distributions[].distribution_list'],
    });
    expect(bucketsOf(6, pairs)).toEqual({
      buckets: [
        ['a', null, null],
        ['b', null, null],
      ],
      drift: [],
    });
  });

  it.each<[what: string, pairs: Pairs]>([
    [
      'adds up to neither people nor percentages',
      [
        ['a', 20],
        ['b', 30],
      ],
    ],
    [
      'is not whole and adds up to no percentages',
      [
        ['a', '2293717.11'],
        ['b', 1],
      ],
    ],
  ])('has no figures if a dimension %s, and reports it', (_what, pairs) => {
    expect(bucketsOf(1, pairs)).toEqual({
      buckets: [
        ['a', null, null],
        ['b', null, null],
      ],
      drift: ['distributions[].distribution_list'],
    });
  });

  it.each(['many', -1, '¥5', '1,2', [5], { a: 1 }, true, '82%'])(
    'gives no share if a value is %j, but the counts that it can, and reports it',
    (value) => {
      expect(
        bucketsOf(1, [
          ['a', value],
          ['b', people],
        ]),
      ).toEqual({
        buckets: [
          ['a', null, null],
          ['b', Number(people), null],
        ],
        drift: [valuePath],
      });
      expect(
        bucketsOf(1, [
          ['a', value],
          ['b', '82.5'],
        ]).buckets.map(([, count]) => count),
      ).toEqual([null, null]);
    },
  );

  it.each(['', null, '-', undefined])(
    'gives no share if a value is %j, which is nothing to report',
    (value) => {
      expect(
        bucketsOf(1, [
          ['a', value],
          ['b', people],
        ]),
      ).toEqual({
        buckets: [
          ['a', null, null],
          ['b', Number(people), null],
        ],
        drift: [],
      });
    },
  );

  it('gives no share if a row of the dimension could not be read, and leaves it out', () => {
    const distribution_list = [5, ...listOf([['b', people]])];
    expect(decodeBlock({ origin_type: 1, distribution_list })).toMatchObject({
      buckets: [{ key: 'b', count: Number(people), share: null }],
      drift: ['distributions[].distribution_list[]'],
    });
  });

  it('gives no share if two buckets have one key, since they may hold the same people', () => {
    expect(
      bucketsOf(0, [
        ['male', '300'],
        ['男', '300'],
        ['female', '100'],
      ]),
    ).toEqual({
      buckets: [
        ['male', 300, null],
        ['male', 300, null],
        ['female', 100, null],
      ],
      drift: ['distributions[].distribution_list[].distribution_key'],
    });
  });

  it('keeps the other dimensions right where one cannot be read', () => {
    const { dimensions, drift } = decodeWithDrift({
      distributions: [
        block(0, [
          ['male', 'x'],
          ['female', people],
        ]),
        'x',
        {},
        ...sample.data.distributions,
      ],
    });
    expect(drift).toEqual([valuePath, 'distributions[]', 'distributions[]']);
    expect(dimensions.slice(1)).toEqual(decode(sample.data).dimensions);
  });

  it('reads the same body whether its lists are lists, JSON text or single objects', () => {
    const text = {
      ...sample.data,
      distributions: JSON.stringify(
        sample.data.distributions.map((each) => ({
          ...each,
          distribution_list: JSON.stringify(each.distribution_list),
        })),
      ),
    };
    expect(decode(text)).toEqual(decode(sample.data));
    const single = {
      origin_type: 0,
      distribution_list: { distribution_key: '男', distribution_value: people },
    };
    expect(decode({ distributions: single }).dimensions).toEqual([
      {
        kind: 'GENDER',
        kindCode: 0,
        label: null,
        buckets: [{ key: 'male', count: Number(people), share: 1 }],
      },
    ]);
  });

  describe('of any body', () => {
    const oddValue: fc.Arbitrary<Json> = fc.oneof(
      fc.constantFrom<Json[]>(
        '',
        '0',
        0,
        null,
        -1,
        'many',
        '82%',
        '¥3',
        [],
        {},
        [1],
        true,
        '1,2',
        'NaN',
        '1e9',
      ),
      fc.integer({ min: 0, max: 10 ** 9 }),
      fc.integer({ min: 0, max: 10 ** 9 }).map(String),
      fc.double({ min: 0.0001, max: 1e300, noNaN: true }),
      fc.jsonValue() as fc.Arbitrary<Json>,
    );
    const blockIndex = fc.nat(sample.data.distributions.length - 1);

    /** Replaces values of the sample's, so that most of a body stays as it was. */
    const mutated = fc
      .array(fc.record({ at: blockIndex, row: fc.nat(7), where: fc.nat(4), value: oddValue }), {
        maxLength: 6,
      })
      .map((changes) => {
        const data = structuredClone(sample.data) as { distributions: Record<string, unknown>[] };
        for (const { at, row, where, value } of changes) {
          const changed = data.distributions[at];
          const list = changed?.['distribution_list'];
          const cell = Array.isArray(list) ? list[row % list.length] : null;
          if (where <= 1 && typeof cell === 'object' && cell) cell.distribution_value = value;
          else if (where === 2 && typeof cell === 'object' && cell) cell.distribution_key = value;
          else if (where === 3 && Array.isArray(list)) list[row % list.length] = value;
          else if (where === 4 && changed) changed[row < 4 ? 'origin_type' : 'distribution_list'] = value;
        }
        return data;
      });

    const sharesOf = ({ buckets }: Dimension) => buckets.map(({ share }) => share);

    it('shares are within 0 and 1, and all of a dimension or none: then they add up to 1', () => {
      fc.assert(
        fc.property(mutated, (data) => {
          for (const dimension of decodeWithDrift(data).dimensions) {
            const shares = sharesOf(dimension);
            if (shares.every((share) => share === null)) continue;
            for (const share of shares) {
              expect(share).toBeGreaterThanOrEqual(0);
              expect(share).toBeLessThanOrEqual(1);
            }
            expect(shares.reduce<number>((sum, share) => sum + (share ?? 0), 0)).toBeCloseTo(1, 9);
          }
        }),
        { seed, numRuns: 500 },
      );
    });

    it('a zero is one that upstream sent', () => {
      fc.assert(
        fc.property(mutated, (data) => {
          const { dimensions } = decodeWithDrift(data);
          const zeros = dimensions.flatMap(({ buckets }) =>
            buckets.filter(({ count, share }) => count === 0 || share === 0),
          );
          const sent = JSON.stringify(data).match(/"distribution_value":(?:"0"|0[,}])/g) ?? [];
          expect(zeros.length).toBeLessThanOrEqual(sent.length);
        }),
        { seed, numRuns: 500 },
      );
    });

    it('a value that was sent and is not served is reported', () => {
      fc.assert(
        fc.property(blockIndex, fc.nat(7), oddValue, (at, row, value) => {
          const data = structuredClone(sample.data) as {
            distributions: { distribution_list: JsonObject[] }[];
          };
          const list = data.distributions[at]?.distribution_list ?? [];
          const cell = list[row % list.length] ?? {};
          cell['distribution_value'] = value;
          const { dimensions, drift } = decodeWithDrift(data);
          const count = dimensions[at]?.buckets[row % list.length]?.count ?? null;
          const isWhole = Number.isSafeInteger(Number(value)) && typeof value !== 'object';
          if (
            count === null &&
            !isBlank(value) &&
            !isWhole &&
            !['CITY', 'INTEREST'].includes(dimensions[at]?.kind ?? '')
          ) {
            expect([value, drift.length]).toEqual([value, 1]);
          }
          if (count !== null) expect(drift).toEqual([]);
        }),
        { seed, numRuns: 500 },
      );
    });

    it('nothing throws', () => {
      const anything = fc.oneof(
        fc.jsonValue() as fc.Arbitrary<Json>,
        fc.array(
          fc.record(
            { origin_type: oddValue, type: oddValue, distribution_list: oddValue },
            { requiredKeys: [] },
          ),
        ),
      );
      fc.assert(
        fc.property(anything, oddValue, (distributions, last_update_time) => {
          decodeWithDrift({ distributions, last_update_time });
        }),
        { seed, numRuns: 500 },
      );
    });
  });
});

describe("the sandbox's audience", () => {
  const creatorIds = Array.from({ length: 300 }, (_, nth) => `${6_600_000_000_000_000_000n + BigInt(nth)}`);
  const bodyOf = (creatorId: string, stage: (typeof connectionStages)[number]) =>
    audienceBody.data(
      new URLSearchParams(audience.query({ creatorId, platform: 'SHORT_VIDEO', stage })),
    ) as JsonObject;

  it("is the sample for the sample's creator", () => {
    expect(bodyOf(sampleCreatorId, 'CONNECTED')).toBe(sample.data);
  });

  it.each(['linkType=HATE', 'platform=RADIO', 'oAuthorId=5'])('refuses %s', (wrong) => {
    const query = new URLSearchParams({ oAuthorId: sampleCreatorId });
    for (const [name, value] of new URLSearchParams(wrong)) query.set(name, value);
    expect(audienceBody.data(query)).toBeNull();
  });

  it('has as many people of both genders as the creator has connected users at the stage', () => {
    for (const creatorId of creatorIds) {
      const { aware, interested, like, follow } = connectedUsersOf(
        createSandboxCreator(creatorId, 'SHORT_VIDEO'),
      );
      const stages = [
        ['CONNECTED', aware + interested + like + follow],
        ['AWARE', aware],
        ['FOLLOW', follow],
      ] as const;
      for (const [stage, expected] of stages) {
        const counts =
          decode(bodyOf(creatorId, stage)).dimensions[0]?.buckets.map(({ count }) => count) ?? [];
        if (counts.length === 0 || counts.includes(null)) continue;
        const sum = counts.reduce<number>((total, count) => total + (count ?? 0), 0);
        expect(Math.abs(sum / expected - 1)).toBeLessThan(0.01);
      }
    }
  });

  it('has creators with Chinese genders, without dimensions, and with percentages', () => {
    const texts = creatorIds.map((id) => JSON.stringify(bodyOf(id, 'CONNECTED')));
    const sections = creatorIds.map((id) => decode(bodyOf(id, 'CONNECTED')).dimensions);
    expect(texts.filter((text) => text.includes('"男"')).length).toBeGreaterThan(10);
    expect(sections.filter((dimensions) => dimensions.length === 0).length).toBeGreaterThan(5);
    expect(sections.filter(([gender]) => gender?.buckets[0]?.count === null).length).toBeGreaterThan(10);
    for (const [gender] of sections) {
      if (gender) expect(gender.buckets.map(({ key }) => key)).toEqual(['female', 'male']);
    }
  });
});
