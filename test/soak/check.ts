import { errorCodes } from '../../src/errors.js';
import { partsOfId } from '../../src/schema/opaqueId.js';
import type { Answers } from '../bench/chaos/answers.js';
import type { Answer } from '../harness.js';
import { allPartsOf, merged } from '../incrementalParts.js';
import { type DatedSection, differences, type Path, sectionsIn, valueAt } from './differences.js';
import type { Payments } from './payments.js';
import type { Reference } from './reference.js';
import { type Request, tightBudget } from './traffic.js';

export interface CheckerOptions {
  readonly reference: Reference;
  readonly payments: Payments;
  /** Compares the sections of five endpoints with the sandbox's own bodies, without the reference. */
  readonly answers: Answers;
  readonly ttlMs: number;
  readonly staleMs: number;
  /** That have the store in common. */
  readonly processes: number;
}

/** The codes that a section may have because of what the sandbox does. */
const causedByUpstream: ReadonlySet<unknown> = new Set([
  'UPSTREAM_COLLECTION_FAILED',
  'UPSTREAM_RATE_LIMITED',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_INVALID_RESPONSE',
  'UPSTREAM_BALANCE_EXHAUSTED',
]);

const known: ReadonlySet<unknown> = new Set(errorCodes);

/** Clocks count milliseconds. */
const toleranceMs = 5;

/**
 * A client that wants a newer answer joins a call in flight. That may have its answer already, and wait for the store, for as
 * long as Redis may take to answer.
 */
const joinedMs = 4_000;

/** A response that the server ended before it was whole. */
export class LostHalfWay extends Error {
  override readonly name = 'LostHalfWay';
}

/** Checks responses, and collects what is wrong with them. */
export class Checker {
  readonly wrong: string[] = [];
  /** Errors by code. */
  readonly errors = new Map<string, number>();
  /** What the key with the tight budget has paid at the most, by the server's own count. */
  tightlyPaid = 0;
  values = 0;
  readonly #options: CheckerOptions;
  readonly #etags = new Map<string, string>();

  constructor(options: CheckerOptions) {
    this.#options = options;
  }

  /** Headers that a client adds from what it was sent before. */
  headersFor({ kind, path }: Request): Record<string, string> {
    const etag = kind === 'etag' ? this.#etags.get(path) : undefined;
    return etag === undefined ? {} : { 'if-none-match': etag };
  }

  /**
   * `sentAtMs`: when the request was sent. Returns how it ended: `ok`, `304` or the codes of its errors. Rejects when the
   * connection was lost.
   */
  async check(request: Request, response: Response, sentAtMs: number): Promise<string> {
    const { status } = response;
    if (status === 304) {
      await response.arrayBuffer();
      const sent = this.#etags.get(request.path);
      if (response.headers.get('etag') !== sent) this.#wrong(request, `304, but not for ${sent}`);
      return '304';
    }
    if (request.kind === 'csv') return this.#checkCsv(request, status, await response.text());
    const { answer, text } = await this.#read(request, response);
    const receivedAtMs = Date.now();
    this.#checkSections(request, answer, sentAtMs, receivedAtMs);
    const expected = await this.#options.reference.answerTo(request);
    if (status !== expected.status) {
      this.#wrong(request, `HTTP ${status} instead of ${expected.status}: ${JSON.stringify(answer)}`);
      return `HTTP ${status}`;
    }
    const etag = response.headers.get('etag');
    if (etag !== null) this.#etags.set(request.path, etag);
    if (request.kind === 'sections' && text !== null) await this.#options.answers.check(text);
    const codes = this.#compare(request, answer, JSON.parse(expected.text));
    this.#checkCost(request, answer);
    return [...new Set(codes)].sort().join(' ') || 'ok';
  }

  async #read(request: Request, response: Response): Promise<{ answer: Answer; text: string | null }> {
    if (request.kind !== 'defer') {
      const text = await response.text();
      try {
        return { answer: JSON.parse(text), text };
      } catch {
        const head = JSON.stringify([...response.headers]);
        throw new LostHalfWay(`Not JSON: ${response.status} ${head} ${text.slice(0, 200)}`);
      }
    }
    const parts = await allPartsOf(response);
    const last = parts.at(-1);
    if (!last || last.hasNext === true) throw new LostHalfWay('The parts have no end.');
    return { answer: merged(parts), text: null };
  }

  #wrong({ kind, body, path }: Request, what: string): void {
    this.wrong.push(`${kind}: ${what.slice(0, 500)} (${(body ?? path).slice(0, 300)})`);
  }

  /** Compares the data and the errors with those of the reference. Returns the codes. */
  #compare(request: Request, answer: Answer, expected: Answer): string[] {
    const { data = null, errors = [] } = answer;
    const codeAt = new Map<string, string>();
    const expectedCodes = new Set(
      (expected.errors ?? []).map(({ path, extensions }) => `${extensions['code']} at ${path}`),
    );
    for (const { message, path, extensions = {} } of errors) {
      const code = String(extensions['code']);
      this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
      codeAt.set(String(path), code);
      const isExpected = expectedCodes.delete(`${code} at ${path}`);
      const isOfBudget = code === 'BUDGET_EXCEEDED' && request.kind === 'tight budget';
      if (!isExpected && !causedByUpstream.has(code) && !isOfBudget)
        this.#wrong(request, `${code} at ${path}: ${message}`);
      if (!known.has(code)) this.#wrong(request, `a code that is in no table: ${code}`);
      if (typeof extensions['requestId'] !== 'string') this.#wrong(request, `no requestId: ${message}`);
      if (path && valueAt(data, path)) this.#wrong(request, `an error beside data at ${path}`);
    }
    for (const missing of expectedCodes) this.#wrong(request, `no error where there should be ${missing}`);
    // A field that can't be null takes the object that it is in along.
    const isFailed = (path: Path) =>
      errors.some((error) => path.every((step, nth) => error.path?.[nth] === step));
    for (const difference of differences(data, expected.data ?? null, isFailed))
      this.#wrong(request, difference);
    this.#checkIds(request, data);
    if (request.kind === 'tight budget') this.#checkBudget(request, data);
    return [...codeAt.values()];
  }

  /** The ids to the last digit, in their order. */
  #checkIds(request: Request, data: Answer['data']): void {
    if (request.ids.length === 0 || !data) return;
    const creators: readonly ({ readonly id: string } | null)[] = data.creators ?? [data.creator];
    const ids = creators.map((creator) => creator?.id);
    if (ids.join() !== request.ids.join()) this.#wrong(request, `the ids ${ids} instead of ${request.ids}`);
  }

  /** While the store is away, each process may spend what is left. */
  #checkBudget(request: Request, data: Answer['data']): void {
    if (!data || data.upstream === null) return;
    const callsToday = Number(data.upstream?.callsToday);
    if (Number.isNaN(callsToday)) this.#wrong(request, 'the response does not say what the key has paid');
    const { payments, processes } = this.#options;
    this.tightlyPaid = Math.max(this.tightlyPaid, callsToday);
    if (callsToday > tightBudget * (1 + payments.storeLosses * processes))
      this.#wrong(request, `${callsToday} calls of ${tightBudget} were paid`);
  }

  #checkCost(request: Request, { extensions, data, errors }: Answer): void {
    const cost = extensions?.cost;
    if (!cost) return;
    const { requestedCalls, paidCalls, cachedCalls, coalescedCalls, failedCalls } = cost;
    const numbers = Object.values(cost).filter((value) => typeof value === 'number');
    if (numbers.some((value) => value < 0) || cost.uncertainCalls > failedCalls)
      this.#wrong(request, `impossible costs: ${JSON.stringify(cost)}`);
    if (paidCalls + cachedCalls + coalescedCalls + failedCalls !== requestedCalls)
      this.#wrong(request, `outcomes do not add up: ${JSON.stringify(cost)}`);
    if (request.kind === 'dry run' && (data !== null || errors?.[0]?.extensions['code'] !== 'DRY_RUN'))
      this.#wrong(request, `a dry run was executed: ${JSON.stringify(cost)}`);
  }

  #checkSections(request: Request, { data }: Answer, sentAtMs: number, receivedAtMs: number): void {
    const { payments, ttlMs, staleMs } = this.#options;
    const { demand } = request;
    const mostMs = demand ? 1_000 * demand.maxAgeSeconds : ttlMs;
    const freshMs = demand ? mostMs + joinedMs : mostMs;
    for (const section of sectionsIn(data)) {
      const { id, fetchedAt, isStale, history = [] } = section;
      const fetchedAtMs = Date.parse(fetchedAt);
      const [callKey = ''] = partsOfId(id) ?? [];
      const unpaid = payments.received(callKey, fetchedAtMs);
      if (unpaid) this.#wrong(request, unpaid);
      const oldestMs = isStale ? sentAtMs - ttlMs - staleMs : sentAtMs - freshMs;
      const newestMs = isStale ? receivedAtMs - mostMs : receivedAtMs;
      if (fetchedAtMs < oldestMs - toleranceMs || fetchedAtMs > newestMs + toleranceMs) {
        const age = `${sentAtMs - fetchedAtMs} ms old when asked, ${receivedAtMs - fetchedAtMs} ms when received`;
        this.#wrong(request, `isStale: ${isStale}, but ${age}: ${callKey}`);
      }
      this.#checkHistory(request, section, history);
      this.values += 1;
    }
  }

  /** The sandbox's answers never change, so the earlier ones have the same values. */
  #checkHistory(request: Request, section: DatedSection, history: readonly DatedSection[]): void {
    const valuesOf = ({ id: _, fetchedAt, isStale, history, ...values }: DatedSection) =>
      JSON.stringify(values);
    const times = history.map(({ fetchedAt }) => Date.parse(fetchedAt));
    const isOrdered = times.every((ms, nth) => ms <= (times[nth - 1] ?? Date.parse(section.fetchedAt)));
    const areSame = history.every((earlier) => valuesOf(earlier) === valuesOf(section) && !earlier.isStale);
    if (!isOrdered || !areSame || history.length > 3)
      this.#wrong(request, `history ${JSON.stringify(history)} of ${JSON.stringify(section)}`);
  }

  async #checkCsv(request: Request, status: number, text: string): Promise<string> {
    const expected = await this.#options.reference.answerTo(request);
    if (status !== 200) {
      if ((status !== 503 && status !== 429) || !text.endsWith('\n'))
        this.#wrong(request, `HTTP ${status}: ${text}`);
      return `HTTP ${status}`;
    }
    const [rows, expectedRows] = [text, expected.text].map((csv) => csv.trim().split('\r\n'));
    let isPartial = false;
    for (const [nth, expectedRow] of (expectedRows ?? []).entries()) {
      const row = rows?.[nth] ?? '';
      if (row === expectedRow) continue;
      isPartial = true;
      const [id] = expectedRow.split(',');
      if (!new RegExp(`^${id},+\\S`).test(row)) this.#wrong(request, `${row} instead of ${expectedRow}`);
    }
    if (rows?.length !== expectedRows?.length) this.#wrong(request, `${rows?.length} rows: ${text}`);
    return isPartial ? 'partial' : 'ok';
  }
}
