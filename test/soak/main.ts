import { parseArgs } from 'node:util';
import { hasRedisServer } from '../bench/redisServer.js';
import { runSoak, type SoakReport } from './run.js';

const usage = `Servers that share a store, under traffic and everything that may happen on a bad day. Fails on a wrong answer, a call that
was paid for twice, a crash, or memory that grows.

  npm run soak -- [options]

  --minutes N     how long (10)
  --servers N     how many servers share the store (2)
  --workers N     the processes of each (2)
  --store STORE   redis or sqlite (redis, if redis-server is there)
  --clients N     how many clients ask at once (16)
  --every N       seconds from one event to the next (8)
  --seed SEED     the same seed gives the same requests and events
`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    servers: { type: 'string', default: '2' },
    workers: { type: 'string', default: '2' },
    store: { type: 'string', default: hasRedisServer() ? 'redis' : 'sqlite' },
    clients: { type: 'string', default: '16' },
    every: { type: 'string', default: '8' },
    seed: { type: 'string', default: String(Date.now()) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(usage);
else await main();

async function main(): Promise<void> {
  const { help: _, ...options } = values;
  const told = Object.entries(options).map(([name, value]) => `--${name} ${value}`);
  process.stdout.write(`npm run soak -- ${told.join(' ')}\n`);
  const report = await runSoak({
    seconds: 60 * Number(values.minutes),
    seed: values.seed,
    servers: Number(values.servers),
    workers: Number(values.workers),
    store: values.store === 'sqlite' ? 'sqlite' : 'redis',
    clients: Number(values.clients),
    eventEverySeconds: Number(values.every),
    onProgress: (soFar) => process.stdout.write(`${progress(soFar)}\n`),
  });
  process.stdout.write(`\n${figures(report)}\n`);
  if (report.broken.length > 0) process.exitCode = 1;
}

function progress({ seconds, requests, payments, memoryMb, broken }: SoakReport): string {
  return `${seconds.toFixed(0)} s: ${total(requests)} requests, ${payments.billed} calls billed, ${memoryMb.at(-1)?.toFixed(0)} MB a server, ${broken.length} promises broken`;
}

function figures({
  seconds,
  requests,
  errors,
  sections,
  events,
  payments,
  memoryMb,
  broken,
}: SoakReport): string {
  const { billed, ideal, useless, explained, unexplained } = payments;
  const tenths = Array.from(
    { length: 10 },
    (_, at) => memoryMb[Math.floor((at * memoryMb.length) / 10)] ?? Number.NaN,
  );
  return [
    `${seconds.toFixed(0)} seconds, ${total(requests)} requests`,
    list('Requests', requests),
    list('Sections of creators', sections),
    list('Errors', errors),
    list('Events', events),
    'Payments, of sections that a creator and a platform name',
    `  an ideal server would have paid ${ideal} of ${ideal + sum([...explained.values()]) + unexplained.length} calls`,
    ...[...explained].map(([reason, count]) => `  ${count} paid again ${reason}`),
    `  ${unexplained.length} paid again without a reason`,
    `  ${useless} billed without a usable answer; ${billed} billed in all, with those of other endpoints`,
    `Memory of a server, MB, over the run: ${tenths.map((mb) => mb.toFixed(0)).join(' ')}`,
    broken.length === 0 ? 'No promise was broken.' : `BROKEN, ${broken.length} times:`,
    ...broken.slice(0, 20).map((what) => `  ${what}`),
  ].join('\n');
}

function list(title: string, counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return [title, ...sorted.map(([what, count]) => `  ${count} ${what}`)].join('\n');
}

function total(counts: ReadonlyMap<string, number>): number {
  return sum([...counts.values()]);
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
