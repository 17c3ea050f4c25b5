import { describe, expect, it } from 'vitest';
import { type Answer, ask, askForCreators } from '../../src/client/fetch.js';
import { cost, sandboxUpstream, scriptedUpstream, success } from '../harness.js';
import { creatorId as id } from './everySelection.js';
import { onPort } from './onPort.js';

interface Creator {
  readonly id: string;
  readonly profile: { readonly name: string } | null;
}

type Creators = Answer<{ creators: (Creator | null)[] }>;

describe('the plain client', () => {
  it('asks for 150 creators in as few operations as the limit of calls allows, and pays for each section once', async () => {
    const { server, url, asked } = await onPort();
    const ids = Array.from({ length: 150 }, (_, nth) => `67123456789012${String(nth).padStart(5, '0')}`);
    const costs: unknown[] = [];
    const query =
      'query ($ids: [ID!]!) { creators(ids: $ids) { id profile { name } prices { id } cpMetrics { id } } }';
    const rows = await askForCreators<Creator>(async (variables) => {
      const answer: Creators = await ask(url, query, variables);
      costs.push(answer.extensions?.cost);
      return answer;
    }, ids);
    expect(rows.map((row) => row.creator?.id)).toEqual(ids);
    expect(rows.flatMap(({ errors }) => errors)).toEqual([]);
    expect(costs.slice(1)).toEqual([198, 198, 54].map((paidCalls) => cost({ paidCalls })));
    expect(asked()).toBe(4);
    expect(new Set(server.calls).size).toBe(450);
    expect(server.calls).toHaveLength(450);
  });

  it('asks again for what may pass, pays for that alone, and has each error beside its id', async () => {
    const upstream = await scriptedUpstream((call, nth) => {
      if (call.startsWith('prices')) return { body: { code: 600, data: null } };
      return nth === 1 ? { body: { code: 301, data: null } } : success({ nick_name: '张' });
    });
    const { url, asked } = await onPort({ upstream, env: { UPSTREAM_RETRIES: '0' } });
    const query = `query ($ids: [ID!]!, $prices: Boolean = true) {
      creators(ids: $ids) { id profile { name } prices @include(if: $prices) { id } }
    }`;
    const send = (variables: object) => ask(url, query, { prices: false, ...variables }) as Promise<Creators>;
    const rows = await askForCreators(send, [id, 'no id']);
    expect(rows).toEqual([
      { id, creator: { id, profile: { name: '张' } }, errors: [] },
      { id: 'no id', creator: null, errors: [expect.objectContaining({ path: ['creators', 1] })] },
    ]);
    expect(asked()).toBe(2);
    const [row] = await askForCreators((variables) => ask(url, query, variables) as Promise<Creators>, [id]);
    expect(row).toMatchObject({
      creator: { profile: { name: '张' }, prices: null },
      errors: [{ path: ['creators', 0, 'prices'], extensions: { code: 'UPSTREAM_FORBIDDEN' } }],
    });
    expect(asked()).toBe(3);
    const profile = `profile ${id} SHORT_VIDEO`;
    expect(upstream.calls).toEqual([profile, profile, `prices ${id} SHORT_VIDEO`]);
  });

  it('does not ask again for what may have been billed', async () => {
    const upstream = await scriptedUpstream((call) =>
      call.startsWith('prices') ? { body: { code: 301, data: null } } : { body: 'no JSON' },
    );
    const { url, asked } = await onPort({ upstream, env: { UPSTREAM_RETRIES: '0' } });
    const query = 'query ($ids: [ID!]!) { creators(ids: $ids) { id profile { name } prices { id } } }';
    const [row] = await askForCreators((variables) => ask(url, query, variables) as Promise<Creators>, [id]);
    expect(row?.errors.map(({ extensions }) => extensions.code).toSorted()).toEqual([
      'UPSTREAM_COLLECTION_FAILED',
      'UPSTREAM_INVALID_RESPONSE',
    ]);
    expect(asked()).toBe(1);
    expect(upstream.calls).toHaveLength(2);
  });

  it('throws what a refusal says, and learns the cost of an operation before it pays', async () => {
    const upstream = await sandboxUpstream();
    const { server, url } = await onPort({ upstream });
    const query = 'query ($ids: [ID!]!) { creators(ids: $ids) { nme } }';
    await expect(
      askForCreators((variables) => ask(url, query, variables) as Promise<Creators>, [id]),
    ).rejects.toThrow('Cannot query field "nme"');
    const dry = await ask(url, `{ creator(id: "${id}") { profile { name } } }`, {}, { 'x-dry-run': '1' });
    expect(dry.data).toBeNull();
    expect(dry.extensions?.cost).toMatchObject({ dryRun: true, paidCalls: 1 });
    expect(server.calls).toEqual([]);
  });
});
