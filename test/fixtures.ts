import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import type { Logger } from '../src/logger.js';
import { type After, type Clock, elapsed, later } from '../src/time.js';
import { openMemoryStore } from '../src/upstream/store/memory.js';
import type { Store } from '../src/upstream/store/store.js';

/** Runs at the end of the test, last come first. */
export function atEnd(close: () => Promise<void>): void {
  onTestFinished(close);
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'xingtu-'));
  atEnd(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** The STORE_URL of a file that is gone after the test. */
export async function temporaryStore(): Promise<string> {
  return `sqlite:${await temporaryFolder()}/store.db`;
}

/** A folder of manifests, as PERSISTED_DOCUMENTS names one: texts by name; what is no text becomes JSON. */
export async function documentFolder(files: Readonly<Record<string, unknown>>): Promise<string> {
  const path = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(path, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return path;
}

/** Recognisable, so that a test can search for it where it must not be. */
export const testToken = 'tok-5e9f1c0dd1ed';

/** When upstream gave a body, where a test decodes one. */
export const decodedAtMs = Date.UTC(2026, 2, 1, 4);

export interface TestClock {
  readonly now: Clock;
  /** The same, but that no step of the wall clock shows in it. */
  readonly elapsed: Clock;
  readonly after: After;
  /** Runs what is due on the way. */
  advance(seconds: number): void;
  /** Sets the wall clock, forward or back. */
  step(seconds: number): void;
}

export function testClock(startMs = Date.UTC(2026, 2, 1, 4)): TestClock {
  let nowMs = startMs;
  let stepMs = 0;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    now: () => nowMs + stepMs,
    elapsed: () => nowMs,
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + Math.max(0, delayMs), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: (seconds) => {
      const endMs = nowMs + seconds * 1000;
      for (;;) {
        const [next] = timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
        if (!next) break;
        timers = timers.filter((other) => other !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = endMs;
    },
    step: (seconds) => {
      stepMs += seconds * 1000;
    },
  };
}

/** For what real connections do to time. */
export const realClock: TestClock = {
  now: Date.now,
  elapsed,
  after: later,
  advance: () => {},
  step: () => {},
};

/** A line that tells of an operation or a call. */
export type RecordLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

/** The messages of lines that are written for each operation and each call. */
const recordMessages = ['operation', 'operation repeated', 'call'];

export function recordingLogger(): {
  readonly logger: Logger;
  /** What happened beside that, as lines of JSON, and calls that failed. */
  readonly logs: string[];
  readonly records: RecordLine[];
} {
  const logs: string[] = [];
  const records: RecordLine[] = [];
  const log =
    (level: string) =>
    (...args: unknown[]) => {
      const [fields, msg] = args;
      const isRecord = recordMessages.includes(String(msg));
      if (isRecord) records.push({ level, msg: String(msg), ...(fields as object) });
      if (!isRecord || level !== 'info') logs.push(JSON.stringify([level, ...args]));
    };
  const logger = {
    debug() {},
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    fatal: log('fatal'),
  };
  return { logger: logger as Logger, logs, records };
}

/** One that its server has to itself. */
export function testStore({ now }: Pick<TestClock, 'now'> = testClock()): Store {
  return openMemoryStore({ now, maxBytes: 1_048_576 });
}

/** What the store has under one key. */
export async function get(store: Pick<Store, 'getMany'>, key: string): Promise<string | null> {
  const [value = null] = await store.getMany([key]);
  return value;
}

/** Resolves once each of several clients, whose answers are counted, has had some more. */
export async function moreAnswers(answered: readonly number[]): Promise<void> {
  const enough = answered.map((count) => count + 6);
  const lacking = () => answered.filter((count, client) => count < (enough[client] ?? 0));
  await vi.waitFor(() => expect(lacking()).toEqual([]), { timeout: 20_000 });
}
