import cluster from 'node:cluster';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { forkWorker } from '../../src/workers/fork.js';
import { Supervisor } from '../../src/workers/supervisor.js';
import { recordingLogger, testClock } from '../fixtures.js';

describe('a worker for which there is no process, such as without memory', () => {
  it('could not start, which the primary survives', async () => {
    vi.spyOn(cluster, 'fork').mockImplementation(() => {
      throw new Error('spawn ENOMEM');
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const clock = testClock();
    const supervisor = new Supervisor({
      count: 2,
      fork: () =>
        forkWorker({
          env: {},
          onWaiting: () => {},
          onReport: () => {},
          onCounters: () => {},
          scrape: async () => [],
        }),
      logger: recordingLogger().logger,
      elapsed: clock.elapsed,
      after: clock.after,
    });
    await expect(supervisor.start()).rejects.toThrow('A worker could not be started (Error: spawn ENOMEM).');
    expect(supervisor.alive.size).toBe(0);
  });
});
