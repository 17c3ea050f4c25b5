import { randomUUID } from 'node:crypto';
import type { Connection } from './connection.js';

/** How many changes are read at once. */
const pageLength = 1_000;

/** How long a change is there for other processes. */
export const changeLifeMs = 10 * 60_000;

/** What the processes on one file tell each other. */
export class ChangeFeed {
  readonly #process = randomUUID();
  #heardId: number;

  /** Tells changes from now on. */
  constructor({ statements }: Connection) {
    this.#heardId = statements.lastChange.get([])?.[0] ?? 0;
  }

  /** In the transaction that makes the change. */
  tell({ statements }: Connection, key: string, nowMs: number): void {
    statements.addChange.run([this.#process, key, nowMs]);
  }

  /** The keys that other processes have changed since the last time. */
  heard({ statements }: Connection): readonly string[] {
    const keys: string[] = [];
    for (;;) {
      const page = statements.changesAfter.all([this.#heardId, pageLength]);
      for (const [id, process, key] of page) {
        this.#heardId = id;
        if (process !== this.#process) keys.push(key);
      }
      if (page.length < pageLength) return keys;
    }
  }
}
