import { fstatSync, writeSync } from 'node:fs';
import type { After } from '../time.js';

/** Where lines are written. A pipe that is full takes nothing, and `writableLength` then tells what waits. */
export interface Output {
  readonly isTTY?: boolean;
  readonly writableLength: number;
  write(text: string, written?: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

const fd = 2;

/** Standard error. As a file it takes every line at once. Node's stream for files would end with the first full disk. */
export function standardError(): Output {
  if (!fstatSync(fd).isFile()) return process.stderr;
  return { writableLength: 0, write: (text) => writeSync(fd, text), on: () => {} };
}

/** What may wait to be written: some thousands of lines. */
const maxPendingLength = 1_048_576;

/** How long a line waits for others. A write takes longer than everything else that is logged of an operation. */
const writeAfterMs = 20;

/** What a pipe takes at once. */
const pipeLength = 65_536;

/** How long the end of the process waits for a reader. */
const flushWithinMs = 500;

export interface LogStreamOptions {
  readonly output: Output;
  /** Lays a line out. Null: it is written as it is. */
  readonly format: ((line: string) => string) | null;
  /** Called with the number of lines that were dropped, when there is room again. */
  readonly onResumed: (lines: number) => void;
  /** Its timers must keep the process alive, or the last lines would be lost. */
  readonly after: After;
}

/** Lines on their way to an output that may be slow, closed or read by nobody. What has no room is dropped, and counted. */
export class LogStream {
  readonly #options: LogStreamOptions;
  /** Lines of the last moment. To write them together takes one system call. */
  #unwritten = '';
  #unwrittenLines = 0;
  #droppedLines = 0;
  #toldLines = 0;

  constructor(options: LogStreamOptions) {
    this.#options = options;
    // Without a listener, a reader that goes away would end the process. What it did not read can't be helped.
    options.output.on('error', () => {});
  }

  get droppedLines(): number {
    return this.#droppedLines;
  }

  write(line: string): void {
    const { output, format } = this.#options;
    if (output.writableLength + this.#unwritten.length + line.length > maxPendingLength) {
      this.#droppedLines += 1;
      return;
    }
    if (this.#unwrittenLines === 0) this.#options.after(writeAfterMs, () => this.#writeAll());
    this.#unwritten += format ? format(line) : line;
    this.#unwrittenLines += 1;
    if (this.#unwritten.length >= pipeLength) this.#writeAll();
  }

  #writeAll(): void {
    const [text, lines] = [this.#unwritten, this.#unwrittenLines];
    this.#unwritten = '';
    this.#unwrittenLines = 0;
    if (lines === 0) return;
    const { output, onResumed } = this.#options;
    try {
      output.write(text);
    } catch {
      // A file's disk may be full.
      this.#droppedLines += lines;
      return;
    }
    const untold = this.#droppedLines - this.#toldLines;
    if (untold === 0) return;
    this.#toldLines = this.#droppedLines;
    onResumed(untold);
  }

  /** Resolves when every line is written, or after a moment. */
  flush(): Promise<void> {
    const { output, after } = this.#options;
    // To write may add the line that tells how many were dropped.
    while (this.#unwrittenLines > 0) this.#writeAll();
    if (output.writableLength === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const stopTimer = after(flushWithinMs, resolve);
      output.write('', () => {
        stopTimer();
        resolve();
      });
    });
  }
}
