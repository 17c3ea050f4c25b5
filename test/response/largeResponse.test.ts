import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { inPieces } from '../../src/response/largeResponse.js';
import { MemoryBudget } from '../../src/responseSize/memoryBudget.js';
import { ResponseSize } from '../../src/responseSize/responseSize.js';
import { Scheduler } from '../../src/responseSize/scheduler.js';
import { SectionMemory } from '../../src/responseSize/sectionMemory.js';
import { testClock } from '../fixtures.js';

const piece = 'x'.repeat(65_536);

/** An endless response that takes all of the memory. */
async function endlessResponse() {
  const clock = testClock();
  const scheduler = new Scheduler();
  const memory = new MemoryBudget({ maxBytes: 100, after: clock.after });
  const { signal } = new AbortController();
  const shared = {
    maxBytes: 100,
    memory,
    sectionMemory: new SectionMemory(100),
    scheduler,
    waitForMemoryMs: 1_000,
  };
  const size = new ResponseSize(shared, signal);
  await size.reserve(100);
  let made = 0;
  function* rest() {
    for (;;) {
      made += 1;
      yield piece;
    }
  }
  const request = { method: 'POST', url: '/graphql', headers: {}, rawHeaders: [] };
  const written = { bytes: Buffer.from(piece), rest: rest() };
  const message = inPieces(new Response(null), written, request, size, { scheduler, after: clock.after });
  return {
    clock,
    body: message.body as Readable,
    made: () => made,
    hasMemory: () => memory.reserve(100, 0, signal),
  };
}

async function take(body: Readable, pieces: number): Promise<void> {
  for (let taken = 0; taken < pieces; ) {
    if (body.read() === null) await once(body, 'readable');
    else taken += 1;
  }
  await settled();
}

/** Resolves when the stream has filled its buffer and waits. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
}

describe('a large response that is being sent', () => {
  it('is written no faster than the client takes it', async () => {
    const { body, made } = await endlessResponse();
    await take(body, 10);
    expect(made()).toBeLessThan(15);
    body.destroy();
  });

  it('is aborted when the client takes nothing for half a minute, and releases its memory', async () => {
    const { body, clock, hasMemory } = await endlessResponse();
    const ended = once(body, 'error');
    await take(body, 1);
    clock.advance(29);
    await take(body, 3);
    clock.advance(29);
    expect(body.destroyed).toBe(false);
    clock.advance(2);
    expect(String(await ended)).toContain('has taken nothing for 30 s');
    expect(await hasMemory()).toBe(true);
  });
});
