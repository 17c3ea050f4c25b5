import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { largeBytes } from '../../src/responseSize/responseSize.js';
import { sizeWithoutSections } from '../../src/responseSize/sizeWithoutSections.js';
import { schema } from '../../src/schema/index.js';
import { endpointNames } from '../../src/upstream/endpoints/table.js';
import { scriptedUpstream, startTestServer, success } from '../harness.js';

const id = '6712345678901234567';
const endpointFields = 'name health attempts successRate p50Ms p95Ms circuit circuitSince drift';
const status = `{ upstream {
  isSandbox environment callsToday callsTotal dailyLimit stop { code upstreamCode since nextProbeAt } endpoints { ${endpointFields} }
} }`;

const bytesOf = (query: string) => sizeWithoutSections({ schema, document: parse(query) } as never).bytes;

describe('the size of the status', () => {
  it('is not that of a large response, which would wait for memory', () => {
    expect(bytesOf(status)).toBeLessThan(largeBytes);
  });

  it('grows with each selection of the endpoints', () => {
    const rows = (fields: string) => bytesOf(`{ upstream { endpoints { ${fields} } } }`);
    expect(rows('drift again: drift')).toBeGreaterThan(rows('drift'));
    expect(rows('drift') - rows('name')).toBeGreaterThan(endpointNames.length * 100 * 48);
    expect(bytesOf('{ upstream { a: endpoints { drift } b: endpoints { drift } } }')).toBeGreaterThan(
      2 * rows('drift') - rows('name'),
    );
  });

  it('is never more than its bound, when two endpoints have all the drift that is recorded', async () => {
    const keys = Array.from({ length: 300 }, (_, nth) => [`${nth}`.padEnd(64, 'k'), 1]);
    const upstream = await scriptedUpstream(() => success({ card: 1, ...Object.fromEntries(keys) }));
    const server = await startTestServer({ upstream });
    await server.ask(`{ creator(id: "${id}") {
      a: unmodelled(endpoint: LIVE_STATISTICS) { id } b: unmodelled(endpoint: LIVE_AUDIENCE) { id }
    } }`);
    expect(server.calls).toHaveLength(2);
    const answer = await server.ask(status);
    const rows = answer.data.upstream.endpoints.map(({ drift }: { drift: string[] }) => drift.length);
    expect(Math.max(...rows)).toBe(50);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(bytesOf(status));
  });
});
