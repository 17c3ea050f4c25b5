import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

export interface RedisServer {
  readonly url: string;
  end(): Promise<void>;
}

/** A Redis of its own, which keeps nothing on disk. Null: there is none on this machine. */
export async function startRedisServer(): Promise<RedisServer | null> {
  if (spawnSync('redis-server', ['--version']).error) return null;
  const port = await freePort();
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  await new Promise<void>((resolve, reject) => {
    const lines: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      lines.push(text);
      if (text.includes('Ready to accept connections')) resolve();
    });
    ended.then(() => reject(new Error(`redis-server ended before it listened: ${lines.join('')}`)));
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    end: async () => {
      child.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
