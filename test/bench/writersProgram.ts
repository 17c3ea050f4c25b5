import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createLog } from '../../src/telemetry/log.js';
import { openDriver } from '../../src/upstream/store/open.js';

/** What a process measured, in milliseconds. */
export interface WriterReport {
  readonly worstStallMs: number;
  readonly worstWaitMs: number;
  readonly writes: number;
}

const [storeUrl = '', forMs = '0'] = process.argv.slice(2);
const atOnce = 20;
const text = 'a'.repeat(50).concat(...Array.from({ length: 300 }, (_, nth) => `"key${nth}":${nth * 7919},`));

/** Writes as fast as it can: what a paid call writes. */
const store = await openDriver({ storeUrl, cacheMaxBytes: 0 }, createLog({ level: 'error' }).logger);
await store.check();
const delays = monitorEventLoopDelay({ resolution: 1 });
const untilMs = performance.now() + Number(forMs);
let worstWaitMs = 0;
let writes = 0;
delays.enable();
await Promise.all(
  Array.from({ length: atOnce }, async (_, lane) => {
    while (performance.now() < untilMs) {
      const key = `${process.pid}:${lane}:${writes % 500}`;
      const startedAtMs = performance.now();
      const lease = await store.lease(`lease:${key}`, { forMs: 10_000 });
      await store.set(key, text, { lifeMs: 86_400_000 });
      await store.count('calls', { by: 1, lifeMs: 86_400_000 });
      if (lease.isGranted) await lease.release();
      worstWaitMs = Math.max(worstWaitMs, performance.now() - startedAtMs);
      writes += 4;
    }
  }),
);
delays.disable();
const report: WriterReport = { worstStallMs: delays.max / 1e6, worstWaitMs, writes };
process.send?.(report);
await store.close();
