import { describe, expect, it } from 'vitest';
import { stringify } from '../../src/sandbox/bodies/body.js';
import { connectedUsers } from '../../src/sandbox/bodies/connectedUsers.js';
import { cpMetrics } from '../../src/sandbox/bodies/cpMetrics.js';
import { indices } from '../../src/sandbox/bodies/indices.js';
import { latestVideos } from '../../src/sandbox/bodies/latestVideos.js';
import { performance } from '../../src/sandbox/bodies/performance.js';
import { createSandboxCreator } from '../../src/sandbox/creators.js';
import { connectedUsersOf, indicesOf, monthOf } from '../../src/sandbox/figures.js';
import { unknownKeys } from '../../src/upstream/endpoints/drift.js';
import { type EndpointName, endpoints, type ValueOf } from '../../src/upstream/endpoints/table.js';
import { type JsonObject, parseJson } from '../../src/upstream/json.js';
import { decodedAtMs } from '../fixtures.js';

const bodies = { cpMetrics, performance, connectedUsers, indices, latestVideos };

type Name = keyof typeof bodies & EndpointName;

const ids = Array.from(
  { length: 200 },
  (_, index) => `${6_600_000_000_000_000_000n + BigInt(index) * 7_919_003n}`,
);

/** A section as it is read from the sandbox's body, which must be of the known shape. */
function sectionOf<N extends Name>(
  name: N,
  id: string,
  filters: Readonly<Record<string, string>> = {},
): ValueOf<N> {
  const query = new URLSearchParams({ oAuthorId: id, platform: 'SHORT_VIDEO', ...filters });
  const data = parseJson(stringify(bodies[name].data(query) ?? {})) as JsonObject;
  expect(unknownKeys(data, endpoints[name].shape)).toEqual([]);
  return endpoints[name].decode(data, (path) => expect.fail(`${name}: ${path}`), decodedAtMs) as ValueOf<N>;
}

const included = { flowType: 'INCLUDE' };
const sponsored = { ...included, type: 'XINTU_VIDEO' };

describe('the sections of a made-up creator', () => {
  it('agree with each other', () => ids.forEach(agrees));

  it('differ by their filters, but not more than they can', () => ids.slice(0, 50).forEach(differs));

  it('have the oddities of upstream: creators without videos, and without orders', () => {
    const counts = ids.map((id) => [
      sectionOf('performance', id, included).videoCount,
      sectionOf('performance', id, sponsored).videoCount,
      sectionOf('latestVideos', id).sponsoredEngagementRate,
    ]);
    for (const nth of [0, 1, 2]) {
      expect(new Set(counts.map((each) => each[nth] === null))).toEqual(new Set([true, false]));
    }
  });
});

function agrees(id: string): void {
  const creator = createSandboxCreator(id, 'SHORT_VIDEO');
  const month = monthOf(creator);
  const own = sectionOf('performance', id, included);
  const ordered = sectionOf('performance', id, sponsored);
  const latest = sectionOf('latestVideos', id, included);
  const hasVideos = month.videoCount > 0;

  expect(own).toMatchObject({
    videoCount: hasVideos ? month.videoCount : null,
    medianPlayCount: hasVideos ? month.medianPlays : null,
    engagementRate: hasVideos ? month.engagementRate : null,
    completionRate: hasVideos ? month.completionRate : null,
  });
  if (hasVideos) {
    const { expectedCpm, expectedCpe } = sectionOf('cpMetrics', id);
    expect(own).toMatchObject({ expectedCpm, expectedCpe });
    expect(latest.engagementRate?.value).toBe(own.engagementRate);
    expect(latest.completionRate?.value).toBe(own.completionRate);
  }
  expect(latest.personal.length).toBeGreaterThanOrEqual(Math.min(15, own.videoCount ?? 0));
  expect(latest.sponsored.length).toBeGreaterThanOrEqual(ordered.videoCount ?? 0);
  if (ordered.videoCount !== null) {
    expect(latest.sponsoredEngagementRate?.value).toBe(ordered.engagementRate);
    expect(latest.sponsoredCompletionRate?.value).toBe(ordered.completionRate);
  }
  if (!creator.prices) expect([ordered.videoCount, ...latest.sponsored]).toEqual([null]);

  const { total, stages } = sectionOf('connectedUsers', id);
  const { aware, interested, like, follow } = connectedUsersOf(creator);
  expect(stages.map(({ count }) => count)).toEqual([aware, interested, like, follow]);
  expect(total?.count).toBe(aware + interested + like + follow);
  const scores = Object.entries(sectionOf('indices', id)).map(([key, index]) => [key, index?.value]);
  expect(Object.fromEntries(scores)).toEqual(indicesOf(creator));
}

function differs(id: string): void {
  const count = (filters: Readonly<Record<string, string>>) =>
    sectionOf('performance', id, { ...included, ...filters }).videoCount ?? 0;
  expect(count({ range: 'DAY_90' })).toBe(3 * count({}));
  expect(count({ ...sponsored, onlyAssign: 'true' })).toBeLessThanOrEqual(count(sponsored));
  const plays = sectionOf('performance', id, included).medianPlayCount ?? 0;
  const withoutPaid = sectionOf('performance', id, { flowType: 'EXCLUDE' }).medianPlayCount ?? 0;
  expect(withoutPaid).toBeLessThanOrEqual(plays);
  const ofGames = sectionOf('indices', id, { industryTag: 'GAMES' });
  expect(ofGames).not.toEqual(sectionOf('indices', id));
}
