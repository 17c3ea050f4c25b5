import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import { createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { useApiKeys } from '../../src/plugins/useApiKeys.js';
import { useCost } from '../../src/plugins/useCost.js';
import { schema } from '../../src/schema/index.js';
import type { Client } from '../../src/upstream/client.js';
import { type Answer, cost, scriptedUpstream, startTestServer, success } from '../harness.js';

const id = '6629722295873044494';

/** Answers in parts. The server itself sends none yet. */
function partsOf(client: Client, query: string): Promise<Response> {
  const yoga = createYoga({
    schema,
    plugins: [
      useApiKeys({ keys: [], alsoGuards: '' }),
      useCost({ client, now: Date.now, maxCalls: 200, callPrice: null }),
      useDeferStream(),
    ],
  });
  return Promise.resolve(
    yoga.fetch('http://127.0.0.1/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed' },
      body: JSON.stringify({ query }),
    }),
  );
}

describe('an answer in parts', () => {
  it('has its whole cost in the last one, and the strictest age of any part in all', async () => {
    const upstream = await scriptedUpstream((seen) =>
      seen.startsWith('prices') ? { body: { code: 301, data: null } } : success({ nick_name: '张' }),
    );
    const server = await startTestServer({ upstream, env: { UPSTREAM_RETRIES: '0' } });
    await server.ask(`{ creator(id: "${id}") { profile { name } } }`);
    server.clock.advance(100);

    const response = await partsOf(
      server.client,
      `{ creator(id: "${id}") { id profile { name } ...Later @defer } }
       fragment Later on Creator { prices { id } cpMetrics { id } fresh: profile(maxAgeSeconds: 60) { name } }`,
    );
    const text = await response.text();
    const parts = [...text.matchAll(/^\{.*\}$/gm)].map(
      ([part]) => JSON.parse(part) as Answer & { hasNext: boolean },
    );
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
