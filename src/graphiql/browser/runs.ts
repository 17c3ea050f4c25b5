import type { Extensions } from './costText.js';

/** What is known of the last run in a tab. */
export interface Run {
  /** Until the latest part of the response came. Null: none has come. */
  readonly ms: number | null;
  readonly extensions: Extensions;
  /** More parts of an incremental response will come. */
  readonly hasNext: boolean;
}

/** A response, or a part of an incremental one. */
export interface Part {
  readonly extensions?: Extensions;
  readonly hasNext?: boolean;
}

const runs = new Map<string, Run>();
const listeners = new Set<() => void>();

export function runOf(tabId: string): Run | null {
  return runs.get(tabId) ?? null;
}

/** Returns how to stop listening. */
export function onRunChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Returns what to call with the parts that came together, and with none at the end. A newer run of the tab ends this one. */
export function startRun(tabId: string, now: () => number): (parts: readonly Part[]) => void {
  const startedAt = now();
  let run: Run = { ms: null, extensions: {}, hasNext: true };
  const show = () => {
    runs.set(tabId, run);
    for (const listener of listeners) listener();
  };
  show();
  return (parts) => {
    if (runs.get(tabId) !== run) return;
    const extensions = Object.assign({}, run.extensions, ...parts.map((part) => part.extensions));
    run = { ms: now() - startedAt, extensions, hasNext: parts.at(-1)?.hasNext ?? false };
    show();
  };
}
