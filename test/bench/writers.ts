import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Benchmark, Series } from './benchmark.js';
import type { WriterReport } from './writersProgram.js';

const program = fileURLToPath(new URL('writersProgram.ts', import.meta.url));
const processes = 4;
const rounds = 5;
const forMs = 3_000;

/** What four processes that write as fast as they can do to each other on one SQLite file, beside four on a file each. */
export const writers: Benchmark = {
  name: 'writers',
  async run() {
    const shared: WriterReport[][] = [];
    const apart: WriterReport[][] = [];
    for (let nth = 0; nth < rounds; nth += 1) {
      apart.push(await writeAtOnce((writer) => `${writer}.db`));
      shared.push(await writeAtOnce(() => 'store.db'));
    }
    const worst = (reports: readonly WriterReport[][], of: 'worstStallMs' | 'worstWaitMs') =>
      reports.map((round) => Math.max(...round.map((report) => report[of])));
    const series = (what: string, of: 'worstStallMs' | 'worstWaitMs'): Series[] => {
      const base = worst(apart, of);
      return [
        { name: `${what}, one file`, values: worst(shared, of), base },
        { name: `${what}, a file each`, values: base, base },
      ];
    };
    const rate = (reports: readonly WriterReport[][]) =>
      reports.flat().reduce((sum, { writes }) => sum + writes, 0) / rounds / (forMs / 1000);
    return {
      unit: 'ms',
      series: [
        ...series('worst event-loop stall', 'worstStallMs'),
        ...series('worst four writes', 'worstWaitMs'),
      ],
      figures: [
        { what: 'writes a second, one file', value: rate(shared).toFixed(0) },
        { what: 'writes a second, a file each', value: rate(apart).toFixed(0) },
      ],
      bounds: [],
      bare: [],
    };
  },
};

async function writeAtOnce(nameOf: (writer: number) => string): Promise<WriterReport[]> {
  const folder = await mkdtemp(join(tmpdir(), 'xingtu-writers-'));
  const reports = await Promise.all(
    Array.from({ length: processes }, async (_, writer) => {
      const url = `sqlite:${join(folder, nameOf(writer))}`;
      const child = fork(program, [url, String(forMs)], { execArgv: ['--import', 'tsx'] });
      const [report] = (await once(child, 'message')) as [WriterReport];
      await once(child, 'exit');
      return report;
    }),
  );
  await rm(folder, { recursive: true });
  return reports;
}
