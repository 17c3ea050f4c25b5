import { parseArgs } from 'node:util';
import { hasRedisServer } from '../bench/redisServer.js';
import { mostGrowth, warmUpShare } from './memory.js';
import { reasons } from './payments.js';
import { runSoak, type SoakReport } from './run.js';
import { tightBudget } from './traffic.js';

const usage = `Servers that share a store, under traffic and everything that may happen on a bad day. Checks each value that clients get,
and each call that upstream bills. Exit code 1: an answer was wrong or lost, a call was paid for twice, an error has no reason,
a server crashed, or memory grows.

  npm run soak -- [options]

  --minutes N     how long (10)
  --processes N   how many servers share the store (2)
  --workers N     the workers of each; 1: it serves by itself (2)
  --store STORE   redis or sqlite (redis, if redis-server is there); the disk gets full only for root, on Linux
  --clients N     how many clients ask at once (16)
  --every N       seconds from one event to the next, on average (8)
  --only TEXT     only events with this text in their names, such as "Redis away"
  --seed SEED     the same seed gives the same requests and events in the same order
`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    processes: { type: 'string', default: '2' },
    workers: { type: 'string', default: '2' },
    store: { type: 'string', default: hasRedisServer() ? 'redis' : 'sqlite' },
    clients: { type: 'string', default: '16' },
    every: { type: 'string', default: '8' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: String(Date.now()) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(usage);
else await main();

async function main(): Promise<void> {
  let brokenTold = 0;
  const { help: _, ...options } = values;
  const told = Object.entries(options).flatMap(([name, value]) =>
    value === '' ? [] : `--${name} ${JSON.stringify(value)}`,
  );
  process.stdout.write(`npm run soak -- ${told.join(' ')}\n`);
  const report = await runSoak({
    seconds: 60 * numberOf('minutes'),
    seed: values.seed,
    processes: numberOf('processes'),
    workers: numberOf('workers'),
    store: storeOf(values.store),
    clients: numberOf('clients'),
    eventEverySeconds: numberOf('every'),
    onlyEvents: values.only,
    onProgress: (soFar) => {
      const toldBefore = brokenTold;
      brokenTold = soFar.broken.length;
      const first = brokenTold > toldBefore ? someOfEach(soFar.broken).map((what) => `  ${what}\n`) : [];
      process.stdout.write(`${progress(soFar)}\n${first.join('')}`);
    },
  });
  process.stdout.write(`\n${figures(report)}\n`);
  if (report.broken.length > 0) process.exitCode = 1;
}

function numberOf(name: 'minutes' | 'processes' | 'workers' | 'clients' | 'every'): number {
  const number = Number(values[name]);
  if (!(number > 0)) throw new Error(`Expected a number above 0 as --${name}, but got "${values[name]}".`);
  return number;
}

function storeOf(text: string): 'redis' | 'sqlite' {
  if (text === 'redis' || text === 'sqlite') return text;
  throw new Error(`Expected --store redis or sqlite, but got "${text}".`);
}

function progress({ seconds, requests, payments, mb, broken }: SoakReport): string {
  return `${seconds.toFixed(0)} s: ${sum(requests)} requests, ${payments.billed} calls billed, ${mb.toFixed(0)} MB, ${broken.length} promises broken`;
}

function figures(report: SoakReport): string {
  const { seconds, requests, sections, errors, events, payments, tightlyPaid, broken } = report;
  return [
    `${seconds.toFixed(0)} seconds, ${sum(requests)} requests, ${sections} sections of which each value was checked`,
    list('Requests, by kind and how they ended', requests),
    list('Errors, by code', errors),
    list('Events', events),
    paid(payments),
    `  the key with a budget of ${tightBudget} calls a day has paid ${tightlyPaid}`,
    memory(report),
    broken.length === 0 ? 'No promise was broken.' : `BROKEN, ${broken.length} times:`,
    ...someOfEach(broken).map((what) => `  ${what}`),
  ].join('\n');
}

function paid({ billed, ideal, useless, again, unexplained }: SoakReport['payments']): string {
  return [
    'Calls that upstream billed',
    `  ${billed} in all, of which ${useless} gave no usable answer`,
    `  ${ideal} an ideal server would have paid, too: nothing fresh was stored, and no failure was remembered`,
    ...Object.values(reasons).map((reason) => `  ${again.get(reason) ?? 0} again, ${reason}`),
    `  ${unexplained.length} again, for no reason`,
  ].join('\n');
}

function memory({ memory: verdicts, seconds }: SoakReport): string {
  const judged = verdicts.filter(({ mbPerMinute }) => mbPerMinute !== null);
  const told = judged.map(
    ({ name, mb, mbPerMinute, isGrowing }) =>
      `  ${name}: ${mb.map((one) => one.toFixed(0)).join(' ')}; ${mbPerMinute?.toFixed(2)} MB a minute${isGrowing ? ', GROWS' : ''}`,
  );
  const criterion = `the trend from ${(seconds * warmUpShare).toFixed(0)} s on may add ${100 * mostGrowth} % by the end`;
  return [
    `Memory in MB after garbage collection, over the run, of processes that lived to its end; ${criterion}`,
    ...told,
    `  ${verdicts.length - judged.length} other processes ended or began on the way, and are not judged`,
  ].join('\n');
}

/** A few that begin alike tell as much as all of them. */
function someOfEach(broken: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return broken.filter((what) => {
    const beginning = what.slice(0, 24);
    seen.set(beginning, (seen.get(beginning) ?? 0) + 1);
    return (seen.get(beginning) ?? 0) <= 4;
  });
}

function list(title: string, counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return [title, ...sorted.map(([what, count]) => `  ${count} ${what}`)].join('\n');
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((a, b) => a + b, 0);
}
