import type { Logger as PinoLogger } from 'pino';

/** What is logged with. `telemetry/log.ts` creates one. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;
