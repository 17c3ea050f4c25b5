import { type Logger as PinoLogger, pino } from 'pino';
import type { Config } from './config.js';

export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

/** JSON lines on standard error, so that standard output stays for people. `base` is in each of them. */
export function createLogger(
  level: Config['logLevel'],
  base: { readonly pid: number } | null = null,
): Logger {
  return pino({ level, base }, pino.destination({ dest: 2, sync: true }));
}
