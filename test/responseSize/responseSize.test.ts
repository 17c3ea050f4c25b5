import { describe, expect, it } from 'vitest';
import { MemoryBudget } from '../../src/responseSize/memoryBudget.js';
import { ResponseSize } from '../../src/responseSize/responseSize.js';
import { Scheduler } from '../../src/responseSize/scheduler.js';
import { SectionMemory } from '../../src/responseSize/sectionMemory.js';
import { later } from '../../src/time.js';
import type { Section } from '../../src/upstream/section.js';

describe('a response that has ended', () => {
  const setUp = () => {
    const memory = new MemoryBudget({ maxBytes: 100, after: later });
    const sectionMemory = new SectionMemory(200_000);
    const options = {
      maxBytes: 1_000_000,
      memory,
      sectionMemory,
      scheduler: new Scheduler(),
      waitForMemoryMs: 1,
    };
    return () => new ResponseSize(options, new AbortController().signal);
  };

  it('takes no memory any more, which nobody would give back', async () => {
    const newSize = setUp();
    const ended = newSize();
    ended.release();
    expect(await ended.reserve(60)).toBe(false);
    expect(await newSize().reserve(60)).toBe(true);
  });

  it('takes none either for a section that comes later, such as one that is deferred', () => {
    const newSize = setUp();
    const section = () => ({ raw: { byteLength: 70_000 } }) as unknown as Section;
    const ended = newSize();
    ended.release();
    for (let nth = 0; nth < 3; nth += 1) ended.use(section());
    const other = section();
    expect(newSize().use(other)).toBe(other);
  });
});
