import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { progressLine } from '../../src/export/progress.js';
import { totalsOf } from '../../src/export/totals.js';
import { testClock } from '../fixtures.js';
import { cost } from '../harness.js';

function recordingStream(isTTY: boolean) {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { chunks, stream: Object.assign(stream, { isTTY, columns: 100 }) };
}

const totals = totalsOf([cost({ paidCalls: 264, cachedCalls: 66 })]);

describe('the progress of an export', () => {
  it('is one line on a terminal, with the time that is left', () => {
    const { stream, chunks } = recordingStream(true);
    const clock = testClock();
    const progress = progressLine({ stream, total: 500, elapsed: clock.elapsed });
    clock.advance(30);
    progress.show({ doneCreators: 125, failedCreators: 1, totals });
    clock.advance(900);
    progress.show({ doneCreators: 250, failedCreators: 2, totals });
    progress.clear();
    expect(chunks).toEqual([
      '\r\x1b[K█████░░░░░░░░░░░░░░░ 125/500 · 264 paid · 66 cached · 1 failed · 90 s left',
      '\r\x1b[K██████████░░░░░░░░░░ 250/500 · 264 paid · 66 cached · 2 failed · 16 min left',
      '\r\x1b[K',
    ]);
  });

  it('is not written where nobody looks', () => {
    const { stream, chunks } = recordingStream(false);
    const progress = progressLine({ stream, total: 500, elapsed: testClock().elapsed });
    progress.show({ doneCreators: 125, failedCreators: 1, totals });
    progress.clear();
    expect(chunks).toEqual([]);
  });
});
