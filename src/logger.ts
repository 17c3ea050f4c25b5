import { type LevelWithSilent, type Logger as PinoLogger, pino } from 'pino';

export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

/** Writes JSON lines to standard error, since standard output is for people. Each line has the fields of `base`. */
export function createLogger(level: LevelWithSilent, base: { readonly pid: number } | null = null): Logger {
  return pino({ level, base }, pino.destination({ dest: 2, sync: true }));
}
