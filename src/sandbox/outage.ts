/** Of every `everyMs` the last `forMs` are an outage, so that a run begins well. */
export interface Outage {
  readonly everyMs: number;
  readonly forMs: number;
}

/** `elapsedMs` counts from the start of the sandbox. */
export function isOut({ everyMs, forMs }: Outage, elapsedMs: number): boolean {
  return elapsedMs % everyMs >= everyMs - forMs;
}

/** `300/30`, in seconds, as the command line has it. */
export function parseOutage(text: string): Outage {
  const [, every = 0, long = 0] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? [];
  if (long > 0 && long <= every) return { everyMs: every * 1000, forMs: long * 1000 };
  throw new Error(
    `Expected EVERY/FOR in seconds such as 300/30, the last 30 of every 300, but got "${text}".`,
  );
}
