import { availableParallelism, cpus } from 'node:os';
import { isMet, report } from './benchmark.js';
import { bulk } from './bulk.js';
import { cold } from './cold.js';
import { defer } from './defer.js';
import { hits } from './hits.js';
import { size } from './size.js';

const benchmarks = [bulk, cold, defer, hits, size];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  const known = benchmarks.map(({ name }) => name).join(', ');
  process.stderr.write(`Expected benchmarks among ${known}, but got ${unknown.join(', ')}.\n`);
  process.exit(1);
}

process.stdout.write(`Node ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model}\n`);
for (const benchmark of benchmarks) {
  if (names.length > 0 && !names.includes(benchmark.name)) continue;
  const outcome = await benchmark.run();
  process.stdout.write(`\n${report(benchmark, outcome)}\n`);
  if (!outcome.bounds.every(isMet)) process.exitCode = 1;
}
