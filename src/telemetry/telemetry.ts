import { Registry } from 'prom-client';
import type { Logger } from '../logger.js';
import type { After } from '../time.js';
import type { AnswerTally } from './answerTally.js';
import { createMeasurements } from './measurements.js';
import type { Observer } from './observer.js';
import { OperationLog } from './operationLog.js';

export interface TelemetryOptions {
  readonly logger: Pick<Logger, 'info'>;
  readonly after: After;
}

/** What is known of a server's operations and calls. */
export interface Telemetry {
  readonly register: Registry;
  readonly tally: AnswerTally;
  readonly observer: Observer;
  /** Changes whenever something is counted. */
  readonly changes: number;
  /** Logs what waits to be summed up. */
  flush(): void;
}

export function createTelemetry({ logger, after }: TelemetryOptions): Telemetry {
  const register = new Registry();
  const measurements = createMeasurements(register);
  const log = new OperationLog(logger, after);
  const tally = { memo: 0, executed: 0 };
  let operationsAndCalls = 0;
  return {
    register,
    tally,
    observer: {
      ...measurements,
      call: (...facts) => {
        operationsAndCalls += 1;
        measurements.call(...facts);
      },
      executed: (summary) => {
        operationsAndCalls += 1;
        measurements.operation(summary);
        log.noteExecuted(summary);
      },
      repeated: (repeats) => log.noteRepeated(repeats),
    },
    get changes() {
      return operationsAndCalls + tally.memo;
    },
    flush: () => log.flush(),
  };
}
