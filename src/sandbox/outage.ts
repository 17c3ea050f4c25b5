/** A periodic outage: the last `forMs` of every `everyMs`, so that a run starts without one. */
export interface Outage {
  readonly everyMs: number;
  readonly forMs: number;
}

/** `elapsedMs`: since the start of the sandbox. */
export function isDuringOutage({ everyMs, forMs }: Outage, elapsedMs: number): boolean {
  return elapsedMs % everyMs >= everyMs - forMs;
}

/** Parses `300/30`, in seconds, of the command line. */
export function parseOutage(text: string): Outage {
  const [, everySeconds = 0, forSeconds = 0] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? [];
  if (forSeconds > 0 && forSeconds <= everySeconds) {
    return { everyMs: everySeconds * 1000, forMs: forSeconds * 1000 };
  }
  throw new Error(
    `Expected EVERY/FOR in seconds such as 300/30, the last 30 of every 300, but got "${text}".`,
  );
}
