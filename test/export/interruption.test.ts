import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder, temporaryStore, testToken } from '../fixtures.js';
import { gatedUpstream, success } from '../harness.js';
import { start } from '../program.js';
import { fileWith, manyIds } from './material.js';

/** For conditions that another process brings about, on a busy machine. */
const patiently = { timeout: 20_000 };

describe('an interrupted export', () => {
  it('of 500 creators, twice, pays exactly once for each section, and loses nothing', async () => {
    const ids = manyIds(500);
    const upstream = await gatedUpstream((call) =>
      success({ nick_name: `张${call.split(' ')[1]}`, industry_tags: ['游戏'] }),
    );
    const out = join(await temporaryFolder(), 'out.csv');
    const env = {
      JUSTONEAPI_TOKEN: testToken,
      JUSTONEAPI_BASE_URL: upstream.baseUrl,
      STORE_URL: await temporaryStore(),
      UPSTREAM_CONCURRENCY: '8',
      QUERY_MAX_CALLS: '100',
    };
    const list = await fileWith(ids.join('\n'));
    const args = ['export', list, '-o', out, '--yes', '--fields', 'id,name,price21To60'];
    /** Rows that have a name. */
    const rows = async () =>
      (await readFile(out, 'utf8')).split('\r\n').filter((line) => /^\d+,张/.test(line)).length;

    let calls = 0;
    for (const [until, signal, exitCode] of [
      [150, 'SIGINT', 130],
      [480, 'SIGTERM', 143],
    ] as const) {
      const running = start(env, { args });
      upstream.open();
      await vi.waitFor(() => expect(upstream.calls.length).toBeGreaterThan(until), patiently);
      upstream.shut();
      const shutAt = upstream.calls.length;
      await vi.waitFor(() => expect(upstream.calls.length).toBeGreaterThan(shutAt + 3), patiently);
      // The first groups are stored in the second run, and are written before the job is done.
      if (until === 480) await vi.waitFor(async () => expect(await rows()).toBeGreaterThan(20), patiently);
      running.process.kill(signal);
      await vi.waitFor(() => expect(running.err).toContain('Waiting for the calls in flight'), patiently);
      const inFlight = upstream.calls.length;
      upstream.open();
      expect(await running.ended).toBe(exitCode);
      // What waited in the queue was not called.
      expect(upstream.calls).toHaveLength(inFlight);
      expect(running.err).toContain('Run the same command again: what was paid for is stored.');
      expect(await rows()).toBeGreaterThan(20);
      expect(upstream.calls.length).toBeGreaterThan(calls);
      calls = upstream.calls.length;
      expect(calls).toBeLessThan(1000);
    }

    const last = start(env, { args });
    expect(await last.ended).toBe(0);
    expect(last.err).toContain(
      `500 creators × 2 sections: ${1000 - calls} calls to pay, ${calls} are stored.`,
    );
    expect(await rows()).toBe(500);
    expect(upstream.calls).toHaveLength(1000);
    expect(new Set(upstream.calls).size).toBe(1000);
    expect(last.out + last.err).not.toContain(testToken);
  });

  it('of a workbook writes what there is', async () => {
    const upstream = await gatedUpstream(() => success({ nick_name: '张' }));
    const out = join(await temporaryFolder(), 'out.xlsx');
    const env = {
      JUSTONEAPI_TOKEN: testToken,
      JUSTONEAPI_BASE_URL: upstream.baseUrl,
      STORE_URL: await temporaryStore(),
      QUERY_MAX_CALLS: '10',
      UPSTREAM_CONCURRENCY: '2',
    };
    const list = await fileWith(manyIds(60).join('\n'));
    const running = start(env, { args: ['export', list, '-o', out, '-y', '--fields', 'id,name'] });
    upstream.open();
    await vi.waitFor(() => expect(upstream.calls.length).toBeGreaterThan(25), patiently);
    upstream.shut();
    running.process.kill('SIGINT');
    upstream.open();
    expect(await running.ended).toBe(130);
    const { readSheet } = await import('read-excel-file/node');
    const named = (await readSheet(out, '达人')).slice(1).filter(([, name]) => name === '张');
    expect(named.length).toBeGreaterThan(0);
    expect(named.length).toBeLessThanOrEqual(upstream.calls.length);
  });
});
