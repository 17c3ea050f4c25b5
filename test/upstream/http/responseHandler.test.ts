import { expect, it, onTestFinished, vi } from 'vitest';
import { ResponseHandler } from '../../../src/upstream/http/responseHandler.js';

it('sends nothing once its time is over, also if a connection opens in the same turn', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const onSent = vi.fn();
  const abort = vi.fn();
  const handler = new ResponseHandler({
    timeoutMs: 1_000,
    maxBytes: 1,
    onSent,
    errorFor: ({ reason }) => new Error(reason),
  });
  const failure = expect(handler.answer).rejects.toThrow('timeout');
  vi.advanceTimersByTime(1_000);
  handler.onRequestStart({ abort });
  await failure;
  expect(onSent).not.toHaveBeenCalled();
  expect(abort).toHaveBeenCalledOnce();
});
