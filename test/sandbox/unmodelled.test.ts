import { describe, expect, it } from 'vitest';
import { cpMetrics } from '../../src/sandbox/bodies/cpMetrics.js';
import { profile } from '../../src/sandbox/bodies/profile.js';
import { unmodelled } from '../../src/sandbox/bodies/unmodelled.js';
import { createSandboxCreator, sampleCreatorId } from '../../src/sandbox/creators.js';
import { connectedUsersOf } from '../../src/sandbox/figures.js';
import { unknownKeys } from '../../src/upstream/endpoints/drift.js';
import {
  endpoints,
  unmodelledCreatorNames,
  unmodelledVideoNames,
} from '../../src/upstream/endpoints/table.js';
import type { JsonObject } from '../../src/upstream/json.js';

const id = '6712345678901234567';
const other = '6712345678901234568';
const names = [...unmodelledCreatorNames, ...unmodelledVideoNames];
type Name = (typeof names)[number];

const days = { startDate: '2026-02-01', endDate: '2026-02-28' };

/** The body that the sandbox gives to the client's own query. */
function bodyOf(name: Name, about = id, parameters: JsonObject = {}): JsonObject {
  const endpoint = endpoints[name];
  const args = endpoint.callArgs(about, name === 'followerTrend' ? { ...days, ...parameters } : parameters);
  const query = new URLSearchParams({ token: 'any', ...endpoint.query(args as never) });
  return unmodelled[name]?.data(query) as JsonObject;
}

const ask = (name: Name, query: Readonly<Record<string, string>>) =>
  unmodelled[name]?.data(new URLSearchParams({ token: 'any', ...query }));

describe('the body of an unmodelled endpoint', () => {
  it.each(names)('of %s is at its path, and the same at every call', (name) => {
    expect(unmodelled[name]?.path).toBe(endpoints[name].path);
    expect(bodyOf(name)).toHaveProperty('base_resp.status_code', 0);
    expect(bodyOf(name)).toEqual(bodyOf(name));
  });

  it.each(names)('of %s differs between ids', (name) => {
    const ids = [id, other, '6712345678901234569', '7712345678901234567', sampleCreatorId];
    expect(new Set(ids.map((about) => JSON.stringify(bodyOf(name, about)))).size).toBeGreaterThan(1);
  });

  // Of the others nobody has published a key.
  const published = names.filter((name) => endpoints[name].shape.known.size > 1);

  it.each(published)('of %s has no key that is not known', (name) => {
    for (let nth = 0; nth < 50; nth += 1) {
      const about = `${6_600_000_000_000_000_000n + BigInt(nth)}`;
      expect(unknownKeys(bodyOf(name, about), endpoints[name].shape)).toEqual([]);
    }
  });

  it.each<[Name, Readonly<Record<string, string>>]>([
    ['costEstimate', {}],
    ['costEstimate', { oAuthorId: '5' }],
    ['costEstimate', { oAuthorId: id, page: '1' }],
    ['creatorTags', { oAuthorId: id }],
    ['seeding', { oAuthorId: id, range: '90' }],
    ['conversion', { oAuthorId: id, platform: 'TV' }],
    ['conversionItems', { oAuthorId: id, page: '0' }],
    ['followerTrend', { oAuthorId: id }],
    ['followerTrend', { oAuthorId: id, startDate: '2026-02-30', endDate: '2026-03-01' }],
    ['followerTrend', { oAuthorId: id, startDate: '2026-03-02', endDate: '2026-03-01' }],
    ['homepageVideos', { oAuthorId: id, startDate: '2026-03-01' }],
    ['homepageVideos', { oAuthorId: id, onlyAssign: '1' }],
    ['homepageVideos', { oAuthorId: id, startDate: '20260302', endDate: '20260301' }],
    ['liveStatistics', { oAuthorId: id, liveType: '1' }],
    ['liveAudience', { oAuthorId: id, liveCrowdType: '2' }],
    ['videoReport', { oAuthorId: id }],
    ['videoReport', { itemId: id, page: '1' }],
  ])('of %s is refused for %j', (name, query) => {
    expect(ask(name, query)).toBeNull();
  });

  it.each([id, other, sampleCreatorId])('has the followers of the profile: %s', (about) => {
    const query = new URLSearchParams({ oAuthorId: about, platform: 'SHORT_VIDEO' });
    const followers = Number((profile.data(query) as JsonObject)['follower']);
    const { daily } = bodyOf('followerTrend', about) as unknown as {
      daily: { date: string; fans_cnt: number }[];
    };
    expect(daily).toHaveLength(28);
    expect([daily[0]?.date, daily.at(-1)]).toEqual([
      '2026-02-01',
      { date: '2026-02-28', fans_cnt: followers },
    ]);
    expect(bodyOf('displayStatus', about)['follower']).toBe(String(followers));
  });

  it('has the gains of each day that lead to its followers', () => {
    const { daily, delta } = bodyOf('followerTrend') as unknown as Record<string, { fans_cnt: number }[]>;
    for (let nth = 1; nth < 28; nth += 1) {
      const gained = (daily?.[nth]?.fans_cnt ?? 0) - (daily?.[nth - 1]?.fans_cnt ?? 0);
      expect(delta?.[nth]?.fans_cnt).toBe(gained);
    }
  });

  it('agrees with other bodies', () => {
    const creator = createSandboxCreator(id, 'SHORT_VIDEO');
    const { aware, interested, like, follow } = connectedUsersOf(creator);
    expect(bodyOf('displayStatus')['link_cnt']).toBe(String(aware + interested + like + follow));
    const query = new URLSearchParams({ oAuthorId: id, platform: 'SHORT_VIDEO' });
    const { expect_vv, hot_item } = cpMetrics.data(query) as Record<string, { value: number }>;
    const estimate = bodyOf('costEstimate');
    expect([estimate['vv'], estimate['platform_hot_rate']]).toEqual([
      String(expect_vv?.value),
      (hot_item?.value ?? 0) / 10_000,
    ]);
  });
});
