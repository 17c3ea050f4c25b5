import { type Aggregator, Counter, collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { BudgetState } from '../upstream/call/budget.js';
import type { Client, EndpointStatus } from '../upstream/client.js';
import type { Store } from '../upstream/store/store.js';
import type { AnswerTally } from './answerTally.js';

export interface MetricsOptions {
  readonly register: Registry;
  readonly client: Pick<Client, 'status' | 'budgets' | 'load'>;
  readonly store: Pick<Store, 'lostBecause'>;
  readonly tally: Readonly<AnswerTally>;
  /** See `Log.droppedLines`. */
  readonly droppedLines: () => number;
  /** Of this program. */
  readonly version: string;
}

export type Metrics = Registry;

/** What a scrape of `/metrics` needs. */
export type MetricsText = Pick<Metrics, 'contentType' | 'metrics'>;

const circuitStates = ['closed', 'open', 'probing'] as const;

/** Adds what is read at each scrape. `aggregator`: how the values of several processes are combined. */
export function addReadMetrics(options: MetricsOptions): void {
  const { register, client, store, tally, droppedLines, version } = options;
  const registers = [register];
  const gauge = (name: string, help: string, aggregator: Aggregator, read: () => number | Promise<number>) =>
    new Gauge({
      name: `xingtu_${name}`,
      help,
      aggregator,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  const endpointGauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    read: (status: EndpointStatus) => readonly (readonly [labels: Record<string, string>, value: number])[],
  ) =>
    new Gauge({
      name: `xingtu_${name}`,
      help,
      aggregator: 'max',
      labelNames: ['endpoint', ...labelNames],
      registers,
      async collect() {
        for (const status of (await client.status()).endpoints) {
          for (const [labels, value] of read(status)) this.set({ endpoint: status.name, ...labels }, value);
        }
      },
    });
  const budgetGauge = (name: string, help: string, read: (state: BudgetState) => number | null) =>
    new Gauge({
      name: `xingtu_budget_${name}`,
      help,
      aggregator: 'max',
      labelNames: ['budget'],
      registers,
      async collect() {
        for (const state of await client.budgets()) {
          const value = read(state);
          if (value !== null) this.set({ budget: state.name }, value);
        }
      },
    });

  new Gauge({
    name: 'xingtu_build_info',
    help: '1, with the version of this program.',
    aggregator: 'first',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  gauge('store_up', '1: the store is available. 0: it is not, and memory stands in for it.', 'min', () =>
    store.lostBecause === null ? 1 : 0,
  );
  new Counter({
    name: 'xingtu_answers_total',
    help: 'Operations by where their response came from: memo (a stored whole response), or executed.',
    labelNames: ['from'],
    registers,
    collect() {
      this.reset();
      this.inc({ from: 'memo' }, tally.memo);
      this.inc({ from: 'executed' }, tally.executed);
    },
  });
  new Counter({
    name: 'xingtu_log_lines_dropped_total',
    help: 'Log lines that were dropped, because standard error was not read in time.',
    registers,
    collect() {
      this.reset();
      this.inc(droppedLines());
    },
  });
  gauge('queue_length', 'Calls that wait to be sent.', 'sum', () => client.load().queued);
  gauge('calls_in_flight', 'Calls that were sent and not answered.', 'sum', () => client.load().inFlight);
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
  endpointGauge(
    'circuit_state',
    '1: the circuit is in this state: closed, open (no calls are made) or probing (one call is made).',
    ['state'],
    ({ circuit }) => circuitStates.map((state) => [{ state }, Number(circuit === state.toUpperCase())]),
  );
  endpointGauge(
    'drift_paths',
    "How many keys of the endpoint's bodies differ from the known shape.",
    [],
    ({ drift }) => [[{}, drift.length]],
  );
}

/** Gauges with a counter's name, which Prometheus' conventions forbid. Each has a twin by type, without the suffix. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Memory, CPU, garbage collection and the event loop. To be called once in each process. */
export function collectProcessMetrics(register: Metrics): void {
  collectDefaultMetrics({ register });
  for (const name of misnamed) register.removeSingleMetric(name);
}
