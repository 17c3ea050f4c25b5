import { parseArgs } from 'node:util';
import { table } from './benchmark.js';
import { type ChaosReport, runChaos } from './chaos/run.js';
import { builtServer } from './program.js';
import { quantile } from './statistics.js';

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '20000' },
    creators: { type: 'string', default: '800' },
    rate: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now()) },
  },
});

const options = Object.entries(values).map(([name, value]) => `--${name} ${value}`);
process.stdout.write(`npm run chaos -- ${options.join(' ')}\n`);
const report = await runChaos({
  seed: values.seed,
  operations: Number(values.operations),
  creators: Number(values.creators),
  callsPerSecond: Number(values.rate),
  server: builtServer,
});
process.stdout.write(`\n${figures(report)}\n\n${verdicts(report)}\n`);
if (report.checks.some(({ broken }) => broken.length > 0)) process.exitCode = 1;

function figures({ ledger, answers, tookMs, disconnected, durationMs, memoryKb }: ChaosReport): string {
  const inMb = (kb: number | null) => (kb === null ? 'unknown' : `${(kb / 1024).toFixed(0)} MB`);
  return table([
    ['seconds', (durationMs / 1000).toFixed(1)],
    ['operations answered', String(tookMs.length)],
    ['clients that disconnected', String(disconnected)],
    ['operation p50, p95', `${quantile(tookMs, 0.5).toFixed(0)}, ${quantile(tookMs, 0.95).toFixed(0)} ms`],
    ['calls', String(ledger.calls)],
    ['billed', String(ledger.billed)],
    ['  of these failed', String(ledger.billedFailures)],
    ['made again after a minute', String(ledger.askedAgain)],
    ['most calls in a second', String(ledger.fullestSecond.calls)],
    ['memory after a quarter, at the end', memoryKb.map(inMb).join(', ')],
    ...counts('faults: ', ledger.faults),
    ...counts('sections: ', answers.outcomes),
    ...counts('sections by calls: ', ledger.callsPerSection),
  ]);
}

function counts(name: string, of: ReadonlyMap<string | number, number>): string[][] {
  return [...of].sort(([, a], [, b]) => b - a).map(([what, count]) => [`${name}${what}`, String(count)]);
}

function verdicts({ checks }: ChaosReport): string {
  return checks
    .map(({ promise, cases, broken }) => {
      const some = broken.slice(0, 5).map((what) => `\n          ${what}`);
      return `${broken.length === 0 ? 'held  ' : 'BROKEN'}  ${promise} (${cases}${broken.length === 0 ? '' : `, broken ${broken.length} times`})${some.join('')}`;
    })
    .join('\n');
}
