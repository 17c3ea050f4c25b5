import type { After } from '../../../time.js';
import type { Lease, Store } from '../../store/store.js';
import { OwnRate, type Rate, secondMs } from './rate.js';

/** How long a place may be taken for a call that is still to go out: longer than any connection takes to be made. */
const handedOverMs = 15_000;

/** How often it is asked whether there is a place: what is given back is not told. */
const askEveryMs = 50;

export interface SharedRateOptions {
  readonly store: Pick<Store, 'lease'>;
  /** Which servers share it. */
  readonly fingerprint: string;
  /** Calls that may go out in any second, over all servers. */
  readonly most: number;
  readonly after: After;
}

/**
 * The rate of all servers that share a store: so many places, each taken for a call until a second after it went out.
 * Places are as good as one another, so those that were taken are given back in order.
 */
export class SharedRate implements Rate {
  readonly #options: SharedRateOptions;
  /** For when the store is lost, or has just come back: neither knows what went out under the other. */
  readonly #own: Rate;
  readonly #ready: Lease[] = [];
  readonly #handedOver: Lease[] = [];
  #isAsking = false;
  #onFree: () => void = () => {};

  constructor(options: SharedRateOptions) {
    this.#options = options;
    this.#own = new OwnRate(options.most);
  }

  onFree(listener: () => void): void {
    this.#onFree = listener;
  }

  freeAtMs(nowMs: number): number {
    const ownMs = this.#own.freeAtMs(nowMs);
    if (ownMs > nowMs) return ownMs;
    if (this.#ready.length > 0) return nowMs;
    if (!this.#isAsking) this.#ask();
    return Number.POSITIVE_INFINITY;
  }

  handedOver(): void {
    this.#own.handedOver();
    const lease = this.#ready.shift();
    if (lease) this.#handedOver.push(lease);
  }

  sent(nowMs: number): void {
    this.#own.sent(nowMs);
    this.#handedOver.shift()?.extend(secondMs);
  }

  givenBack(): void {
    this.#own.givenBack();
    this.#handedOver.shift()?.release();
  }

  async #ask(): Promise<void> {
    const { store, fingerprint, most, after } = this.#options;
    this.#isAsking = true;
    const leasing = await store.lease(`rate:${fingerprint}`, { most, forMs: handedOverMs });
    if (leasing.isGranted) {
      this.#isAsking = false;
      this.#ready.push(leasing);
      this.#onFree();
      // Whoever waited for it has gone.
      for (const unused of this.#ready.splice(0)) unused.release();
      return;
    }
    after(Math.min(leasing.freeInMs, askEveryMs), () => {
      this.#isAsking = false;
      this.#onFree();
    });
  }
}
