import { describe, expect, it } from 'vitest';
import { onRunChange, runOf, startRun } from '../../src/graphiql/browser/runs.js';

describe('a run in GraphiQL', () => {
  it('is measured until its last part, whose extensions join those of the first', () => {
    let nowMs = 100;
    const note = startRun('incremental', () => nowMs);
    expect(runOf('incremental')).toEqual({ ms: null, extensions: {}, hasNext: true });
    nowMs = 130;
    note([{ extensions: { sandbox: true }, hasNext: true }]);
    expect(runOf('incremental')).toEqual({ ms: 30, extensions: { sandbox: true }, hasNext: true });
    nowMs = 2_130;
    const cost = { requestedCalls: 1, paidCalls: 1, cachedCalls: 0, failedCalls: 0, renewalCalls: 0 };
    note([{ hasNext: true }, { extensions: { cost }, hasNext: false }]);
    expect(runOf('incremental')).toEqual({ ms: 2_030, extensions: { sandbox: true, cost }, hasNext: false });
  });

  it('ends when no more parts come', () => {
    const note = startRun('stopped', () => 5);
    note([{ extensions: { sandbox: true }, hasNext: true }]);
    note([]);
    expect(runOf('stopped')).toEqual({ ms: 0, extensions: { sandbox: true }, hasNext: false });
  });

  it('belongs to its tab, and gives way to the next one there', () => {
    const noteFirst = startRun('a', () => 0);
    const noteOther = startRun('b', () => 0);
    startRun('a', () => 0)([{ extensions: { sandbox: true } }]);
    noteFirst([{ extensions: { sandbox: false } }]);
    noteOther([{}]);
    expect(runOf('a')?.extensions).toEqual({ sandbox: true });
    expect(runOf('b')).toEqual({ ms: 0, extensions: {}, hasNext: false });
    expect(runOf('c')).toBeNull();
  });

  it('tells listeners of each change, until they stop listening', () => {
    let changes = 0;
    const stop = onRunChange(() => {
      changes += 1;
    });
    const note = startRun('heard', () => 0);
    note([{}]);
    expect(changes).toBe(2);
    stop();
    note([{}]);
    expect(changes).toBe(2);
  });
});
