import type { Config } from '../../config.js';
import type { Logger } from '../../logger.js';
import { type After, type Clock, Stopwatch } from '../../time.js';
import type { EndpointName } from '../endpoints/table.js';
import { UpstreamError } from '../errors.js';
import { type Body, isPlainSuccess, readAnswer } from '../http/envelope.js';
import type { Call } from '../http/transport.js';
import type { Budgets } from './budget.js';
import { Circuits, type Ending, type OpenCircuit } from './circuit/circuits.js';
import type { StopKeeper } from './circuit/stopStore.js';
import type { Flight } from './inFlightCall.js';
import { Limiter, type Place, unwantedError } from './limiter/limiter.js';
import { Lull } from './limiter/lull.js';
import type { Rate } from './limiter/rate.js';
import { createRetry } from './retry.js';
import type { HealthRecord } from './route/health.js';
import { type Route, Router } from './route/router.js';

/** What upstream said to a call that was paid for, and whether it is a stand-in. */
export interface Reply {
  /** Null: it has nothing. */
  readonly body: Body | null;
  readonly isSandbox: boolean;
}

export interface CallerOptions {
  /** Where calls may go, in order of preference: one, or two to choose from. */
  readonly routes: readonly Route[];
  readonly stops: StopKeeper;
  readonly budgets: Budgets;
  readonly rate: Rate;
  readonly health: HealthRecord;
  readonly config: Pick<Config, 'upstreamConcurrency' | 'upstreamQueueMax' | 'upstreamRetries'>;
  readonly logger: Logger;
  readonly now: Clock;
  /** A clock that never steps. */
  readonly elapsed: Clock;
  readonly after: After;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

export interface CircuitStatus {
  readonly circuit: 'CLOSED' | 'OPEN' | 'PROBING';
  readonly circuitSince: Date | null;
}

/** Why every call fails at once. */
export interface Stop {
  readonly code: string;
  readonly upstreamCode: number | null;
  readonly since: Date;
  readonly nextProbeAt: Date | null;
}

export interface Caller {
  /** Rejects with UpstreamError. */
  call(call: Call, flight: Flight): Promise<Reply>;
  /** Where calls wait for their turn. */
  readonly queue: Pick<Limiter, 'promote' | 'leave'>;
  /** Before the first call: what stopped calls when the server last ran stops them still. */
  loadStops(): Promise<void>;
  circuitOf(endpoint: EndpointName): CircuitStatus;
  /** The circuits that let one call to the endpoint through, to find out. Null: it would fail at once. */
  dueFor(endpoint: EndpointName): readonly string[] | null;
  stop(): Stop | null;
  /** The name of the environment in use. */
  environment(): string;
  /** Whether upstream is a stand-in, whoever started it. Null: nobody knows yet. */
  isSandbox(): boolean | null;
  /** Nothing is sent any more, and what waits fails. */
  close(): void;
}

/**
 * The layers between what is kept and the network, outermost first: retry → circuit → limiter → one watched attempt →
 * transport. Each attempt asks the circuit and takes its turn anew.
 */
export function createCaller(options: CallerOptions): Caller {
  const { routes, stops, budgets, rate, health, config, logger, now, elapsed, after, random } = options;
  const limiter = new Limiter({ rate, config, elapsed, after });
  const circuits = new Circuits({
    now,
    logger,
    onStopChange: (scope, stop) => stops.save(scope, stop),
    onProbe: (scope, nextProbeAtMs) => stops.saveProbe(scope, nextProbeAtMs),
    onOpen: () => limiter.refuse((endpoint) => circuits.errorFor(endpoint)),
  });
  const router = new Router({ routes, elapsed, random, logger, onFailOver: () => circuits.forgetTrouble() });
  const retry = createRetry({ retries: config.upstreamRetries, random, after });
  const loadStops = () => stops.read((kept) => circuits.replaceStops(kept));
  stops.watch(() => void loadStops());
  const lull = new Lull(config.upstreamConcurrency);
  let isSandbox = router.current === 'sandbox' ? true : null;

  /** One HTTP request: sent, judged, noted. */
  function send(call: Call, place: Place): Promise<Reply> {
    const stopwatch = new Stopwatch(elapsed);
    return health.watch(call.endpoint.name, stopwatch, () =>
      router.run(call.creatorId, stopwatch, async (transport) => {
        const answer = await transport.send(call, place.onSent);
        stopwatch.stop();
        isSandbox = answer.isSandbox || isSandbox;
        if (limiter.hasWaiting && lull.hasRoom && isPlainSuccess(answer)) {
          // Reading it takes longer than sending the next, and each that is sent later ends later.
          place.free();
          await lull.wait();
        }
        const body = readAnswer(call.endpoint, answer, now());
        isSandbox = answer.isSandbox;
        return { body, isSandbox };
      }),
    );
  }

  /** One attempt, once the circuit and the limiter let it through. */
  function attempt(call: Call, flight: Flight): Promise<Reply> {
    const mayHaveChanged = circuits.areStopsHolding || stops.areShared;
    return mayHaveChanged ? loadStops().then(() => queue(call, flight)) : queue(call, flight);
  }

  /** From leave to line without a pause: what stops everything meanwhile fails whatever stands in line. */
  function queue(call: Call, flight: Flight): Promise<Reply> {
    const endpoint = call.endpoint.name;
    if (!flight.isWanted) {
      flight.abandon();
      throw unwantedError(endpoint);
    }
    const pass = circuits.enter(endpoint);
    const sendAndJudge = async (place: Place) => {
      let ending: Ending = 'unsent';
      try {
        const payer = flight.charge();
        const taken = budgets.take(endpoint, payer);
        const giveBack = taken instanceof Promise ? await taken : taken;
        circuits.start(pass);
        flight.sending();
        try {
          const reply = await send(call, place);
          ending = 'answered';
          flight.billed = 'yes';
          return reply;
        } catch (error) {
          if (error instanceof UpstreamError) {
            ending = error;
            flight.billed = error.billed;
          }
          if (flight.billed === 'no') giveBack();
          throw error;
        } finally {
          if (flight.billed === 'yes') budgets.notePaid(payer);
        }
      } finally {
        // Before the next in line may start, but for those that a success has let in.
        circuits.end(pass, ending);
      }
    };
    return limiter.run(endpoint, flight, sendAndJudge, () => circuits.end(pass, 'unsent'));
  }

  return {
    call: (call, flight) =>
      retry(
        () => attempt(call, flight),
        () => flight.isWanted,
      ),
    queue: limiter,
    loadStops,
    circuitOf: (endpoint) => circuitStatus(circuits.of(endpoint)),
    dueFor: (endpoint) => circuits.dueFor(endpoint),
    stop: () => stopStatus(circuits.stop),
    environment: () => router.current,
    isSandbox: () => isSandbox,
    close: () => limiter.close(),
  };
}

function circuitStatus(open: OpenCircuit | null): CircuitStatus {
  if (!open) return { circuit: 'CLOSED', circuitSince: null };
  return { circuit: open.isProbing ? 'PROBING' : 'OPEN', circuitSince: new Date(open.sinceMs) };
}

function stopStatus(open: OpenCircuit | null): Stop | null {
  return (
    open && {
      code: open.code,
      upstreamCode: open.upstreamCode,
      since: new Date(open.sinceMs),
      nextProbeAt: open.isProbing ? null : new Date(open.nextProbeAtMs),
    }
  );
}
