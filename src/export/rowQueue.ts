import type { Failure } from '../columns/failures.js';

/** A creator that was asked for, and what came. */
export interface CreatorRow {
  readonly id: string;
  /** Of the response. Null: nothing came. */
  readonly creator: unknown;
  readonly failures: readonly Failure[];
}

/** Rows come in any order and are written in that of the ids, each when it and those before it are complete. */
export class RowQueue {
  /** The error of writing. Nothing is written after it. */
  error: unknown = null;
  readonly #ids: readonly string[];
  readonly #write: (rows: readonly CreatorRow[]) => Promise<void>;
  readonly #rows = new Map<string, CreatorRow>();
  /** Ids whose failures are asked for again. */
  readonly #incomplete = new Set<string>();
  #written = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(ids: readonly string[], write: (rows: readonly CreatorRow[]) => Promise<void>) {
    this.#ids = ids;
    this.#write = write;
  }

  /** Replaces earlier rows of the same creators, unless those have fewer failures. */
  add(rows: readonly CreatorRow[], mayBeAskedAgain: (failure: Failure) => boolean): Promise<void> {
    for (const row of rows) {
      const earlier = this.#rows.get(row.id);
      if (earlier && earlier.failures.length < row.failures.length) continue;
      const isIncomplete = !earlier && row.failures.some(mayBeAskedAgain);
      this.#rows.set(row.id, row);
      if (isIncomplete) this.#incomplete.add(row.id);
      else this.#incomplete.delete(row.id);
    }
    let end = this.#written;
    for (let id = this.#ids[end]; id !== undefined; id = this.#ids[end]) {
      if (!this.#rows.has(id) || this.#incomplete.has(id)) break;
      end += 1;
    }
    return this.#writeUntil(end);
  }

  /** Writes all rows that there are. */
  flush(): Promise<void> {
    return this.#writeUntil(this.#ids.length);
  }

  get failures(): readonly Failure[] {
    return this.#ids.flatMap((id) => this.#rows.get(id)?.failures ?? []);
  }

  get missing(): number {
    return this.#ids.length - this.#rows.size;
  }

  get progress(): { readonly doneCreators: number; readonly failedCreators: number } {
    const rows = [...this.#rows.values()];
    return {
      doneCreators: rows.length,
      failedCreators: rows.filter(({ failures }) => failures.length > 0).length,
    };
  }

  #writeUntil(end: number): Promise<void> {
    const rows = this.#ids.slice(this.#written, end).flatMap((id) => this.#rows.get(id) ?? []);
    this.#written = Math.max(this.#written, end);
    if (rows.length > 0) {
      this.#writing = this.#writing
        .then(() => (this.error === null ? this.#write(rows) : undefined))
        .catch((error: unknown) => {
          this.error = error;
        });
    }
    return this.#writing;
  }
}
