import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config.js';
import { startSandbox } from '../../src/sandbox/server.js';
import { createLog } from '../../src/telemetry/log.js';
import { namespaceOf } from '../../src/upstream/cache/storedAnswer.js';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { openDriver } from '../../src/upstream/store/open.js';
import type { Benchmark } from './benchmark.js';
import { fill, idsOf } from './fill.js';
import { collectedMemoryOf, collectingOnDemand, inMb, type Memory, memoryOf } from './memory.js';
import { builtServer, startProgram } from './program.js';
import { median } from './statistics.js';
import { postOf } from './warm/asking.js';
import { page } from './warm/documents.js';
import { startLoader } from './warm/loader.js';

const ids = idsOf(10_000);
const connections = 32;

/** Of all requests, and of each part. */
const parts = 10;
const readingsAPart = 10;

/** Caches have reached their size by then, if there are millions of requests. */
const settledParts = 3;
const mostGrowth = 1.05;

/** Memory for all sections of these creators. Otherwise each request would read the store, and ten million would take hours. */
const cacheMaxBytes = 512 * 1_048_576;

/** What caches may add to the memory of a new server: sections, and as much again of whole responses. */
const mostAddedBytes = 2 * cacheMaxBytes;

/** Whether a server's memory stays where it is, however many requests it answers. */
export function growth(requests: number): Benchmark {
  return {
    name: 'growth',
    async run() {
      const folder = await mkdtemp(join(tmpdir(), 'xingtu-growth-'));
      let calls = 0;
      const sandbox = await startSandbox({ onCall: () => (calls += 1) });
      const env = {
        PORT: '0',
        LOG_LEVEL: 'warn',
        STORE_URL: `sqlite:${folder}/store.db`,
        CACHE_MAX_BYTES: String(cacheMaxBytes),
        JUSTONEAPI_TOKEN: 'bench-7d1f09c2e6a84b35',
        JUSTONEAPI_BASE_URL: sandbox.baseUrl,
      };
      const store = await openDriver(
        { storeUrl: env.STORE_URL, cacheMaxBytes: 0 },
        createLog({ level: 'warn' }).logger,
      );
      await fill(store, namespaceOf(readConfig(env, Object.values(endpoints))), ids);
      await store.close();

      const server = await startProgram([...collectingOnDemand, ...builtServer], env);
      const loader = startLoader();
      const atStart = await collectedMemoryOf(server);
      const everyCreator = ids.map((id) => postOf(page, id));
      const count = Math.ceil(requests / parts / readingsAPart);
      let next = 0;
      const resident: number[][] = [];
      const collected: Memory[] = [];
      for (let part = 1; part <= parts; part += 1) {
        const readings: number[] = [];
        for (let nth = 0; nth < readingsAPart; nth += 1) {
          await loader.load({
            port: Number(new URL(server.url).port),
            connections,
            requests: [...everyCreator.slice(next), ...everyCreator.slice(0, next)],
            status: 200,
            count,
          });
          next = (next + count) % everyCreator.length;
          readings.push(residentIn(await memoryOf(server)));
        }
        resident.push(readings);
        collected.push(await collectedMemoryOf(server));
        const soFar = Math.round((requests / parts) * part);
        process.stdout.write(`${soFar} requests: ${inMb(median(readings))} resident\n`);
      }
      await loader.close();
      await server.end();
      await sandbox.close();
      await rm(folder, { recursive: true });
      if (calls > 0)
        throw new Error(`Expected every section from the store, but ${calls} were asked for upstream`);

      const settled = median(resident[settledParts - 1] ?? []);
      const ownAtEnd = collected.at(-1)?.ownBytes ?? Number.NaN;
      return {
        unit: 'MB',
        series: resident.map((readings, part) => ({
          name: `resident, part ${part + 1} of ${parts}`,
          values: readings.map((bytes) => bytes / 1_048_576),
          base: settled / 1_048_576,
          beside: { 'its own, collected': inMb(collected[part]?.ownBytes ?? Number.NaN) },
        })),
        figures: [
          { what: 'requests', value: String(requests) },
          { what: 'its own at start, collected', value: inMb(atStart.ownBytes) },
        ],
        bounds: [
          {
            what: `resident in the last part to that in part ${settledParts}`,
            value: median(resident.at(-1) ?? []) / settled,
            most: mostGrowth,
          },
          {
            what: `its own, collected, in the last part to that in part ${settledParts}`,
            value: ownAtEnd / (collected[settledParts - 1]?.ownBytes ?? Number.NaN),
            most: mostGrowth,
          },
          {
            what: 'what its own grew by, collected, MB',
            value: (ownAtEnd - atStart.ownBytes) / 1_048_576,
            most: mostAddedBytes / 1_048_576,
          },
        ],
        bare: [],
      };
    },
  };
}

function residentIn({ ownBytes, fileBytes }: Memory): number {
  return ownBytes + fileBytes;
}
