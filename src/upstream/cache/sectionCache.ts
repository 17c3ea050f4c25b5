import type { Clock } from '../../time.js';
import type { TraceParent } from '../../tracing.js';
import { InFlightCall } from '../call/inFlightCall.js';
import type { PaidAnswer } from '../call/pipeline.js';
import type { Call } from '../endpoints/call.js';
import type { EndpointName } from '../endpoints/table.js';
import { UpstreamError } from '../errors.js';
import type { SectionRequest } from '../section.js';
import type { AnswerStore } from './answerStore.js';
import { type Entry, entryOf } from './entry.js';
import { ageMs } from './freshness.js';
import type { KnownAnswers } from './knownAnswers.js';
import { type Found, Lookup, type Outcome, type Remembered, type Wait } from './lookup.js';
import { FailedElsewhere, NegativeCache } from './negativeCache.js';
import type { Operation } from './operation.js';
import type { CallResult, SingleFlight } from './singleFlight.js';

export interface SectionCacheOptions {
  readonly known: KnownAnswers;
  /** What processes share. Null: this one is alone. */
  readonly shared: { readonly answers: AnswerStore; readonly singleFlight: SingleFlight } | null;
  /** Makes a paid call. */
  readonly makeCall: (call: Call, inFlight: InFlightCall<CallResult>) => Promise<PaidAnswer>;
  readonly ttlSecondsOf: (endpoint: EndpointName) => number;
  /** How long past its TTL an answer may be served. */
  readonly staleMs: number;
  readonly now: Clock;
  /** Monotonic. */
  readonly elapsed: Clock;
}

/** What a look-up would do now. */
export interface Forecast {
  readonly outcome: Outcome;
  /** It would start a call to renew a stored answer. */
  readonly isRenewing: boolean;
  /** The stored answer that it would give. */
  readonly entry: Entry | null;
  /** What it would give if no call could be made. */
  readonly fallback: Entry | null;
}

/** Sections by their calls: those that are known, and one call in flight for each that is not, whoever asks for it. */
export class SectionCache {
  readonly #options: SectionCacheOptions;
  readonly #inFlight = new Map<string, InFlightCall<CallResult>>();
  readonly #negative: NegativeCache;

  constructor(options: SectionCacheOptions) {
    this.#options = options;
    this.#negative = new NegativeCache(options.now);
  }

  /** A section that memory has, without a promise. Null: it is to be looked up. */
  hit(request: SectionRequest, operation: Operation): Entry | null {
    const entry = this.#options.known.hit(request.call.key, 1000 * request.maxAgeSeconds);
    if (entry) operation.note(Lookup.hit({ request, operation, elapsed: this.#options.elapsed }, entry));
    return entry;
  }

  /** Looks sections up, with one read of the store for all. Each settles by itself, and rejects with UpstreamError. */
  lookUp(requests: readonly SectionRequest[], operation: Operation): readonly Promise<Found>[] {
    const { known, elapsed } = this.#options;
    const newest = known.newest(requests.map(({ call }) => call));
    return requests.map((request, at) => {
      const lookup = new Lookup({ request, operation, elapsed });
      operation.note(lookup);
      return lookup.run(
        (call) => waitFor(call, request.call, operation),
        async (wait, trace) => this.#find(request, (await newest[at]) ?? null, operation, wait, trace),
      );
    });
  }

  /** What look-ups would do now. Calls nothing. Answers that are read from the store stay in memory. */
  async forecast(requests: readonly SectionRequest[]): Promise<readonly Forecast[]> {
    const newest = await Promise.all(this.#options.known.newest(requests.map(({ call }) => call)));
    const remembered = await this.#remembered(
      requests.filter((request, at) => this.#needsCall(request, newest[at])),
    );
    return requests.map((request, at) => {
      const stored = newest[at] ?? null;
      const isInFlight = this.#joinable(request) !== null;
      const fallback = stored && this.#mayFallBackTo(stored, request) ? stored : null;
      if (stored && this.#isYoung(stored, request)) {
        return { outcome: 'cached', isRenewing: false, entry: stored, fallback };
      }
      if (!isInFlight && remembered.has(request)) {
        return { outcome: fallback ? 'stale' : 'cached', isRenewing: false, entry: fallback, fallback };
      }
      if (stored && this.#isServedAtOnce(stored, request)) {
        return { outcome: 'stale', isRenewing: !isInFlight, entry: stored, fallback };
      }
      return { outcome: isInFlight ? 'coalesced' : 'paid', isRenewing: false, entry: null, fallback };
    });
  }

  /** Every call in flight has ended, and what came of it is stored. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#inFlight.values()].map(({ result }) => result));
    await this.#options.shared?.singleFlight.released();
  }

  /**
   * The stored answer if it is young enough; else the result of the call in flight, or of a new one. A stale answer is
   * served at once while it is renewed, unless the operation gave `maxAgeSeconds`; and it is the fallback when the call
   * fails or the operation times out.
   */
  async #find(
    request: SectionRequest,
    stored: Entry | null,
    operation: Operation,
    wait: Wait,
    trace: TraceParent,
  ): Promise<Found | Remembered> {
    const { call, maxAgeSeconds } = request;
    if (stored && this.#isYoung(stored, request)) return fresh(stored);
    for (;;) {
      let awaited: InFlightCall<CallResult> | null = null;
      try {
        operation.throwIfOver(call.endpoint.name);
        // A call may have ended since memory was read.
        const latest = this.#options.known.hit(call.key, 1000 * maxAgeSeconds);
        if (latest) return fresh(latest);
        const joinable = this.#joinable(request);
        const remembered = joinable || maxAgeSeconds === 0 ? null : this.#negative.errorFor(call.key);
        if (remembered) return this.#fallback(stored, request) ?? { remembered };
        const inFlight = joinable ?? this.#start(request, stored, operation, trace);
        joinable?.join(operation);
        if (stored && this.#isServedAtOnce(stored, request)) {
          // If it fails, the next look-up reports it.
          inFlight.result.catch(() => {});
          return { entry: stored, isStale: true, renewal: joinable ? null : inFlight };
        }
        awaited = inFlight;
        return fresh((await wait(inFlight)).entry);
      } catch (error) {
        if (isOthersBudget(error, awaited, operation)) continue;
        const fallback = error instanceof UpstreamError ? this.#fallback(stored, request) : null;
        if (!fallback) throw error;
        return fallback;
      }
    }
  }

  #start(
    request: SectionRequest,
    stored: Entry | null,
    operation: Operation,
    trace: TraceParent,
  ): InFlightCall<CallResult> {
    const { call } = request;
    const start = async (self: InFlightCall<CallResult>) => {
      try {
        const result = await this.#make(request, stored, () => this.#pay(call, self));
        self.noteMadeBy(result.isOwn ? 'us' : 'others');
        this.#options.known.put(call.key, result.entry);
        this.#negative.forget(call.key);
        return result;
      } catch (error) {
        self.noteMadeBy(error instanceof FailedElsewhere ? 'others' : 'us');
        throw this.#negative.note(call.key, error);
      } finally {
        if (this.#inFlight.get(call.key) === self) this.#inFlight.delete(call.key);
      }
    };
    const inFlight = new InFlightCall<CallResult>(operation, start, trace);
    this.#inFlight.set(call.key, inFlight);
    return inFlight;
  }

  async #pay(call: Call, inFlight: InFlightCall<CallResult>): Promise<Entry> {
    const answer = await this.#options.makeCall(call, inFlight);
    return entryOf(call, answer, answer.value);
  }

  async #make(request: SectionRequest, stored: Entry | null, pay: () => Promise<Entry>): Promise<CallResult> {
    const { shared } = this.#options;
    if (!shared) return { entry: await pay(), isOwn: true };
    const terms = {
      accepts: (entry: Entry) => this.#isYoung(entry, request),
      acceptsFailure: request.maxAgeSeconds > 0,
      seenVersion: stored?.version ?? null,
    };
    return shared.singleFlight.run(request.call, terms, pay);
  }

  /** Of these requests, those whose last call failed in a way that is remembered, here or by another process. */
  async #remembered(requests: readonly SectionRequest[]): Promise<ReadonlySet<SectionRequest>> {
    const here = requests.filter(({ call }) => this.#negative.errorFor(call.key) !== null);
    const answers = this.#options.shared?.answers;
    const others = answers ? requests.filter((request) => !here.includes(request)) : [];
    if (!answers || others.length === 0) return new Set(here);
    const outcomes = await answers.readOutcomes(others.map(({ call }) => call));
    const elsewhere = others.filter((_, at) => {
      const failure = outcomes[at]?.failure;
      return failure && answers.isRemembered(failure);
    });
    return new Set([...here, ...elsewhere]);
  }

  /** No answer or call in flight is good enough, so that a remembered failure counts. */
  #needsCall(request: SectionRequest, stored: Entry | null | undefined): boolean {
    if (request.maxAgeSeconds === 0 || this.#joinable(request)) return false;
    return !stored || !this.#isYoung(stored, request);
  }

  /** The call in flight that the look-up can join. Null: there is none. */
  #joinable({ call }: SectionRequest): InFlightCall<CallResult> | null {
    const inFlight = this.#inFlight.get(call.key);
    return inFlight && !inFlight.isAbandoned ? inFlight : null;
  }

  #isYoung(entry: Entry, { maxAgeSeconds }: SectionRequest): boolean {
    return this.#options.known.isYoung(entry, 1000 * maxAgeSeconds);
  }

  #isServedAtOnce(stored: Entry, request: SectionRequest): boolean {
    const age = ageMs(stored, this.#options.now());
    return this.#mayFallBackTo(stored, request) && age < 1000 * request.awaitedFromSeconds;
  }

  #mayFallBackTo(stored: Entry, { call }: SectionRequest): boolean {
    const { ttlSecondsOf, staleMs, now } = this.#options;
    return ageMs(stored, now()) < 1000 * ttlSecondsOf(call.endpoint.name) + staleMs;
  }

  #fallback(stored: Entry | null, request: SectionRequest): Found | null {
    if (!stored || !this.#mayFallBackTo(stored, request)) return null;
    return { entry: stored, isStale: true, renewal: null };
  }
}

function fresh(entry: Entry): Found {
  return { entry, isStale: false, renewal: null };
}

/** When the client disconnects, a call that only it waits for is not sent. */
function waitFor(
  inFlight: InFlightCall<CallResult>,
  { endpoint }: Call,
  operation: Operation,
): Promise<CallResult> {
  return operation.waitFor(inFlight.result, endpoint.name, () => inFlight.leave(operation));
}

/** The budget of the operation that started the call is spent. One that only joined it may still pay for its own. */
function isOthersBudget(
  error: unknown,
  inFlight: InFlightCall<CallResult> | null,
  operation: Operation,
): boolean {
  const isSpent = error instanceof UpstreamError && error.code === 'BUDGET_EXCEEDED';
  return isSpent && inFlight !== null && inFlight.startedBy.payer?.name !== operation.payer?.name;
}
