import type { Queue, QueueAddOptions } from 'p-queue';

type Run = () => Promise<unknown>;

/** Where a call stands among those that wait: more priority goes first; of equals, who came first. */
export interface Place extends QueueAddOptions {
  readonly endpoint: string;
}

interface Waiting {
  readonly run: Run;
  readonly id: string;
  readonly endpoint: string;
  readonly priority: number;
}

/**
 * The calls that wait, a line for each endpoint, so that those of one that is slowed down don't stand in the way of the
 * others. p-queue is shown only those that may go now.
 */
export class WaitingCalls implements Queue<Run, Place> {
  readonly #lines = new Map<string, Waiting[]>();
  readonly #mayGo: (endpoint: string) => boolean;
  readonly #onGo: (endpoint: string, priority: number) => void;

  constructor(
    mayGo: (endpoint: string) => boolean,
    onGo: (endpoint: string, priority: number) => void = () => {},
  ) {
    this.#mayGo = mayGo;
    this.#onGo = onGo;
  }

  get size(): number {
    let size = 0;
    for (const [endpoint, line] of this.#lines) {
      if (line.length > 0 && this.#mayGo(endpoint)) size += line.length;
    }
    return size;
  }

  enqueue(run: Run, { id = '', priority = 0, endpoint = '' }: Partial<Place> = {}): void {
    const line = this.#lines.get(endpoint) ?? [];
    this.#lines.set(endpoint, line);
    // Most come in order, so looking from the end is short.
    let at = line.length;
    while (at > 0 && (line[at - 1]?.priority ?? 0) < priority) at -= 1;
    line.splice(at, 0, { run, id, endpoint, priority });
  }

  dequeue(): Run | undefined {
    let first: Waiting | undefined;
    for (const [endpoint, [head]] of this.#lines) {
      if (head && (!first || head.priority > first.priority) && this.#mayGo(endpoint)) first = head;
    }
    if (!first) return undefined;
    this.#lines.get(first.endpoint)?.shift();
    this.#onGo(first.endpoint, first.priority);
    return first.run;
  }

  remove(id: string): void {
    this.#take(id);
  }

  setPriority(id: string, priority: number): void {
    const call = this.#take(id);
    if (call) this.enqueue(call.run, { ...call, priority });
  }

  filter({ priority }: Readonly<Partial<Place>>): Run[] {
    return [...this.#lines.values()].flatMap((line) =>
      line.filter((call) => call.priority === priority).map(({ run }) => run),
    );
  }

  #take(id: string): Waiting | undefined {
    for (const line of this.#lines.values()) {
      const at = line.findIndex((call) => call.id === id);
      if (at >= 0) return line.splice(at, 1)[0];
    }
    return undefined;
  }
}
