import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { isMet, report } from './benchmark.js';
import { bulk } from './bulk.js';
import { cold } from './cold.js';
import { defer } from './defer.js';
import { growth } from './growth.js';
import { hits } from './hits.js';
import { largeAnswers } from './large.js';
import { size } from './size.js';
import { warm } from './warm.js';
import { writers } from './writers.js';

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { requests: { type: 'string', default: '10000000' } },
});

const requests = Number(values.requests);
if (!Number.isInteger(requests) || requests < 1) {
  process.stderr.write(`Expected --requests to be a whole number above 0, but got ${values.requests}.\n`);
  process.exit(1);
}

const usual = [bulk, cold, defer, hits, largeAnswers, size, warm, writers];
/** `growth` takes so long that it only runs when it is named. */
const benchmarks = [...usual, growth(requests)];

const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  const known = benchmarks.map(({ name }) => name).join(', ');
  process.stderr.write(`Expected benchmarks among ${known}, but got ${unknown.join(', ')}.\n`);
  process.exit(1);
}

process.stdout.write(`Node ${process.version}, ${availableParallelism()} cores, ${cpus()[0]?.model}\n`);
for (const benchmark of names.length > 0 ? benchmarks.filter(({ name }) => names.includes(name)) : usual) {
  const outcome = await benchmark.run();
  process.stdout.write(`\n${report(benchmark, outcome)}\n`);
  if (!outcome.bounds.every(isMet)) process.exitCode = 1;
}
