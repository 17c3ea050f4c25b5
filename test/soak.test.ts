import { describe, expect, it } from 'vitest';
import { endpoints } from '../src/upstream/endpoints/table.js';
import { hasRedisServer } from './bench/redisServer.js';
import { Payments } from './soak/payments.js';
import { runSoak, type SoakOptions } from './soak/run.js';

const short = { seconds: 8, seed: '1', servers: 2, workers: 1, clients: 6, eventEverySeconds: 1.5 } as const;

async function expectNothingBroken(store: SoakOptions['store']): Promise<void> {
  const report = await runSoak({ ...short, store, onProgress: () => {} });
  expect(report.broken).toEqual([]);
  expect(report.sections.get('OK')).toBeGreaterThan(50);
  expect(report.payments.ideal).toBeGreaterThan(50);
  expect([...report.events.values()].length).toBeGreaterThan(1);
}

describe('servers that share a store, on a bad day (npm run soak is the long version)', () => {
  it('break no promise over an SQLite file', () => expectNothingBroken('sqlite'));
  it.skipIf(!hasRedisServer())('break no promise over Redis', () => expectNothingBroken('redis'));
});

describe('payments', () => {
  const call = { path: endpoints.profile.path, creatorId: '7000000000000000001', platform: 'SHORT_VIDEO' };

  it('are ideal once for each time that an answer is fresh, and else need a reason', () => {
    let nowMs = 0;
    const payments = new Payments({ ttlMs: 1_000, now: () => nowMs });
    const pay = (atMs: number) => {
      nowMs = atMs;
      payments.onBilled({ ...call });
    };
    pay(0);
    pay(1_000);
    expect([payments.ideal, payments.unexplained]).toEqual([2, []]);
    pay(1_500);
    expect(payments.unexplained).toEqual(['profile 7000000000000000001 SHORT_VIDEO: again after 0.5 s']);
    nowMs = 60_000;
    payments.onBilled({ ...call });
    const end = payments.begin('after a kill');
    end();
    pay(60_400);
    expect([...payments.explained]).toEqual([['after a kill', 1]]);
    expect(payments.unexplained).toHaveLength(1);
    expect(payments.billed).toBe(5);
  });
});
