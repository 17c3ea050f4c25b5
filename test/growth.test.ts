import { describe, expect, it } from 'vitest';
import { collectedMemoryOf, collectingOnDemand } from './bench/memory.js';
import { builtServer, startProgram } from './bench/program.js';
import { load } from './bench/warm/load.js';
import { requestText } from './bench/warm/loader.js';
import { atEnd, testToken } from './fixtures.js';
import { sandboxUpstream } from './harness.js';

const creatorId = '6629722295873044494';

/** An answer of over 50 kB, out of one section. */
const names = Array.from(
  { length: 12 },
  (_, nth) => `r${nth}: recommendedVideos(maxAgeSeconds: $age) { raw }`,
);
const query = `query Large($id: ID!, $age: Int) { creator(id: $id) { ${names.join(' ')} } }`;
const answerBytes = 50_000;

/** The answers of a part have 25 MB. A server that stores answers may have room for those of some parts, not of all. */
const operationsAPart = 500;
const mostParts = 4;

/** What two measurements of a heap may differ by: well under what a part would add if all of it were stored. */
const marginBytes = 10_000_000;

/** New operations, each sent twice, so that a stored response may serve the second. */
function part(nth: number): string[] {
  return Array.from({ length: operationsAPart }, (_, at) => {
    const age = 86_400 + nth * operationsAPart + at;
    const body = JSON.stringify({ query, variables: { id: creatorId, age } });
    const request = requestText({ method: 'POST', path: '/graphql' }, body);
    return [request, request];
  }).flat();
}

// It stops after the first part that adds no memory.
describe('memory', () => {
  it('stops growing, however many operations are answered from one call', async () => {
    const upstream = await sandboxUpstream();
    const server = await startProgram([...collectingOnDemand, ...builtServer], {
      PORT: '0',
      STORE_URL: 'memory:',
      // Well under a part, so that the memory has its size after the first.
      CACHE_MAX_BYTES: '8388608',
      JUSTONEAPI_TOKEN: testToken,
      JUSTONEAPI_BASE_URL: upstream.baseUrl,
    });
    atEnd(async () => void (await server.end('SIGKILL')));
    const port = Number(new URL(server.url).port);
    const memoryAfter = async (requests: readonly string[]) => {
      const { bytes } = await load({ port, connections: 8, requests, status: 200, count: requests.length });
      expect(bytes).toBeGreaterThan(requests.length * answerBytes);
      return (await collectedMemoryOf(server)).ownBytes;
    };

    let settled = await memoryAfter(part(0));
    let grewBy = Number.POSITIVE_INFINITY;
    for (let nth = 1; nth < mostParts && grewBy > marginBytes; nth += 1) {
      const memory = await memoryAfter(part(nth));
      grewBy = memory - settled;
      settled = memory;
    }

    expect(grewBy).toBeLessThan(marginBytes);
    expect(upstream.calls).toEqual([`recommendedVideos ${creatorId} SHORT_VIDEO`]);
  }, 120_000);
});
