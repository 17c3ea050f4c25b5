import { Counter } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/workers/messages.js';
import { aggregate, WorkersMetrics } from '../../src/workers/metrics.js';
import { testClock, testStore } from '../fixtures.js';
import { startTestServer, type TestServer } from '../harness.js';

const query = (id: number) => `{ creator(id: "67123456789012345${id}") { profile { id } } }`;

/** As it is when it was sent to another process: it does not count on. */
async function reportOf({ telemetry }: TestServer): Promise<Report> {
  return structuredClone(await telemetry.register.getMetricsAsJSON());
}

const paidLine = (calls: number) => `xingtu_calls_paid_total{key="",endpoint="profile"} ${calls}`;

const lostStore = () => Object.assign(testStore(), { lostBecause: 'disk full' });

const linesOf = async (reports: readonly Report[]) => (await aggregate(reports).metrics()).split('\n');

/** A worker that reports when it is asked, or never. */
function worker(metrics: WorkersMetrics, nextReport: () => Report | undefined) {
  let die = () => {};
  const ended = new Promise<string>((resolve) => {
    die = () => resolve('SIGKILL');
  });
  const counting = {
    pid: 1,
    listening: Promise.resolve(''),
    ended,
    stoppedListening: new Promise<void>(() => {}),
    retire() {},
    closeConnections() {},
    end() {},
    kill() {},
    die,
    askForReport: async () => {
      const report = nextReport();
      if (!report) return new Promise<void>(() => {});
      metrics.note(counting, report);
    },
  };
  return counting;
}

describe("several processes' metrics", () => {
  it('add up paid calls, and have shared values once', async () => {
    const store = testStore();
    const env = { DAILY_MAX_CALLS: '5' };
    const [one, other] = [await startTestServer({ store, env }), await startTestServer({ store, env })];
    for (const id of [11, 12]) await one.ask(query(id));
    for (const id of [13, 14]) await other.ask(query(id));
    expect(await linesOf([await reportOf(one), await reportOf(other)])).toEqual(
      expect.arrayContaining([
        paidLine(4),
        'xingtu_answers_total{from="executed"} 4',
        'xingtu_budget_spent_calls{budget="server"} 4',
        'xingtu_budget_limit_calls{budget="server"} 5',
        'xingtu_budget_low{budget="server"} 1',
        'xingtu_store_up 1',
        'xingtu_stopped 0',
        'xingtu_circuit_state{endpoint="profile",state="closed"} 1',
      ]),
    );
    expect([...one.calls, ...other.calls]).toHaveLength(4);
  });

  it('have the worst state: a store that one has lost, calls that one has stopped', async () => {
    const [well, ill] = [await startTestServer(), await startTestServer({ store: lostStore() })];
    await ill.ask('{ creator(id: "9000000000000000601") { profile { id } } }');
    const lines = await linesOf([await reportOf(well), await reportOf(ill)]);
    expect(lines).toContain('xingtu_store_up 0');
    expect(lines).toContain('xingtu_stopped 1');
    expect(lines).toContain('xingtu_circuit_state{endpoint="prices",state="open"} 1');
    expect([...well.calls, ...ill.calls]).toHaveLength(1);
  });
});

describe('a scrape', () => {
  it('asks each worker, and still has the counters of one that has ended, but not its state', async () => {
    const server = await startTestServer({ store: lostStore() });
    await server.ask(query(11));
    const paid = await reportOf(server);
    await server.ask(query(12));
    const reports = [paid, await reportOf(server)];
    const idle = await reportOf(await startTestServer());
    const metrics = new WorkersMetrics(testClock().after);
    const [one, other] = [worker(metrics, () => reports.shift()), worker(metrics, () => idle)];
    expect(await linesOf(await metrics.scrape([one, other]))).toContain(paidLine(1));
    const lines = await linesOf(await metrics.scrape([one, other]));
    expect(lines).toContain(paidLine(2));
    metrics.note(one, paid);
    one.die();
    await one.ended;
    const after = await linesOf(await metrics.scrape([other]));
    expect(after).toContain(paidLine(1));
    expect(after).toContain('xingtu_store_up 1');
    expect(server.calls).toHaveLength(2);
  });

  it('takes the last report of a worker that is too busy to answer', async () => {
    const server = await startTestServer();
    await server.ask(query(11));
    const clock = testClock();
    const metrics = new WorkersMetrics(clock.after);
    const busy = worker(metrics, () => undefined);
    metrics.note(busy, await reportOf(server));
    const scraping = metrics.scrape([busy]);
    clock.advance(1);
    expect(await linesOf(await scraping)).toContain(paidLine(1));
    expect(server.calls).toHaveLength(1);
  });

  it('has what a killed worker counted since its last report, but not its state of then', async () => {
    const server = await startTestServer({ store: lostStore() });
    const metrics = new WorkersMetrics(testClock().after);
    const killed = worker(metrics, () => undefined);
    metrics.note(killed, await reportOf(server));
    for (const id of [11, 12, 13]) await server.ask(query(id));
    const { register } = server.telemetry;
    metrics.noteCounters(
      killed,
      (await reportOf(server)).filter(({ name }) => register.getSingleMetric(name) instanceof Counter),
    );
    const alive = await metrics.scrape([]);
    expect(await linesOf(alive)).toContain(paidLine(3));
    expect(await linesOf(alive)).toContain('xingtu_store_up 0');
    killed.die();
    await killed.ended;
    const lines = await linesOf(await metrics.scrape([]));
    expect(lines).toContain(paidLine(3));
    expect(lines).toContain('xingtu_answers_total{from="executed"} 3');
    expect(lines).not.toContain('xingtu_store_up 0');
    expect(server.calls).toHaveLength(3);
  });
});
