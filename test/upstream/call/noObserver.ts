import type { CallObserver } from '../../../src/upstream/call/callObserver.js';

/** For tests that are not about metrics. */
export const noObserver: CallObserver = { attempt() {}, call() {} };
