import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followers as followersBody } from '../../../src/sandbox/bodies/followers.js';
import { createSandboxCreator, sampleCreatorId } from '../../../src/sandbox/creators.js';
import sample from '../../../src/sandbox/samples/fans-distribution.json' with { type: 'json' };
import { followers } from '../../../src/upstream/endpoints/followers.js';
import type { OnDrift } from '../../../src/upstream/endpoints/reader.js';
import type { Json, JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';
import { seed } from '../../seed.js';

const noDrift: OnDrift = (what) => expect.fail(`drift: ${what}`);
const decode = (data: object, onDrift = noDrift) =>
  followers.decode(data as JsonObject, onDrift, decodedAtMs);

const sumOf = (figures: readonly (number | null)[]) =>
  figures.reduce<number>((sum, figure) => sum + (figure ?? Number.NaN), 0);

describe('followers', () => {
  it.each([
    ['ALL', 'FAN'],
    ['LOYAL', 'DIE_HARD_FAN'],
  ] as const)('of the kind %s are %s to the vendor, without a platform', (kind, authorType) => {
    const query = followers.query({ creatorId: sampleCreatorId, kind });
    expect(Object.entries(query)).toEqual([
      ['oAuthorId', sampleCreatorId],
      ['authorType', authorType],
    ]);
  });

  it.each([
    [{ creatorId: sampleCreatorId, kind: 'LOYAL' }, true],
    [{ creatorId: sampleCreatorId, kind: 'FAN' }, false],
    [{ creatorId: sampleCreatorId, kind: 'ALL', platform: 'SHORT_VIDEO' }, false],
    [{ creatorId: '5', kind: 'ALL' }, false],
  ])('of the arguments %j: %j', (args, isValid) => {
    expect(followers.args.safeParse(args).success).toBe(isValid);
  });

  it("are read from the platform's own body", () => {
    const { updatedAt, dimensions } = decode(sample.data);
    expect(updatedAt).toEqual(new Date('2024-09-26T09:08:12Z'));
    expect(dimensions.map(({ kind, buckets }) => [kind, buckets.length])).toEqual([
      ['GENDER', 2],
      ['AGE', 6],
      ['PROVINCE', 1],
      ['CITY_TIER', 5],
      ['CITY', 2],
      ['CROWD', 8],
      ['ORDER_VALUE', 5],
      ['SPENDING', 6],
    ]);
    expect(dimensions[0]?.buckets).toEqual([
      { key: 'female', count: 709_828, share: expect.closeTo(0.123, 3) },
      { key: 'male', count: 5_063_286, share: expect.closeTo(0.877, 3) },
    ]);
    expect(dimensions[1]?.buckets[2]).toEqual({
      key: '其他',
      count: 703_545,
      share: expect.closeTo(703_545 / 5_773_105, 12),
    });
    for (const { kind, buckets } of dimensions) {
      const shares = buckets.map(({ share }) => share);
      if (kind === 'CITY') expect(shares).toEqual([null, null]);
      else expect(sumOf(shares)).toBeCloseTo(1, 12);
    }
  });

  it('are nothing without data', () => {
    expect(decode({})).toEqual({ updatedAt: null, dimensions: [] });
  });

  it('have no wrong share, whatever some of the values are', () => {
    const oddValue = fc.oneof(
      fc.constantFrom<Json[]>('', '0', null, 'many', -5, [], '9%'),
      fc.jsonValue() as fc.Arbitrary<Json>,
    );
    const change = fc.tuple(fc.nat(sample.data.distributions.length - 1), fc.nat(7), oddValue);
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        const data = structuredClone(sample.data);
        for (const [at, row, value] of changes) {
          const list = data.distributions[at]?.distribution_list ?? [];
          Object.assign(list[row % list.length] ?? {}, { distribution_value: value });
        }
        for (const { buckets } of decode(data, () => {}).dimensions) {
          const shares = buckets.map(({ share }) => share);
          if (shares.some((share) => share !== null)) expect(sumOf(shares)).toBeCloseTo(1, 9);
        }
      }),
      { seed },
    );
  });
});

describe("the sandbox's followers", () => {
  const bodyOf = (creatorId: string, kind: 'ALL' | 'LOYAL') =>
    followersBody.data(new URLSearchParams(followers.query({ creatorId, kind }))) as JsonObject;

  it("are the sample for the sample's creator", () => {
    expect(bodyOf(sampleCreatorId, 'ALL')).toBe(sample.data);
  });

  it.each(['authorType=ALL', 'oAuthorId=5'])('refuses %s', (wrong) => {
    const query = new URLSearchParams({ oAuthorId: sampleCreatorId });
    for (const [name, value] of new URLSearchParams(wrong)) query.set(name, value);
    expect(followersBody.data(query)).toBeNull();
  });

  it('are as many as the profile says, and the loyal ones are some of them', () => {
    for (let nth = 0; nth < 200; nth += 1) {
      const creatorId = `${6_600_000_000_000_000_000n + BigInt(nth)}`;
      const { followers: all } = createSandboxCreator(creatorId, 'SHORT_VIDEO');
      const peopleOf = (kind: 'ALL' | 'LOYAL') =>
        sumOf(decode(bodyOf(creatorId, kind)).dimensions[0]?.buckets.map(({ count }) => count) ?? []);
      const people = peopleOf('ALL');
      if (!(people > 0)) continue;
      expect(Math.abs(people / all - 1)).toBeLessThan(0.01);
      expect(peopleOf('LOYAL')).toBeLessThan(people / 2);
    }
  });
});
