import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/telemetry/log.js';
import type { Output } from '../../src/telemetry/logStream.js';
import { testClock } from '../fixtures.js';
import { scriptedUpstream, success } from '../harness.js';
import { graphqlUrl, start } from '../program.js';

/** An output whose reader takes nothing until it is told to. */
function slowOutput() {
  const lines: string[] = [];
  let waiting: (() => void)[] = [];
  const output = {
    isTTY: false,
    writableLength: 0,
    write(text: string, written?: () => void) {
      lines.push(...text.split('\n').slice(0, -1));
      output.writableLength += text.length;
      if (written) waiting.push(written);
    },
    on() {},
    take() {
      output.writableLength = 0;
      for (const written of waiting) written();
      waiting = [];
    },
  };
  return { output: output as Output & typeof output, lines };
}

describe('the log', () => {
  it('is JSON lines, or text on a terminal', async () => {
    const { after, advance } = testClock();
    const { output, lines } = slowOutput();
    createLog({ level: 'info', output, after }).logger.warn({ endpoint: 'profile' }, 'Something happened.');
    advance(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 40,
      endpoint: 'profile',
      msg: 'Something happened.',
    });
    output.isTTY = true;
    createLog({ level: 'info', output, after }).logger.warn({ endpoint: 'profile' }, 'Something happened.');
    advance(1);
    expect(lines[1]).toMatch(/WARN.*Something happened\./);
    expect(lines[1]).not.toContain('{"level"');
  });

  it('drops lines that nobody reads, counts them, and says so when somebody reads again', async () => {
    const { after, advance } = testClock();
    const { output, lines } = slowOutput();
    const { logger, droppedLines } = createLog({ level: 'info', output, after });
    const text = 'x'.repeat(100_000);
    for (let nth = 0; nth < 20; nth += 1) logger.info(text);
    advance(1);
    expect(lines).toHaveLength(10);
    expect(droppedLines()).toBe(10);
    output.take();
    logger.info('next');
    advance(1);
    expect(lines.slice(10).map((line) => JSON.parse(line).msg)).toEqual([
      'next',
      'Log lines were dropped because standard error was not read in time: 10.',
    ]);
    expect(droppedLines()).toBe(10);
  });

  it('says at the end, too, how many lines were dropped', async () => {
    const { after } = testClock();
    const { output, lines } = slowOutput();
    const { logger, flush } = createLog({ level: 'info', output, after });
    const text = 'x'.repeat(100_000);
    for (let nth = 0; nth < 20; nth += 1) logger.info(text);
    output.take();
    logger.info('last');
    const flushed = flush();
    output.take();
    await flushed;
    expect(JSON.parse(lines.at(-1) ?? '').msg).toContain('Log lines were dropped');
  });

  it('waits at the end until all is written, but not for ever', async () => {
    const { after, advance } = testClock();
    const { output } = slowOutput();
    const { logger, flush } = createLog({ level: 'info', output, after });
    await flush();
    logger.info('a');
    let isFlushed = false;
    const flushing = flush().then(() => {
      isFlushed = true;
    });
    await new Promise(setImmediate);
    expect(isFlushed).toBe(false);
    output.take();
    await flushing;
    logger.info('b');
    const givingUp = flush();
    advance(1);
    await givingUp;
  });

  it('is dropped, too, when its disk is full or its reader has gone', async () => {
    const { after, advance } = testClock();
    const lines: string[] = [];
    let isFull = true;
    const output: Output = {
      writableLength: 0,
      write(text) {
        if (isFull) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
        lines.push(...text.split('\n').slice(0, -1));
      },
      on() {},
    };
    const { logger, droppedLines } = createLog({ level: 'info', output, after });
    logger.info('a');
    advance(1);
    expect(droppedLines()).toBe(1);
    isFull = false;
    logger.info('b');
    advance(1);
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'b',
      'Log lines were dropped because standard error was not read in time: 1.',
    ]);
  });
});

it('nobody who reads the log does not stop the server, and it ends in time', async () => {
  const upstream = await scriptedUpstream(() => success({ nick_name: '张' }));
  const running = start({
    JUSTONEAPI_TOKEN: 'token-0123456789',
    JUSTONEAPI_BASE_URL: upstream.baseUrl,
    RESPONSE_MEMO: '0',
    LOG_LEVEL: 'info',
  });
  const url = await graphqlUrl(running);
  running.process.stderr?.pause();
  const body = JSON.stringify({
    query: `query ${'N'.repeat(100)} { creator(id: "6629722295873044494") { profile { name } } }`,
  });
  // A pipe holds 64 kB, and a line has about 400 bytes.
  let slowestMs = 0;
  for (let nth = 0; nth < 600; nth += 1) {
    const startedAtMs = performance.now();
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await response.json()).toMatchObject({ data: { creator: { profile: { name: '张' } } } });
    slowestMs = Math.max(slowestMs, performance.now() - startedAtMs);
  }
  expect(slowestMs).toBeLessThan(5_000);
  const exited = once(running.process, 'exit');
  running.process.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(upstream.calls).toHaveLength(1);
});

it('a reader of the log that goes away does not end the server', async () => {
  const upstream = await scriptedUpstream(() => success({ nick_name: '张' }));
  const running = start({ JUSTONEAPI_TOKEN: 'token-0123456789', JUSTONEAPI_BASE_URL: upstream.baseUrl });
  const url = await graphqlUrl(running);
  running.process.stderr?.destroy();
  for (const nth of [1, 2, 3]) {
    const query = `{ creator(id: "662972229587304449${nth}") { profile { name } } }`;
    const response = await fetch(`${url}?query=${encodeURIComponent(query)}`, {
      headers: { accept: 'application/json' },
    });
    expect(await response.json()).toMatchObject({ data: { creator: { profile: { name: '张' } } } });
  }
  const exited = once(running.process, 'exit');
  running.process.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(upstream.calls).toHaveLength(3);
});
