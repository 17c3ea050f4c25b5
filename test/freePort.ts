import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that a system gives to outgoing connections. One of those could take the port before its server does, or
 * while its server is away. So could another process of the tests, so each has a range of its own.
 */
const lowestPort = 10_000;
const portsOfProcess = 2_000;
const mostProcesses = 10;

const given = new Set<number>();

/** A port of 127.0.0.1 on which nothing listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const nth = Number(process.env['VITEST_POOL_ID'] ?? 0) % mostProcesses;
    const port = lowestPort + nth * portsOfProcess + Math.floor(Math.random() * portsOfProcess);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
