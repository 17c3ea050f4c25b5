import { type LevelWithSilent, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Logger } from '../logger.js';
import { type After, laterKeepingAlive } from '../time.js';
import { LogStream, type Output, standardError } from './logStream.js';
import { terminalText } from './terminalText.js';

const forTerminal = prettyFactory({
  colorize: true,
  translateTime: 'SYS:HH:MM:ss',
  hideObject: true,
  messageFormat: terminalText,
});

/** A logger, and what it needs at the end of the process. */
export interface Log {
  readonly logger: Logger;
  /** Lines that were lost because nobody read them in time. */
  droppedLines(): number;
  /** Resolves when every line is written, or after a moment. */
  flush(): Promise<void>;
}

export interface LogOptions {
  readonly level: LevelWithSilent;
  /** Each line has these fields. Default: none. */
  readonly base?: { readonly pid: number };
  readonly output?: Output;
  readonly after?: After;
}

/**
 * Writes JSON lines to standard error, since standard output is for people. On a terminal they are short lines of text.
 * Nothing waits for them to be written.
 */
export function createLog(options: LogOptions): Log {
  const { level, base, output = standardError(), after = laterKeepingAlive } = options;
  const stream = new LogStream({
    output,
    format: output.isTTY ? forTerminal : null,
    after,
    onResumed: (lines) =>
      logger.warn(`Log lines were dropped because standard error was not read in time: ${lines}.`),
  });
  const logger: Logger = pino({ level, base: base ?? null }, stream);
  return { logger, droppedLines: () => stream.droppedLines, flush: () => stream.flush() };
}
