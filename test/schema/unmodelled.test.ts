import { describe, expect, it } from 'vitest';
import {
  endpoints,
  unmodelledCreatorNames,
  unmodelledVideoNames,
} from '../../src/upstream/endpoints/table.js';
import { testClock } from '../fixtures.js';
import { cost, scriptedUpstream, startTestServer, success } from '../harness.js';

const id = '6712345678901234502';
const itemId = '7608935920095612211';
const allowed = { ALLOW_PERSONAL_DATA: '1' };

const enumName = (name: string) => name.replaceAll(/[A-Z]/g, '_$&').toUpperCase();

const ofCreator = (endpoint: string, parameters = '', fields = 'hasData raw') =>
  `{ creator(id: "${id}") { unmodelled(endpoint: ${endpoint}${parameters && `, parameters: ${parameters}`}) { ${fields} } } }`;

const required: Readonly<Record<string, string>> = {
  followerTrend: '{ startDate: "2026-02-01", endDate: "2026-02-28" }',
};

describe('Creator.unmodelled', () => {
  it.each(unmodelledCreatorNames)('gives the answer of %s as it is, for one call', async (name) => {
    const server = await startTestServer({ env: allowed });
    const fields = '__typename id endpoint parameters platform hasData isStale raw history { id }';
    const query = ofCreator(enumName(name), required[name], fields);
    const dry = await server.ask(query, {}, { 'x-dry-run': '1' });
    expect(dry.extensions?.cost).toMatchObject({ requestedCalls: 1, paidCalls: 1 });
    const { data, errors, extensions } = await server.ask(query);
    expect(errors).toBeUndefined();
    expect(data.creator.unmodelled).toEqual({
      __typename: 'Unmodelled',
      id: expect.any(String),
      endpoint: enumName(name),
      parameters: expect.any(Object),
      platform: null,
      hasData: true,
      isStale: false,
      raw: expect.objectContaining({ base_resp: { status_code: 0, status_message: 'Success' } }),
      history: [],
    });
    expect(extensions?.cost).toEqual(cost({ paidCalls: 1 }));
    expect((await server.ask(query)).extensions?.cost).toEqual(cost({ cachedCalls: 1 }));

    const node = await server.ask(
      `{ node(id: "${data.creator.unmodelled.id}") { __typename ... on Unmodelled { raw } } }`,
    );
    expect(node.data.node).toEqual({ __typename: 'Unmodelled', raw: data.creator.unmodelled.raw });
    expect(server.calls).toEqual([`${name} ${id} SHORT_VIDEO`]);
    const status = await server.ask('{ upstream { endpoints { name health drift } } }');
    const row = status.data.upstream.endpoints.find(
      ({ name: other }: { name: string }) => other === enumName(name),
    );
    // What nobody has published is told as drift, key by key.
    const isPublished = endpoints[name].shape.known.size > 1;
    const drift = isPublished ? [] : expect.arrayContaining([expect.stringContaining(': unknown since ')]);
    expect(row).toEqual({ name: enumName(name), health: 'HEALTHY', drift });
  });

  it('shows which parameters were sent, and makes one call of two spellings', async () => {
    const server = await startTestServer();
    const { data, extensions } = await server.ask(
      `query ($parameters: JSONObject) { creator(id: "${id}") {
        a: unmodelled(endpoint: LIVE_STATISTICS, parameters: $parameters) { id parameters }
        b: unmodelled(endpoint: LIVE_STATISTICS, parameters: { flowType: EXCLUDE, onlyStarOrder: false }) { id }
        c: unmodelled(endpoint: LIVE_STATISTICS, parameters: { onlyStarOrder: true }) { id parameters }
      } }`,
      { parameters: { onlyStarOrder: false, period: null } },
    );
    const { a, b, c } = data.creator;
    const parameters = { liveType: 'ALL', period: 'DAY_30', onlyStarOrder: false, flowType: 'EXCLUDE' };
    expect([a.parameters, c.parameters]).toEqual([parameters, { ...parameters, onlyStarOrder: true }]);
    expect([b.id, new Set([a.id, b.id, c.id]).size]).toEqual([a.id, 2]);
    expect(extensions?.cost).toEqual(cost({ paidCalls: 2 }));
    expect(server.calls).toHaveLength(2);
  });

  it('takes the name of a value with or without quotes, and from a variable', async () => {
    const server = await startTestServer();
    const seeding = (range: string) =>
      `unmodelled(endpoint: SEEDING, parameters: { range: ${range} }) { id parameters }`;
    const { data, errors } = await server.ask(
      `query ($range: String = "DAY_30") { creator(id: "${id}") {
        a: ${seeding('"DAY_30"')} b: ${seeding('DAY_30')} c: ${seeding('$range')}
      } }`,
    );
    expect(errors).toBeUndefined();
    const { a, b, c } = data.creator;
    expect(a.parameters).toEqual({ range: 'DAY_30' });
    expect([b, c]).toEqual([a, a]);
    expect(server.calls).toEqual([`seeding ${id} SHORT_VIDEO`]);
  });

  it.each([
    ['SEEDING', '{ range: "DAY_7" }', 'seeding takes range (DAY_30 or DAY_90; default DAY_90).'],
    ['SEEDING', '{ range: DAY_7 }', 'Expected range to be DAY_30 or DAY_90, but got "DAY_7".'],
    [
      'LIVE_STATISTICS',
      '{ onlyStarOrder: TRUE }',
      'Expected onlyStarOrder to be true or false, but got "TRUE".',
    ],
    ['COST_ESTIMATE', '{ page: 1 }', 'costEstimate takes no parameters.'],
    ['FOLLOWER_TREND', '', 'followerTrend needs the parameter startDate.'],
  ])('refuses without a call what %s does not take: %s', async (endpoint, parameters, message) => {
    const server = await startTestServer();
    const { data, errors } = await server.ask(ofCreator(endpoint, parameters));
    expect(data).toEqual({ creator: { unmodelled: null } });
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining(message),
        path: ['creator', 'unmodelled'],
        extensions: { code: 'BAD_USER_INPUT', retryable: false },
      },
    ]);
    expect(server.calls).toEqual([]);
  });

  it('knows no endpoint that is modelled, or about videos', async () => {
    const server = await startTestServer();
    for (const endpoint of ['PROFILE', 'VIDEO_REPORT']) {
      const { errors } = await server.ask(ofCreator(endpoint));
      expect(errors).toMatchObject([{ message: expect.stringContaining('UnmodelledEndpoint') }]);
    }
    expect(server.calls).toEqual([]);
  });

  it('tells keys that are not known, and keeps an answer for each change of its values', async () => {
    const bodies = [
      { self_intro: 'a', url: 'https://p3.example/x.jpeg?sign=1', base_resp: { status_code: 0 } },
      { url: 'https://p9.example/x.jpeg?sign=2', self_intro: 'a' },
      { self_intro: 'b', url: 'https://p3.example/x.jpeg?sign=3' },
    ];
    const upstream = await scriptedUpstream((_, nth) => success(bodies[nth - 1] ?? {}));
    const clock = testClock();
    const server = await startTestServer({ upstream, clock });
    const query = `{ creator(id: "${id}") { unmodelled(endpoint: CHANNEL_INFO, maxAgeSeconds: 0) { raw history { raw } } } }`;
    for (const _ of bodies) {
      clock.advance(60);
      await server.ask(query);
    }
    const { data } = await server.ask(query.replace(', maxAgeSeconds: 0', ''));
    expect(data.creator.unmodelled).toEqual({ raw: bodies[2], history: [{ raw: bodies[0] }] });
    const status = await server.ask('{ upstream { endpoints { drift } } }');
    expect(status.data.upstream.endpoints.flatMap(({ drift }: { drift: string[] }) => drift)).toEqual([
      expect.stringContaining('url: unknown'),
    ]);
    expect(server.calls).toHaveLength(3);
  });
});

describe('the business card', () => {
  const query = ofCreator('BUSINESS_CARD', '', 'id raw history { id }');
  const refusal = {
    message: 'BUSINESS_CARD holds contact data of people; the operator has to set ALLOW_PERSONAL_DATA=1.',
    extensions: { code: 'BAD_USER_INPUT', retryable: false },
  };

  it('is refused without a call, unless the operator allows it', async () => {
    const server = await startTestServer();
    expect(await server.ask(query)).toMatchObject({
      data: { creator: { unmodelled: null } },
      errors: [{ ...refusal, path: ['creator', 'unmodelled'] }],
    });
    const dry = await server.ask(query, {}, { 'x-dry-run': '1' });
    expect(dry.extensions?.cost).toMatchObject({ requestedCalls: 0 });
    expect(server.calls).toEqual([]);
  });

  it('is also refused as a node', async () => {
    const open = await startTestServer({ env: allowed });
    const nodeId = (await open.ask(query)).data.creator.unmodelled.id;
    const server = await startTestServer();
    const answer = await server.ask(`{ node(id: "${nodeId}") { id ... on Unmodelled { raw } } }`);
    expect(answer).toMatchObject({ data: { node: null }, errors: [{ ...refusal, path: ['node'] }] });
    expect(server.calls).toEqual([]);
  });

  it('has no history, and its data are not logged', async () => {
    const card = { phone: '13900001111', self_intro: 'x', fax: '13900002222' };
    const upstream = await scriptedUpstream((_, nth) => success({ card_info: { ...card, follower: nth } }));
    const server = await startTestServer({ upstream, env: allowed });
    const again = query.replace('BUSINESS_CARD', 'BUSINESS_CARD, maxAgeSeconds: 0');
    for (let nth = 1; nth <= 2; nth += 1) {
      const { data } = await server.ask(again);
      expect(data.creator.unmodelled).toMatchObject({
        raw: { card_info: { ...card, follower: nth } },
        history: [],
      });
    }
    expect(server.logs.join()).toContain('card_info.fax: unknown');
    expect(server.logs.join()).not.toMatch(/1390000/);
    expect(server.calls).toHaveLength(2);
  });
});

describe('Query.unmodelled', () => {
  it.each(unmodelledVideoNames)('gives the answer of %s about a video, for one call', async (name) => {
    const server = await startTestServer();
    const query = `{ unmodelled(endpoint: ${enumName(name)}, itemId: "${itemId}") { id endpoint parameters platform hasData raw } }`;
    const { data, errors, extensions } = await server.ask(query);
    expect(errors).toBeUndefined();
    expect(data.unmodelled).toEqual({
      id: expect.any(String),
      endpoint: enumName(name),
      parameters: {},
      platform: null,
      hasData: true,
      raw: expect.any(Object),
    });
    expect(extensions?.cost).toEqual(cost({ paidCalls: 1 }));
    expect(server.calls).toEqual([`${name} null SHORT_VIDEO`]);
  });

  it('is refused without a call when the id is none', async () => {
    const server = await startTestServer();
    const { data, errors } = await server.ask('{ unmodelled(endpoint: VIDEO_REPORT, itemId: "v1") { raw } }');
    expect(data).toEqual({ unmodelled: null });
    expect(errors).toMatchObject([
      { message: expect.stringContaining('got "v1"'), extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    expect(server.calls).toEqual([]);
  });
});
