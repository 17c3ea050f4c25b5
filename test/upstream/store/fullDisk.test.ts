import { describe, expect, it } from 'vitest';
import { builtServer, startProgram } from '../../bench/program.js';
import { documentedEndpoints } from '../../documentedEndpoints.js';
import { atEnd, temporaryStore, testToken } from '../../fixtures.js';
import { type Answer, sandboxUpstream } from '../../harness.js';

const query = `query ($ids: [ID!]!) {
  creators(ids: $ids) { ${documentedEndpoints.map((name) => `${name} { isStale }`).join(' ')} }
  upstream { callsTotal }
}`;

describe('a server whose disk is full', () => {
  it('goes on with memory, says so, and keeps what it could write', async () => {
    const upstream = await sandboxUpstream();
    const env = {
      PORT: '0',
      STORE_URL: await temporaryStore(),
      JUSTONEAPI_TOKEN: testToken,
      JUSTONEAPI_BASE_URL: upstream.baseUrl,
    };
    const start = async (before?: string) => {
      const server = await startProgram(builtServer, env, before);
      atEnd(async () => void (await server.end('SIGKILL')));
      const ask = async (ids: readonly string[]) => {
        const response = await fetch(server.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables: { ids } }),
        });
        return (await response.json()) as Answer;
      };
      return { server, ask };
    };
    const batches = Array.from({ length: 15 }, (_, batch) =>
      Array.from({ length: 20 }, (_, nth) => String(7_000_000_000_000_000_000n + BigInt(20 * batch + nth))),
    );

    // In blocks of 512 bytes or of a kilobyte, by the shell: room for the first batches only.
    const { server, ask } = await start('ulimit -f 1200');
    for (const again of [false, true]) {
      for (const ids of batches) {
        const { data, errors } = await ask(ids);
        expect(errors).toBeUndefined();
        if (again) expect(data.upstream.callsTotal).toBe(1_500);
      }
    }
    expect(upstream.calls).toHaveLength(1_500);
    const ready = (await (await fetch(new URL('/ready', server.url))).json()) as { degraded: string[] };
    expect(ready.degraded).toEqual(['store: lost, memory stands in for it']);
    // Now and then a small write fits, so the store may be back and lost again.
    expect(server.output()).toMatch(/"why":"(database or disk is full|disk I\/O error)".*The store is lost/);
    await server.end('SIGKILL');

    const next = await start();
    for (const ids of batches) expect((await next.ask(ids)).errors).toBeUndefined();
    expect(upstream.calls.length).toBeGreaterThan(1_500);
    expect(upstream.calls.length).toBeLessThan(3_000);
  });
});
