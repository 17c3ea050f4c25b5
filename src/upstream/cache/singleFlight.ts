import type { After } from '../../time.js';
import type { Call } from '../endpoints/call.js';
import { UpstreamError } from '../errors.js';
import type { Lease, Refusal, Store } from '../store/store.js';
import type { AnswerStore, StoredEntry } from './answerStore.js';
import type { Entry } from './entry.js';
import { FailedElsewhere } from './negativeCache.js';
import { storeKey } from './storedAnswer.js';

/**
 * A process that dies with a lease delays the others for this long. One that lives extends its lease well before, also
 * when it gets hardly any processor time: a lease that expires meanwhile would be paid for twice.
 */
const leaseMs = 20_000;
const extendEveryMs = 5_000;

/** How often waiting processes read the store without a message, since one may be lost. */
const lookEveryMs = 1_000;

export interface SingleFlightOptions {
  readonly store: Pick<Store, 'lease'>;
  readonly namespace: string;
  readonly answers: AnswerStore;
  readonly after: After;
}

/** Which stored results are accepted instead of a call. */
export interface Terms {
  /** An answer that is stored by now. */
  accepts(entry: Entry): boolean;
  /** A remembered failure is accepted too. */
  readonly acceptsFailure: boolean;
  /** The version of the stored answer that was not good enough. Null: there was none. */
  readonly seenVersion: number | null;
}

/** What came of a call. */
export interface CallResult {
  readonly entry: Entry;
  /** This process made it. */
  readonly isOwn: boolean;
}

/** A lease that is held while a call is made and its result is stored. */
interface Hold {
  readonly version: number;
  /** Releases it once `isOver` has settled. */
  release(isOver: Promise<unknown>): void;
}

/**
 * One call for all processes that share the store. A process takes a lease before it calls. The others wait until the
 * answer or the failure is stored, and call themselves when the lease has expired without either.
 */
export class SingleFlight {
  readonly #options: SingleFlightOptions;
  /** Wakes the look-ups that wait for another process, by call key. */
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #releasing = new Set<Promise<void>>();

  constructor(options: SingleFlightOptions) {
    this.#options = options;
    options.answers.onChange((change) => this.#wake(change?.callKey ?? null));
  }

  /** Resolves when every lease is released. */
  async released(): Promise<void> {
    await Promise.all(this.#releasing);
  }

  /** Takes the lease. Then returns the stored result if the terms accept it; else calls `make` and stores its result. */
  async run(call: Call, terms: Terms, make: () => Promise<Entry>): Promise<CallResult> {
    const { store, namespace } = this.#options;
    const leaseKey = storeKey('lease', namespace, call);
    for (;;) {
      const leasing = await store.lease(leaseKey, { forMs: leaseMs });
      if (leasing.isGranted) return this.#runUnder(leasing, call, terms, make);
      const entry = await this.#resultOfHolder(leasing, call, terms);
      if (entry) return { entry, isOwn: false };
    }
  }

  async #runUnder(lease: Lease, call: Call, terms: Terms, make: () => Promise<Entry>): Promise<CallResult> {
    const { answers } = this.#options;
    let { version } = lease;
    const hold = this.#hold(lease, storeKey('lease', this.#options.namespace, call));
    let isStored: Promise<unknown> = Promise.resolve();
    try {
      const { entry: stored, failure } = await this.#outcome(call);
      // By another clock what is stored may be of a later time, and is older all the same.
      version = Math.max(version, (stored?.version ?? 0) + 1);
      if (stored && stored.version !== terms.seenVersion && terms.accepts(stored)) {
        return { entry: stored, isOwn: false };
      }
      if (failure && terms.acceptsFailure && answers.isRemembered(failure)) {
        throw new FailedElsewhere(failure.error, failure.rememberedUntilMs);
      }
      const made = await make();
      version = Math.max(version, hold.version);
      const entry: StoredEntry = { ...made, version };
      const { isNewest, isOver } = answers.write(call, entry);
      isStored = isOver;
      if (await isNewest) return { entry, isOwn: true };
      // This process was taken for dead, and another call has ended since.
      const [newest] = await answers.read([call]);
      return { entry: newest ?? entry, isOwn: true };
    } catch (error) {
      // Why this process does not call now is no reason for another not to.
      if (error instanceof UpstreamError && !error.isHeldBack) {
        await answers.writeFailure(call, Math.max(version, hold.version), error);
      }
      throw error;
    } finally {
      // The next holder looks for the answer in the store, and would call again if it came too early.
      hold.release(isStored);
    }
  }

  /** The result of another process's call. Null: none yet, and the lease should be tried again. */
  async #resultOfHolder(
    { heldBy, freeInMs }: Refusal,
    call: Call,
    { seenVersion }: Terms,
  ): Promise<StoredEntry | null> {
    const change = this.#nextChange(call.key, Math.min(freeInMs, lookEveryMs));
    for (const when of [null, change.promise]) {
      await when;
      const { entry, failure } = await this.#outcome(call);
      if (entry && entry.version >= heldBy && entry.version !== seenVersion) {
        change.cancel();
        return entry;
      }
      if (failure && failure.version >= heldBy) {
        change.cancel();
        const isRemembered = this.#options.answers.isRemembered(failure);
        throw new FailedElsewhere(failure.error, isRemembered ? failure.rememberedUntilMs : null);
      }
    }
    return null;
  }

  async #outcome(call: Call) {
    const [outcome] = await this.#options.answers.readOutcomes([call]);
    return outcome ?? { entry: null, failure: null };
  }

  /**
   * Extends the lease until it is released. A lease that the store does not know any more, such as after it has lost its
   * data, is taken again: the call goes on, and nobody else should make it. `version`: the last lease's.
   */
  #hold(lease: Lease, key: string): Hold {
    const { store, after } = this.#options;
    let held = lease;
    // Of the store, and of the memory that stood in for it.
    const leases = [lease];
    let isReleased = false;
    let stopTimer = () => {};
    const extend = async () => {
      if (!(await held.extend(leaseMs))) {
        const again = await store.lease(key, { forMs: leaseMs });
        if (again.isGranted) {
          held = again;
          leases.push(again);
          if (isReleased) await again.release();
        }
      }
      if (!isReleased) extendLater();
    };
    const extendLater = () => {
      stopTimer = after(extendEveryMs, () => void extend());
    };
    extendLater();
    return {
      get version() {
        return held.version;
      },
      release: (isOver) => {
        const released = isOver
          .then(() => {
            isReleased = true;
            stopTimer();
            return Promise.all(leases.map((each) => each.release()));
          })
          .then(() => {})
          .finally(() => this.#releasing.delete(released));
        this.#releasing.add(released);
      },
    };
  }

  #nextChange(
    callKey: string,
    withinMs: number,
  ): { readonly promise: Promise<void>; readonly cancel: () => void } {
    const waiting = this.#waiting.get(callKey) ?? new Set();
    this.#waiting.set(callKey, waiting);
    let cancel = () => {};
    const promise = new Promise<void>((resolve) => {
      const end = () => {
        stopTimer();
        waiting.delete(end);
        if (waiting.size === 0) this.#waiting.delete(callKey);
        resolve();
      };
      const stopTimer = this.#options.after(withinMs, end);
      waiting.add(end);
      cancel = end;
    });
    return { promise, cancel };
  }

  #wake(callKey: string | null): void {
    const woken = callKey === null ? [...this.#waiting.values()] : [this.#waiting.get(callKey) ?? []];
    for (const end of woken.flatMap((waiting) => [...waiting])) end();
  }
}
