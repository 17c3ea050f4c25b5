import { describe, expect, it } from 'vitest';
import type { Failure } from '../../src/columns/failures.js';
import type { Cost } from '../../src/cost/report.js';
import type { Ask, GroupAnswer } from '../../src/export/ask.js';
import { NoAnswerError } from '../../src/export/executor.js';
import { runJob } from '../../src/export/job.js';
import type { CreatorRow } from '../../src/export/rowQueue.js';
import { cost } from '../harness.js';

const answerOf = (ids: readonly string[], some: Partial<Cost>): GroupAnswer => ({
  creators: ids.map((id) => ({ id, profile: { name: id } })),
  failures: [],
  cost: cost(some),
  isSandbox: false,
});

/** Each group has one creator. `plan`, `answer`: what the dry run and the operation say, by the id. */
async function run(options: {
  readonly ids: readonly string[];
  readonly paidCalls: number;
  readonly plan: (id: string) => Partial<Cost>;
  readonly answer: (id: string, nth: number) => GroupAnswer;
  readonly signal?: AbortSignal;
}) {
  const asked: string[] = [];
  const rows: CreatorRow[] = [];
  const ask: Ask = async (ids, { isDryRun = false } = {}) => {
    const [id = ''] = ids;
    if (isDryRun) return answerOf(ids, options.plan(id));
    asked.push(id);
    return options.answer(id, asked.filter((one) => one === id).length);
  };
  const result = await runJob({
    price: {
      groups: options.ids.map((id) => [id]),
      callsPerCreator: 1,
      paidCalls: options.paidCalls,
      renewalCalls: 0,
      cachedCalls: 0,
      spend: null,
      isSandbox: false,
    },
    ask,
    write: async (written) => void rows.push(...written),
    onProgress: () => {},
    signal: options.signal ?? new AbortController().signal,
    wait: async () => {},
  });
  return { ...result, asked, rows };
}

describe('a job', () => {
  it('stops before it pays for more than its price, when stored answers have expired since', async () => {
    const { asked, totals, stop, missing } = await run({
      ids: ['1', '2', '3'],
      paidCalls: 1,
      plan: () => ({ paidCalls: 1 }),
      answer: (id) => answerOf([id], { paidCalls: 1 }),
    });
    expect(asked).toEqual(['1']);
    expect(totals.paidCalls).toBe(1);
    expect(stop).toMatchObject({ code: 'PRICE_RISEN' });
    expect(missing).toBe(2);
  });

  const lost = (mayHavePaid: boolean) => {
    throw new NoAnswerError('It does not answer.', { mayHavePaid });
  };

  it('counts calls as paid whose response was lost, and asks again only for what is stored by then', async () => {
    let isStored = false;
    const options = (willBeStored: boolean) => ({
      ids: ['1'],
      paidCalls: 1,
      plan: () => (isStored ? { cachedCalls: 1 } : { paidCalls: 1 }),
      answer: (id: string, nth: number) => {
        if (nth > 1) return answerOf([id], { cachedCalls: 1 });
        isStored = willBeStored;
        return lost(true);
      },
    });
    expect(await run(options(false))).toMatchObject({
      asked: ['1'],
      failures: [{ code: 'NO_ANSWER' }],
      totals: { paidCalls: 0, uncertainCalls: 1 },
    });
    expect(await run(options(true))).toMatchObject({ asked: ['1', '1'], failures: [] });
  });

  it('asks again, when there was no connection', async () => {
    const { asked, failures } = await run({
      ids: ['1'],
      paidCalls: 1,
      plan: () => ({ paidCalls: 1 }),
      answer: (id, nth) => (nth > 1 ? answerOf([id], { paidCalls: 1 }) : lost(false)),
    });
    expect([asked, failures]).toEqual([['1', '1'], []]);
  });

  it('that is interrupted writes each creator of whom a section came', async () => {
    const interruption = new AbortController();
    const failure = (section: string): Failure => ({
      id: '1',
      section,
      code: 'UPSTREAM_UNAVAILABLE',
      message: '',
      isRetryable: true,
      retryAfterSeconds: null,
    });
    const { rows, missing } = await run({
      ids: ['1', '2'],
      paidCalls: 4,
      plan: () => ({ paidCalls: 2 }),
      signal: interruption.signal,
      answer: (id) => {
        interruption.abort();
        const creator = id === '1' ? { id, a: null, b: null, prices: { items: [] } } : { id, a: null };
        return {
          ...answerOf([id], { paidCalls: 1 }),
          creators: [creator],
          failures: [failure('a'), { ...failure('b'), id }],
        };
      },
    });
    expect(rows.map(({ id }) => id)).toEqual(['1']);
    expect(missing).toBe(1);
  });
});
