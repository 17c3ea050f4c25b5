import type { Config } from '../../config.js';
import { CodedError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { type After, type Clock, Stopwatch } from '../../time.js';
import { startAttemptSpan } from '../../tracing.js';
import type { Call } from '../endpoints/call.js';
import type { DriftRecord } from '../endpoints/drift.js';
import type { EndpointName } from '../endpoints/table.js';
import { UpstreamError, unusableAnswer, unwantedError } from '../errors.js';
import { type Body, isPlainSuccess, readAnswer } from '../http/envelope.js';
import type { Transport } from '../http/transport.js';
import type { SandboxState } from '../sandboxState.js';
import type { Budgets } from './budget.js';
import { logCall } from './callLog.js';
import type { CallObserver, CallOutcome } from './callObserver.js';
import { Circuits } from './circuit/circuits.js';
import type { Permit } from './circuit/openCircuit.js';
import { type CircuitStatus, circuitStatus, type Stop, stopStatus } from './circuit/status.js';
import type { StopStore } from './circuit/stopStore.js';
import { DecodingQueue } from './decodingQueue.js';
import type { InFlightCall } from './inFlightCall.js';
import type { Ledger, LedgerEntry } from './ledger.js';
import { Limiter, type Load, type Slot } from './limiter/limiter.js';
import type { Rate } from './limiter/rate.js';
import { createRetry } from './retry.js';
import type { HealthRecord } from './route/health.js';
import { type Route, Router } from './route/router.js';

/** The decoded answer to a call that upstream bills. */
export interface PaidAnswer {
  /** The whole answer as plain JSON text. Null: upstream has no data. */
  readonly body: string | null;
  readonly fetchedAtMs: number;
  /** A sandbox made it up. */
  readonly isSandbox: boolean;
  /** What the endpoint's decoder returned. */
  readonly value: object;
}

/** The part of an in-flight call that the pipeline works with, whatever its result. */
type InFlight = Pick<
  InFlightCall<unknown>,
  | 'startedBy'
  | 'trace'
  | 'waiters'
  | 'isWanted'
  | 'billed'
  | 'attempts'
  | 'bytes'
  | 'queued'
  | 'abandon'
  | 'noteReserved'
  | 'noteSent'
  | 'noteAnswer'
  | 'noteBilled'
>;

export interface PipelineOptions {
  /** One route, or two in order of preference. */
  readonly routes: readonly Route[];
  /** No call may be made, because the store is lost. */
  readonly isStoreMissing: () => boolean;
  readonly stops: StopStore;
  readonly budgets: Budgets;
  readonly ledger: Pick<Ledger, 'note'>;
  readonly rate: Rate;
  readonly health: HealthRecord;
  readonly drift: DriftRecord;
  readonly sandbox: SandboxState;
  readonly observer: CallObserver;
  readonly config: Pick<Config, 'upstreamConcurrency' | 'upstreamQueueMax' | 'upstreamRetries'>;
  readonly logger: Logger;
  readonly now: Clock;
  /** Monotonic. */
  readonly elapsed: Clock;
  readonly after: After;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

export interface CallPipeline {
  /** Makes one paid call. Rejects with UpstreamError. */
  run(call: Call, inFlight: InFlight): Promise<PaidAnswer>;
  /** Loads the stored stops. Await it before the first call. */
  loadStops(): Promise<void>;
  circuitOf(endpoint: EndpointName): CircuitStatus;
  /** See `Circuits.dueProbes`. */
  dueProbes(endpoint: EndpointName): readonly string[] | null;
  stop(): Stop | null;
  /** The name of the environment in use. */
  environment(): string;
  load(): Load;
  /** Sends nothing more, and fails the calls in the queue. */
  close(): void;
}

/** One paid call, from its budget to its decoded answer. In `run` each step calls the next one, and none calls back. */
export function createPipeline(options: PipelineOptions): CallPipeline {
  const { routes, stops, budgets, ledger, rate, health, drift, sandbox, observer, config, logger } = options;
  const { now, elapsed, after, random } = options;
  const retry = createRetry({ retries: config.upstreamRetries, random, after });
  const limiter = new Limiter({ rate, config, elapsed, after });
  const router = new Router({ routes, elapsed, random, logger });
  const decodingQueue = new DecodingQueue(config.upstreamConcurrency);
  const circuits = new Circuits({
    now,
    logger,
    failovers: () => router.failovers,
    onStopChange: (scope, stop) => stops.save(scope, stop),
    onProbe: (scope, nextProbeAtMs) => stops.saveProbe(scope, nextProbeAtMs),
    // Calls that queued before the circuit opened must fail, too.
    onOpen: () => limiter.refuse((endpoint) => circuits.errorFor(endpoint)),
  });
  const loadStops = () => stops.read((stored) => circuits.replaceStops(stored));
  stops.watch(() => void loadStops());

  function run(call: Call, inFlight: InFlight): Promise<PaidAnswer> {
    return recorded(call, inFlight, () => make(call, inFlight));
  }

  /** When the call has ended, logs and counts it, and enters it in the ledger unless it was not billed. */
  async function recorded<T>(call: Call, inFlight: InFlight, next: () => Promise<T>): Promise<T> {
    const atMs = now();
    const stopwatch = new Stopwatch(elapsed);
    let outcome: LedgerEntry['outcome'] = 'OK';
    let failure: unknown = null;
    try {
      return await next();
    } catch (error) {
      outcome = error instanceof CodedError ? error.code : 'INTERNAL_SERVER_ERROR';
      failure = error;
      throw error;
    } finally {
      const { billed, attempts, bytes, startedBy } = inFlight;
      const { operationName, requestId } = startedBy;
      const payer = startedBy.payer?.name ?? null;
      const entry = { call, payer, operationName, outcome, attempts, atMs, ms: stopwatch.ms };
      if (billed !== 'no') ledger.note({ ...entry, billed });
      observer.call(call.endpoint.name, callOutcome(inFlight), payer);
      logCall(logger, { ...entry, billed, requestId, bytes, error: failure });
    }
  }

  async function make(call: Call, inFlight: InFlight): Promise<PaidAnswer> {
    const { body, isSandbox } = await withinBudget(call, inFlight, () =>
      retry(inFlight, () =>
        throughCircuit(call, inFlight, (permit) =>
          throughLimiter(call, inFlight, permit, (slot) =>
            throughRouter(call, (transport, stopwatch) => send(call, inFlight, transport, slot, stopwatch)),
          ),
        ),
      ),
    );
    if (body) drift.noteBody(call, body.data);
    const fetchedAtMs = now();
    const value = decode(call, body, fetchedAtMs);
    return { body: body?.text ?? null, fetchedAtMs, isSandbox, value };
  }

  /** Reserves the call in the budgets, and releases it if it was not billed. */
  async function withinBudget<T>({ endpoint }: Call, inFlight: InFlight, next: () => Promise<T>): Promise<T> {
    const { payer } = inFlight.startedBy;
    throwIfStoreIsMissing(endpoint.name);
    const reserving = budgets.reserve(endpoint.name, payer);
    const release = reserving instanceof Promise ? await reserving : reserving;
    inFlight.noteReserved();
    try {
      return await next();
    } finally {
      if (inFlight.billed === 'no') release();
      if (inFlight.billed === 'yes') budgets.notePaid(payer);
    }
  }

  /** Each attempt needs a permit of its own. */
  async function throughCircuit<T>(
    { endpoint }: Call,
    inFlight: InFlight,
    next: (permit: Permit) => Promise<T>,
  ): Promise<T> {
    if (circuits.hasStops || stops.areShared) await loadStops();
    // No `await` from here until the call is queued, or a stop that opens in between would miss it.
    if (!inFlight.isWanted) {
      inFlight.abandon();
      throw unwantedError(endpoint.name);
    }
    const permit = circuits.enter(endpoint.name);
    return next(permit).finally(() => circuits.release(permit));
  }

  /** Waits for a slot. The circuits see an attempt's outcome before its slot goes to another call. */
  function throughLimiter<T>(
    { endpoint }: Call,
    inFlight: InFlight,
    permit: Permit,
    next: (slot: Slot) => Promise<T>,
  ): Promise<T> {
    return limiter.run(endpoint.name, inFlight, async (slot) => {
      // The store may have been lost since the budget was reserved in it, or by that.
      throwIfStoreIsMissing(endpoint.name);
      return circuits.watch(permit, async () => {
        inFlight.noteSent();
        try {
          const result = await next(slot);
          inFlight.noteBilled('yes');
          return result;
        } catch (error) {
          if (error instanceof UpstreamError) inFlight.noteBilled(error.billed);
          throw error;
        }
      });
    });
  }

  /** Without the store, other servers may spend the same budget, and pay for the same call. */
  function throwIfStoreIsMissing(endpoint: EndpointName): void {
    if (options.isStoreMissing()) throw storeMissingError(endpoint);
  }

  /** Chooses the environment, and records health and durations. */
  function throughRouter<T>(
    { endpoint, args, key }: Call,
    next: (transport: Transport, stopwatch: Stopwatch) => Promise<T>,
  ): Promise<T> {
    const stopwatch = new Stopwatch(elapsed);
    const subject = endpoint.subject(args) ?? key;
    return measured(endpoint.name, stopwatch, () =>
      health.watch(endpoint.name, stopwatch, () =>
        router.run(subject, stopwatch, (transport) => next(transport, stopwatch)),
      ),
    );
  }

  async function measured<T>(
    endpoint: EndpointName,
    stopwatch: Stopwatch,
    next: () => Promise<T>,
  ): Promise<T> {
    try {
      const result = await next();
      observer.attempt(endpoint, 'OK', stopwatch.ms);
      return result;
    } catch (error) {
      if (error instanceof UpstreamError) observer.attempt(endpoint, error.code, stopwatch.ms);
      throw error;
    }
  }

  /** One HTTP request. */
  async function send(
    call: Call,
    inFlight: InFlight,
    transport: Transport,
    slot: Slot,
    stopwatch: Stopwatch,
  ): Promise<{ readonly body: Body | null; readonly isSandbox: boolean }> {
    const span = startAttemptSpan(inFlight.trace, call.endpoint.path, inFlight.attempts - 1);
    let errorCode: string | null = null;
    try {
      const answer = await transport.send(call, slot.onSent, span);
      stopwatch.stop();
      inFlight.noteAnswer(answer.body);
      const { isSandbox } = answer;
      if (isSandbox) sandbox.noteAnswer(true);
      if (limiter.hasWaiting && decodingQueue.hasRoom && isPlainSuccess(answer)) {
        slot.free();
        await decodingQueue.wait();
      }
      const body = readAnswer(call.endpoint, answer, now());
      sandbox.noteAnswer(isSandbox);
      return { body, isSandbox };
    } catch (error) {
      errorCode = error instanceof UpstreamError ? error.code : 'INTERNAL_SERVER_ERROR';
      throw error;
    } finally {
      span.end(errorCode);
    }
  }

  /** Decoders never throw. If one does, by a bug, the answer was billed and is useless. */
  function decode({ endpoint }: Call, body: Body | null, fetchedAtMs: number): object {
    const onDrift = (path: string) => drift.noteUnreadable(endpoint.name, path);
    try {
      return endpoint.decode(body?.data ?? {}, onDrift, fetchedAtMs);
    } catch (cause) {
      throw unusableAnswer({ endpoint: endpoint.name, billed: 'yes', cause }, "its values can't be read");
    }
  }

  return {
    run,
    loadStops,
    circuitOf: (endpoint) => circuitStatus(circuits.of(endpoint)),
    dueProbes: (endpoint) => circuits.dueProbes(endpoint),
    stop: () => stopStatus(circuits.stop),
    environment: () => router.current,
    load: () => limiter.load,
    close: () => limiter.close(),
  };
}

function callOutcome({ billed, attempts }: Pick<InFlight, 'billed' | 'attempts'>): CallOutcome {
  if (billed === 'yes') return 'paid';
  if (billed === 'maybe') return 'uncertain';
  return attempts === 0 ? 'not_sent' : 'unbilled';
}

/** When a lost store may be back. It is checked every second. */
const storeMissingSeconds = 5;

function storeMissingError(endpoint: string): UpstreamError {
  return new UpstreamError(
    'UPSTREAM_UNAVAILABLE',
    'The store is lost, and this server makes no calls without it (STORE_REQUIRED). Stored answers in its memory are still served. Try again in a moment.',
    { endpoint, billed: 'no', isHeldBack: true, retryAfterSeconds: storeMissingSeconds },
  );
}
