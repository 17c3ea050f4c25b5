import { expect, it } from 'vitest';
import { sampleCreatorId } from '../../src/sandbox/creators.js';
import { startTestServer } from '../harness.js';

const another = '6712345678901234567';

it('gives only the dimensions that were asked for, all for one call', async () => {
  const server = await startTestServer();
  const { data, errors } = await server.ask(`{
    creator(id: "${sampleCreatorId}") {
      audience {
        genders: dimensions(kinds: [GENDER]) { kind label buckets { key count } }
        cities: dimensions(kinds: [CITY, CITY_TIER]) { kind kindCode }
        all: dimensions { kind }
        nulled: dimensions(kinds: null) { kind }
        none: dimensions(kinds: []) { kind }
      }
    }
  }`);
  expect(errors).toBeUndefined();
  const { genders, cities, all, nulled, none } = data.creator.audience;
  expect(genders).toEqual([
    {
      kind: 'GENDER',
      label: '性别分布',
      buckets: [
        { key: 'female', count: 35_574_525 },
        { key: 'male', count: 162_215_414 },
      ],
    },
  ]);
  expect(cities).toEqual([
    { kind: 'CITY_TIER', kindCode: 5 },
    { kind: 'CITY', kindCode: 8 },
  ]);
  expect(all).toHaveLength(8);
  expect(nulled).toEqual(all);
  expect(none).toEqual([]);
  expect(server.calls).toHaveLength(1);
});

it('makes a call for each stage and each kind of followers', async () => {
  const server = await startTestServer();
  const { data, errors } = await server.ask(`{
    creator(id: "${another}") {
      audience { ...facts }
      connected: audience(stage: CONNECTED) { ...facts }
      aware: audience(stage: AWARE) { ...facts }
      live: audience(stage: AWARE, platform: LIVE_STREAMING) { ...facts }
      followers { ...facts }
      loyal: followers(kind: LOYAL) { ...facts }
    }
  }
  fragment facts on Section { id platform hasData }`);
  expect(errors).toBeUndefined();
  const { audience, connected, aware, live, followers, loyal } = data.creator;
  expect(connected).toEqual(audience);
  expect(new Set([audience, aware, live, followers, loyal].map(({ id }) => id)).size).toBe(5);
  expect([aware, live, followers].map(({ platform }) => platform)).toEqual([
    'SHORT_VIDEO',
    'LIVE_STREAMING',
    null,
  ]);
  expect(server.calls).toHaveLength(5);
});
