import { expect, it } from 'vitest';
import { terminalText } from '../../src/telemetry/terminalText.js';
import { cost } from '../harness.js';

it.each([
  [
    {
      msg: 'operation',
      operationName: 'Names',
      outcome: 'ok',
      ms: 12.5,
      cost: cost({ paidCalls: 2, cachedCalls: 1 }),
    },
    'Names: ok in 12.5 ms · 2 paid, 1 cached',
  ],
  [
    {
      msg: 'operation',
      key: 'dash',
      outcome: 'partial',
      ms: 3,
      cost: cost(),
      errorCodes: { BAD_USER_INPUT: 2, UPSTREAM_TIMEOUT: 1 },
    },
    'unnamed operation (dash): partial in 3 ms · no calls · 2 × BAD_USER_INPUT, UPSTREAM_TIMEOUT',
  ],
  [
    { msg: 'operation repeated', documentId: 'abc', outcome: 'ok', repeats: 7 },
    'abc: sent again 7 ×, from memory',
  ],
  [
    {
      msg: 'call',
      endpoint: 'profile',
      subject: '6629722295873044494',
      code: 'OK',
      billed: 'yes',
      attempts: 1,
      ms: 25,
    },
    'call of profile 6629722295873044494: paid in 25 ms',
  ],
  [
    {
      msg: 'call',
      endpoint: 'searchCreators',
      code: 'UPSTREAM_TIMEOUT',
      billed: 'maybe',
      attempts: 2,
      ms: 60_000,
      error: 'Upstream sent no answer.',
    },
    'call of searchCreators: UPSTREAM_TIMEOUT, may be billed, 2 attempts in 60000 ms: Upstream sent no answer.',
  ],
  [
    { msg: 'The store is lost.', level: 50, time: 1, pid: 7, reason: 'full', code: 5 },
    'The store is lost. reason="full" code=5',
  ],
  [{ msg: 'a bug', err: { stack: 'Error: a bug\n    at here' } }, 'a bug\nError: a bug\n    at here'],
])('on a terminal a line is short, and says all of what is rare: %j', (line, text) => {
  expect(terminalText(line)).toBe(text);
});
