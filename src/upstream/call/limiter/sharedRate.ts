import type { After } from '../../../time.js';
import type { Lease, Store } from '../../store/store.js';
import { OwnRate, type Rate, secondMs } from './rate.js';

/** How long a lease lasts while its call has not been sent: longer than any connection takes to open. */
const unsentLeaseMs = 15_000;

/** The store does not announce released leases, so it is asked again this often. */
const pollEveryMs = 50;

export interface SharedRateOptions {
  readonly store: Pick<Store, 'lease'>;
  /** Servers with the same fingerprint share the rate. */
  readonly fingerprint: string;
  /** Calls that may go out in any second, over all servers. */
  readonly perSecond: number;
  readonly after: After;
}

/**
 * The rate of all servers that share a store. Each call takes a lease, which ends a second after the call is sent.
 * Leases are interchangeable, so the oldest is used first, whichever call is sent.
 */
export class SharedRate implements Rate {
  readonly #options: SharedRateOptions;
  /** Bounds this server alone when the store is lost or has just come back, and leases do not cover every call. */
  readonly #own: Rate;
  readonly #granted: Lease[] = [];
  readonly #reserved: Lease[] = [];
  #isRequesting = false;
  #onAvailable: () => void = () => {};

  constructor(options: SharedRateOptions) {
    this.#options = options;
    this.#own = new OwnRate(options.perSecond);
  }

  onAvailable(listener: () => void): void {
    this.#onAvailable = listener;
  }

  freeAtMs(nowMs: number): number {
    const ownMs = this.#own.freeAtMs(nowMs);
    if (ownMs > nowMs) return ownMs;
    if (this.#granted.length > 0) return nowMs;
    if (!this.#isRequesting) this.#requestLease();
    return Number.POSITIVE_INFINITY;
  }

  reserve(): void {
    this.#own.reserve();
    const lease = this.#granted.shift();
    if (lease) this.#reserved.push(lease);
  }

  sent(nowMs: number): void {
    this.#own.sent(nowMs);
    this.#reserved.shift()?.extend(secondMs);
  }

  release(): void {
    this.#own.release();
    this.#reserved.shift()?.release();
  }

  async #requestLease(): Promise<void> {
    const { store, fingerprint, perSecond, after } = this.#options;
    this.#isRequesting = true;
    const lease = await store.lease(`rate:${fingerprint}`, { most: perSecond, forMs: unsentLeaseMs });
    if (lease.isGranted) {
      this.#isRequesting = false;
      this.#granted.push(lease);
      this.#onAvailable();
      // The call that needed it has left the queue.
      for (const unused of this.#granted.splice(0)) unused.release();
      return;
    }
    after(Math.min(lease.freeInMs, pollEveryMs), () => {
      this.#isRequesting = false;
      this.#onAvailable();
    });
  }
}
