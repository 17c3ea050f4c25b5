import type { Writable } from 'node:stream';
import type { Clock } from '../time.js';
import type { JobProgress } from './job.js';

interface ProgressOptions {
  /** Where people look. */
  readonly stream: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly total: number;
  readonly elapsed: Clock;
}

export interface ProgressLine {
  show(progress: JobProgress): void;
  /** Removes the line, so that something else can be written. */
  clear(): void;
}

const barLength = 20;

/** One line that changes, on a terminal only: `████░░ 132/500 · 264 paid · 66 cached · 1 failed · 40 s left`. */
export function progressLine({ stream, total, elapsed }: ProgressOptions): ProgressLine {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  const startedAtMs = elapsed();
  return {
    show: ({ doneCreators, failedCreators, totals }) => {
      const share = doneCreators / total;
      const filled = Math.round(share * barLength);
      const secondsLeft = share > 0 ? ((elapsed() - startedAtMs) / 1000) * (1 / share - 1) : null;
      const line = [
        `${'█'.repeat(filled)}${'░'.repeat(barLength - filled)} ${doneCreators}/${total}`,
        `${totals.paidCalls} paid`,
        `${totals.cachedCalls} cached`,
        `${failedCreators} failed`,
        ...(secondsLeft === null ? [] : [`${durationText(secondsLeft)} left`]),
      ].join(' · ');
      stream.write(`\r\x1b[K${line.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    clear: () => stream.write('\r\x1b[K'),
  };
}

function durationText(seconds: number): string {
  return seconds < 100 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
