import { parseArgs } from 'node:util';
import { inMb } from '../bench/memory.js';
import { builtServer } from '../bench/program.js';
import { quantile } from '../bench/statistics.js';
import { runFuzz } from './run.js';
import type { PhaseReport, Violation } from './runPhase.js';

const usage = `Attacks the built server with broken, expensive and slow requests, while a client beside them sends small queries. Exit
code 1: a response breaks a promise of SECURITY.md.

  npm run fuzz -- [options]

  --seconds N   for all phases together (120)
  --workers N   the server's workers; 1: it serves by itself (1)
  --phase TEXT  only phases with this text in their names; may be given several times
  --request N   only the Nth request of each phase
  --seed SEED   the same seed sends the same requests
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now()) },
    seconds: { type: 'string', default: '120' },
    workers: { type: 'string', default: '1' },
    phase: { type: 'string', multiple: true, default: [] },
    request: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const command = `npm run fuzz -- --seed ${values.seed} --seconds ${values.seconds} --workers ${values.workers}`;
const columns = ['phase', 'requests', 'p99 ms', 'slowest', 'bare p99', 'cpu', 'memory', 'calls', 'statuses'];
const widths = [24, 9, 8, 8, 8, 5, 8, 6];
if (values.help) process.stdout.write(usage);
else await main();

async function main(): Promise<void> {
  process.stdout.write(`${command}\n\n${lineOf(columns)}`);
  const report = await runFuzz({
    seeds: [values.seed],
    seconds: Number(values.seconds),
    workers: Number(values.workers),
    phases: values.phase,
    ...(values.request !== undefined && { request: Number(values.request) }),
    server: builtServer,
    onPhase: (phase) => process.stdout.write(lineOf(cellsOf(phase))),
  });
  process.stdout.write(`\nmemory before: ${inMb(report.memoryBeforeBytes)}\n`);
  const lines = [
    ...report.phases.flatMap((phase) => phase.violations.map((one) => textOf(one, phase.name))),
    ...report.violations.map((one) => textOf(one, null)),
  ];
  for (const line of lines) process.stdout.write(`\nBROKEN  ${line}\n`);
  if (lines.length > 0) {
    process.exitCode = 1;
    process.stdout.write(`\nThe servers logged:\n${report.output.slice(-5_000)}\n`);
  } else process.stdout.write('\nAll promises were kept.\n');
}

function cellsOf({
  name,
  requests,
  probed,
  processorShare,
  memoryBytes,
  calls,
  statuses,
}: PhaseReport): string[] {
  const ms = (values: readonly number[], share: number) => quantile(values, share).toFixed(0);
  const counts = [...statuses].sort(([, a], [, b]) => b - a).map(([status, count]) => `${status}: ${count}`);
  return [
    name,
    String(requests),
    ms(probed.tookMs, 0.99),
    ms(probed.tookMs, 1),
    ms(probed.bareMs, 0.99),
    `${(100 * processorShare).toFixed(0)} %`,
    inMb(memoryBytes),
    String(calls),
    counts.join(', '),
  ];
}

function lineOf(cells: readonly string[]): string {
  const padded = cells.map((cell, nth) =>
    nth === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[nth] ?? 0),
  );
  return `${padded.join('  ')}\n`;
}

/** With all that is needed to send the request again. */
function textOf({ what, request, bytes }: Violation, phase: string | null): string {
  const where = phase === null ? 'whole run' : `phase "${phase}"`;
  const again = request === null ? command : `${command} --phase "${phase}" --request ${request}`;
  return `${where}: ${what}\n        again: ${again}${bytes ? `\n        bytes: ${written(bytes)}` : ''}`;
}

function written(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  return /^[\t\r\n\x20-\x7e]*$/.test(text) && text.length < 4_000
    ? JSON.stringify(text)
    : `base64 ${bytes.toString('base64')}`;
}
