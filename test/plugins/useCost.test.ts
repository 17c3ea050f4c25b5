import { describe, expect, it } from 'vitest';
import { cost, scriptedUpstream, startTestServer, success } from '../harness.js';
import { allPartsOf } from '../incrementalParts.js';

const id = '6629722295873044494';

describe('an answer in parts', () => {
  it('has its whole cost in the last one, and the strictest age of any part in all', async () => {
    const upstream = await scriptedUpstream((seen) =>
      seen.startsWith('prices') ? { body: { code: 301, data: null } } : success({ nick_name: '张' }),
    );
    const server = await startTestServer({ upstream, env: { UPSTREAM_RETRIES: '0' } });
    await server.ask(`{ creator(id: "${id}") { profile { name } } }`);
    server.clock.advance(100);

    const query = `{ creator(id: "${id}") { id profile { name } ...Later @defer } }
      fragment Later on Creator { prices { id } cpMetrics { id } fresh: profile(maxAgeSeconds: 60) { name } }`;
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed' },
      body: JSON.stringify({ query }),
    });
    const parts = await allPartsOf(response);
    expect(parts.length).toBeGreaterThan(1);
    const last = parts.at(-1);
    expect(last?.hasNext).toBe(false);
    expect(parts.slice(0, -1).filter(({ extensions }) => extensions?.cost)).toEqual([]);
    expect(last?.extensions?.cost).toEqual(cost({ paidCalls: 2, failedCalls: 1, attempts: 3 }));
    expect([...upstream.calls].sort()).toEqual([
      `cpMetrics ${id} SHORT_VIDEO`,
      `prices ${id} SHORT_VIDEO`,
      `profile ${id} SHORT_VIDEO`,
      `profile ${id} SHORT_VIDEO`,
    ]);
  });
});
