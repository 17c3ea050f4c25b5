import { type LevelWithSilent, type Logger as PinoLogger, pino } from 'pino';

export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

/** JSON lines on standard error, so that standard output stays for people. `base` is in each of them. */
export function createLogger(level: LevelWithSilent, base: { readonly pid: number } | null = null): Logger {
  return pino({ level, base }, pino.destination({ dest: 2, sync: true }));
}
