import { describe, expect, it } from 'vitest';
import { AnswerStore } from '../../../src/upstream/cache/answerStore.js';
import { FailedElsewhere, NegativeCache } from '../../../src/upstream/cache/negativeCache.js';
import { UpstreamError } from '../../../src/upstream/errors.js';
import { testClock } from '../../fixtures.js';

const timeout = () =>
  new UpstreamError('UPSTREAM_TIMEOUT', 'It took too long.', { endpoint: 'profile', billed: 'maybe' });

describe('a failure that another process remembers', () => {
  it('is told with the time that is left, also if the clocks differ a little', () => {
    const { now } = testClock();
    const failures = new NegativeCache(now);
    const told = failures.note('key', new FailedElsewhere(timeout(), now() + 61_000));
    expect(told).toMatchObject({ code: 'UPSTREAM_TIMEOUT', retryAfterSeconds: 60 });
    expect(failures.errorFor('key')).toMatchObject({ retryAfterSeconds: 60 });
  });

  it('is over after a minute, also if the clock was set back by an hour', () => {
    const { now } = testClock();
    const answers = new AnswerStore({ now } as ConstructorParameters<typeof AnswerStore>[0]);
    const isRemembered = (seconds: number) =>
      answers.isRemembered({ version: 1, error: timeout(), rememberedUntilMs: now() + 1_000 * seconds });
    expect([-1, 1, 61, 3_600].map(isRemembered)).toEqual([false, true, true, false]);
  });
});
