import type { OnWaiting } from './ending.js';
import type { Logger } from './logger.js';
import { laterKeepingAlive } from './time.js';

/** The reports of all workers that wait come within this time. */
const waitingWithinMs = 200;

/** Tells a person at a terminal, or else the log. */
export function tellsWaiting(logger: Logger): OnWaiting {
  return (calls, withinMs) => {
    if (process.stderr.isTTY) process.stderr.write(`${waitingMessage(calls, withinMs)}\n`);
    else logger.info({ calls, withinMs: Math.round(withinMs) }, 'Waiting for calls that may be billed');
  };
}

/** Tells the sum of what several workers tell. */
export function summedUp(tell: OnWaiting): OnWaiting {
  let sum = 0;
  return (calls, withinMs) => {
    if (sum === 0) laterKeepingAlive(waitingWithinMs, () => tell(sum, withinMs));
    sum += calls;
  };
}

/** For the person who has pressed Ctrl-C. */
function waitingMessage(calls: number, withinMs: number): string {
  const noun = calls === 1 ? 'call' : 'calls';
  const seconds = Math.round(withinMs / 1_000);
  return `Waiting up to ${seconds} s for ${calls} ${noun} that may be billed. Press Ctrl-C again to end now.`;
}
