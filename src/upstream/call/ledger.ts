import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { ErrorCode } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { chinaDay, dayMs } from '../../time.js';
import { type Call, callWithKey } from '../endpoints/call.js';
import type { Billed } from '../errors.js';
import type { Store } from '../store/store.js';

/** For how many days an entry is stored. */
export const ledgerDays = 400;

const lifeMs = ledgerDays * dayMs;

/** Clients choose the names of their operations. */
const maxNameLength = 100;

/** After this many entries the event loop handles other work. */
const pageLength = 500;

const idBytes = 6;

/** A call that upstream has billed, or may have billed. */
export interface LedgerEntry {
  /** When the call began. On this day the budgets count it. */
  readonly atMs: number;
  readonly call: Call;
  /** The name of the API key that pays. Null: there were no keys. */
  readonly payer: string | null;
  /** The name of the GraphQL operation that started the call. Null: it had none. */
  readonly operationName: string | null;
  /** The code of its error, or `OK`: there is an answer, even if upstream has no data. */
  readonly outcome: ErrorCode | 'OK' | 'INTERNAL_SERVER_ERROR';
  readonly billed: Exclude<Billed, 'no'>;
  readonly attempts: number;
  /** From its beginning to its end, with the time that it waited in the queue. */
  readonly ms: number;
}

/** An entry as it is read. An outcome may be one that only another version of this program knows. */
export type StoredLedgerEntry = Omit<LedgerEntry, 'outcome'> & { readonly outcome: string };

/** `id` tells apart equal calls of one millisecond, and shows that an entry was written twice. `call`: the call's key. */
const storedEntry = z.object({
  id: z.string(),
  payer: z.string().nullable(),
  operation: z.string().nullable(),
  call: z.string(),
  outcome: z.string(),
  billed: z.enum(['yes', 'maybe']),
  attempts: z.int(),
  ms: z.number(),
});

export interface LedgerOptions {
  readonly store: Pick<Store, 'append' | 'series'>;
  /** Of the token. All servers that use the same token and store share the ledger. */
  readonly fingerprint: string;
  readonly logger: Logger;
}

/** The record of each call that was or may have been billed: one series for each calendar day in China. */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #writing = new Set<Promise<void>>();
  #isFailing = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Does not wait for the store, and never throws. */
  note(entry: LedgerEntry): void {
    const written = this.#write(entry).finally(() => this.#writing.delete(written));
    this.#writing.add(written);
  }

  /** Resolves when everything noted so far is written, or has failed to be. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }

  /** The calls of one day, in the order in which they began. Null: an entry that can't be read. Rejects if the store fails. */
  async *entriesOf(day: number): AsyncGenerator<StoredLedgerEntry | null> {
    let count = 0;
    let atMs = Number.NaN;
    const values = new Set<string>();
    for await (const entry of this.#options.store.series(this.#keyOf(day))) {
      count += 1;
      if (count % pageLength === 0) await setImmediate();
      if (entry.atMs !== atMs) values.clear();
      atMs = entry.atMs;
      // A store that answers too late has written the entry, and gets it from its failover again.
      if (values.has(entry.value)) continue;
      values.add(entry.value);
      yield decode(entry);
    }
  }

  /** Never rejects. Logs only the first failure of several in a row. */
  async #write(entry: LedgerEntry): Promise<void> {
    const { store, logger } = this.#options;
    const { atMs } = entry;
    try {
      const series = { atMs, value: encode(entry), digest: null };
      await store.append(this.#keyOf(chinaDay(atMs)), series, { lifeMs });
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) logger.error(error, 'A paid call could not be entered in the ledger');
      this.#isFailing = true;
    }
  }

  #keyOf(day: number): string {
    return `ledger:${this.#options.fingerprint}:${day}`;
  }
}

/** A name within the ledger's bounds. */
function bounded(name: string): string {
  return name.replaceAll(/\p{C}/gu, '').slice(0, maxNameLength);
}

function encode({ call, payer, operationName, outcome, billed, attempts, ms }: LedgerEntry): string {
  const stored: z.infer<typeof storedEntry> = {
    id: randomBytes(idBytes).toString('base64url'),
    payer,
    operation: operationName === null ? null : bounded(operationName),
    call: call.key,
    outcome,
    billed,
    attempts,
    ms: Math.round(ms),
  };
  return JSON.stringify(stored);
}

function decode({ atMs, value }: { atMs: number; value: string }): StoredLedgerEntry | null {
  try {
    const { id: _, operation, call: key, ...facts } = storedEntry.parse(JSON.parse(value));
    const call = callWithKey(key);
    return call && { ...facts, atMs, call, operationName: operation };
  } catch {
    return null;
  }
}
