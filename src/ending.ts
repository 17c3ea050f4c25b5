/**
 * How a server ends. `announced`: balancers and clients learn of it first. `interrupted`: without that, for a person at a
 * terminal. `crashed`: nothing is waited for.
 */
export type EndKind = 'announced' | 'interrupted' | 'crashed';

/** For the calls that are aborted, for responses that are being sent, and for the store. */
export const closingSeconds = 2;

/** How much sooner than SHUTDOWN_TIMEOUT_SECONDS a process ends by itself, so that nobody has to kill it. */
const marginMs = { server: 500, primary: 200 };

/** The bound of a whole end. A primary waits for its workers, so it gets a little longer. */
export function endWithinMs(shutdownTimeoutSeconds: number, process: keyof typeof marginMs): number {
  return shutdownTimeoutSeconds * 1_000 - marginMs[process];
}

/** Called when an end has to wait for calls that were sent, and for how long at most. */
export type OnWaiting = (calls: number, withinMs: number) => void;
