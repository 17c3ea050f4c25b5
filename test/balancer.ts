import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { atEnd } from './fixtures.js';

const pollEveryMs = 50;

export interface Balancer {
  readonly url: string;
  /** Whether a server is asked, by its place in the list. */
  isUsed(nth: number): boolean;
}

/**
 * Between clients and servers: it asks `/ready` every 50 ms, sends requests in turn to the servers that say 200, over
 * connections that it keeps, and repeats none. A request that fails gets 502.
 */
export async function startBalancer(origins: readonly string[]): Promise<Balancer> {
  const backends = origins.map((origin) => ({
    origin,
    isUsed: false,
    agent: new Agent({ keepAlive: true }),
  }));
  let isOver = false;
  const polling = backends.map(async (backend) => {
    for (; !isOver; await sleep(pollEveryMs)) {
      const response = await fetch(`${backend.origin}/ready`, { headers: { connection: 'close' } }).catch(
        () => null,
      );
      await response?.arrayBuffer();
      backend.isUsed = response?.status === 200;
    }
  });
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const used = backends.filter(({ isUsed }) => isUsed);
    const backend = used[turn++ % used.length];
    const fail = (why: string) => {
      outgoing.statusCode = 502;
      outgoing.end(why);
    };
    if (!backend) return fail('no server is ready');
    const { method, headers } = incoming;
    const { connection: _, ...others } = headers;
    const asked = request(
      backend.origin + incoming.url,
      { method, headers: others, agent: backend.agent },
      (answer) => {
        const { connection: _, ...answered } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 502, answered);
        answer.on('error', () => outgoing.destroy()).pipe(outgoing);
      },
    );
    asked.on('error', (error) => fail(`${backend.origin}: ${error.message}`));
    incoming.pipe(asked);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  atEnd(async () => {
    isOver = true;
    await Promise.all(polling);
    for (const { agent } of backends) agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isUsed: (nth) => backends[nth]?.isUsed ?? false,
  };
}
