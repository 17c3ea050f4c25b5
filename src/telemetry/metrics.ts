import { type Aggregator, Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { AnswerTally } from '../response/responder.js';
import type { BudgetState } from '../upstream/call/budget.js';
import type { Client } from '../upstream/client.js';
import type { Store } from '../upstream/store/store.js';

export interface MetricsOptions {
  readonly client: Pick<Client, 'status' | 'budgets'>;
  readonly store: Pick<Store, 'lostBecause'>;
  readonly tally: AnswerTally;
}

export type Metrics = Registry;

/** What a scrape of `/metrics` needs. */
export type MetricsText = Pick<Metrics, 'contentType' | 'metrics'>;

/** Metrics for Prometheus, read at each scrape. `aggregator`: how the values of several processes are combined. */
export function createMetrics({ client, store, tally }: MetricsOptions): Metrics {
  const register = new Registry();
  const gauge = (name: string, help: string, aggregator: Aggregator, read: () => number | Promise<number>) =>
    new Gauge({
      name: `xingtu_${name}`,
      help,
      aggregator,
      registers: [register],
      async collect() {
        this.set(await read());
      },
    });
  gauge('store_up', '1: the store is available. 0: it is not, and memory stands in for it.', 'min', () =>
    store.lostBecause === null ? 1 : 0,
  );
  new Counter({
    name: 'xingtu_answers_total',
    help: 'Operations by where their response came from: memo (a stored whole response), or executed.',
    labelNames: ['from'],
    registers: [register],
    collect() {
      this.reset();
      this.inc({ from: 'memo' }, tally.memo);
      this.inc({ from: 'executed' }, tally.executed);
    },
  });
  new Counter({
    name: 'xingtu_calls_paid_total',
    help: 'Calls that upstream has billed since this server started.',
    registers: [register],
    async collect() {
      this.reset();
      this.inc((await client.status()).callsTotal);
    },
  });
  const budgetGauge = (name: string, help: string, read: (state: BudgetState) => number | null) =>
    new Gauge({
      name: `xingtu_budget_${name}`,
      help,
      aggregator: 'max',
      labelNames: ['budget'],
      registers: [register],
      async collect() {
        for (const state of await client.budgets()) {
          const value = read(state);
          if (value !== null) this.set({ budget: state.name }, value);
        }
      },
    });
  budgetGauge(
    'spent_calls',
    "Calls paid since midnight in China, the server's and each API key's.",
    ({ spent }) => spent,
  );
  budgetGauge('limit_calls', 'Calls that may be paid in a day. Absent: no limit.', ({ limit }) => limit);
  budgetGauge('low', '1: four fifths or more of the limit are spent.', ({ limit, isLow }) =>
    limit === null ? null : Number(isLow),
  );
  gauge('stopped', '1: upstream said that no call can succeed, so none is made.', 'max', async () => {
    return (await client.status()).stop ? 1 : 0;
  });
  new Gauge({
    name: 'xingtu_circuit_open',
    help: '1: no calls are made to the endpoint, except probes.',
    aggregator: 'max',
    labelNames: ['endpoint'],
    registers: [register],
    async collect() {
      const { endpoints } = await client.status();
      for (const { name, circuit } of endpoints) this.set({ endpoint: name }, circuit === 'CLOSED' ? 0 : 1);
    },
  });
  return register;
}

/** Memory, CPU, garbage collection and the event loop. To be called once in each process. */
export function collectProcessMetrics(register: Metrics): void {
  collectDefaultMetrics({ register });
}
