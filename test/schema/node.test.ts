import { describe, expect, it } from 'vitest';
import { cost, startTestServer } from '../harness.js';

const id = '6629722295873044494';

const byId =
  'query ($id: ID!, $withName: Boolean = true) { node(id: $id) { __typename id ... on Profile @include(if: $withName) { name } ... on Creator { xingtuUrl } } }';

describe('a node', () => {
  it('is a creator by its id, which calls nothing', async () => {
    const server = await startTestServer();
    const { data } = await server.ask(byId, { id });
    expect(data.node).toEqual({ __typename: 'Creator', id, xingtuUrl: expect.stringContaining(id) });
    expect(server.calls).toEqual([]);
  });

  it('that is a creator leads to sections, which are planned and paid for like others', async () => {
    const server = await startTestServer();
    const query = `{ node(id: "${id}") { ... on Creator { profile { name } } } }`;
    const dry = await server.ask(query, {}, { 'x-dry-run': '1' });
    expect(dry.extensions?.cost).toMatchObject({ requestedCalls: 1, paidCalls: 1 });
    const { data, extensions } = await server.ask(query);
    expect(data.node.profile.name).toBe('张大仙');
    expect(extensions?.cost).toEqual(cost({ paidCalls: 1 }));
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });

  it('is a section by its id, and costs what the section costs', async () => {
    const first = await startTestServer();
    const { data } = await first.ask(`{ creator(id: "${id}") { profile(platform: LIVE_STREAMING) { id } } }`);
    const { id: sectionId } = data.creator.profile;

    const server = await startTestServer();
    const dry = await server.ask(byId, { id: sectionId }, { 'x-dry-run': '1' });
    expect(dry.extensions?.cost).toMatchObject({ requestedCalls: 1, paidCalls: 1 });
    const answer = await server.ask(byId, { id: sectionId });
    expect(answer.data.node).toEqual({ __typename: 'Profile', id: sectionId, name: expect.any(String) });
    expect(answer.extensions?.cost).toEqual(cost({ paidCalls: 1 }));
    expect((await server.ask(byId, { id: sectionId })).extensions?.cost).toEqual(cost({ cachedCalls: 1 }));
    expect(server.calls).toEqual([`profile ${id} LIVE_STREAMING`]);
  });

  it.each([
    ['the id of a price', Buffer.from('["profile","1"]').toString('base64url')],
    [
      'arguments that an endpoint does not have',
      Buffer.from('["profile{\\"creatorId\\":\\"1\\"}"]').toString('base64url'),
    ],
    ['an endpoint that is none', Buffer.from('["none{}"]').toString('base64url')],
    ['other spellings of an id', `${Buffer.from('["none{}"]').toString('base64url')}==`],
    ['anything', 'anything'],
    ['nothing', ''],
  ])('is refused without a call: %s', async (_, wrongId) => {
    const server = await startTestServer();
    const { data, errors } = await server.ask(byId, { id: wrongId });
    expect(data).toEqual({ node: null });
    expect(errors).toMatchObject([{ path: ['node'], extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(server.calls).toEqual([]);
  });
});
