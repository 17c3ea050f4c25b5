import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startSandbox } from '../../src/sandbox/server.js';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { atEnd } from '../fixtures.js';

interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** The command as `npm run sandbox` starts it. */
function start(args: readonly string[]) {
  const command = spawn(process.execPath, ['dist/sandbox.js', ...args], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  command.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const listening = new Promise<string>((resolve, reject) => {
    command.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const baseUrl = /listens on (http:\S+\d)\./.exec(stdout)?.[1];
      if (baseUrl) resolve(baseUrl);
    });
    command.once('close', () =>
      reject(new Error(`The sandbox ended before it listened: ${stdout}${stderr}`)),
    );
  });
  // Awaited only by those who expect it to listen.
  listening.catch(() => {});
  const ended = once(command, 'close').then(([exitCode]): Run => ({ stdout, stderr, exitCode }));
  atEnd(async () => {
    command.kill('SIGKILL');
    await ended;
  });
  return { command, listening, ended };
}

function ask(baseUrl: string, oAuthorId = '6712345678901234567'): Promise<Response> {
  const query = new URLSearchParams({ token: 'sandbox', oAuthorId });
  return fetch(`${baseUrl}${endpoints.profile.path}?${query}`);
}

describe('the sandbox on the command line', () => {
  it('answers at the address it prints, until it is interrupted', async () => {
    const { command, listening, ended } = start(['--port', '0']);
    const baseUrl = await listening;
    const response = await ask(baseUrl);
    expect(await response.json()).toMatchObject({ code: 0, data: { id: expect.anything() } });

    command.kill('SIGINT');
    const { exitCode, stdout, stderr } = await ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`JUSTONEAPI_BASE_URL=${baseUrl} npm start`);
    await expect(ask(baseUrl)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('is as slow and fails as often as its options say', async () => {
    const args = ['--port', '0', '--latency', '150-160', '--fail', '500=0', '--fail', '302=1'];
    const { listening } = start(args);
    const baseUrl = await listening;
    const askedAt = performance.now();
    const response = await ask(baseUrl);
    // A timer may fire a millisecond early.
    expect(performance.now() - askedAt).toBeGreaterThanOrEqual(148);
    expect(await response.json()).toMatchObject({ code: 302 });
  });

  it('has options for one creator', async () => {
    const id = '6712345678901234568';
    const args = ['--port', '0', '--fail', '302=1', '--fail', `${id}:500=1`, '--latency', `${id}:150`];
    const baseUrl = await start(args).listening;
    expect(await (await ask(baseUrl)).json()).toMatchObject({ code: 302 });
    const askedAt = performance.now();
    expect(await (await ask(baseUrl, id)).json()).toMatchObject({ code: 500 });
    // A timer may fire a millisecond early.
    expect(performance.now() - askedAt).toBeGreaterThanOrEqual(148);
  });

  it('has options for one endpoint', async () => {
    const baseUrl = await start(['--port', '0', '--fail', 'prices:302=1', '--latency', 'profile:150'])
      .listening;
    const askedAt = performance.now();
    expect(await (await ask(baseUrl)).json()).toMatchObject({ code: 0 });
    // A timer may fire a millisecond early.
    expect(performance.now() - askedAt).toBeGreaterThanOrEqual(148);
  });

  it('has outages', async () => {
    const baseUrl = await start(['--port', '0', '--outage', '60/60']).listening;
    await expect(ask(baseUrl)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  });

  it('ends when it is interrupted during a call', async () => {
    const { command, listening, ended } = start(['--port', '0', '--fail', 'timeout=1']);
    const baseUrl = await listening;
    const underWay = ask(baseUrl).catch((error: Error) => error.message);
    // A later request has been answered, so this one has arrived.
    await fetch(baseUrl);
    command.kill('SIGINT');
    expect((await ended).exitCode).toBe(0);
    expect(await underWay).toBe('fetch failed');
  });

  it('explains its options', async () => {
    const { stdout, exitCode } = await start(['--help']).ended;
    expect(exitCode).toBe(0);
    for (const option of ['--port', '--latency', '--fail', '--outage']) expect(stdout).toContain(option);
  });

  it.each([
    [['--port', '65536'], 'Expected --port from 0 to 65535, but got "65536".'],
    [['--port', 'http'], 'Expected --port from 0 to 65535, but got "http".'],
    [['--latency', '2s'], 'Expected a latency in milliseconds such as 200, '],
    [['--fail', '301'], 'Expected CODE=SHARE such as 301=0.1, '],
    [
      ['--fail', '1:301=0.1'],
      'Expected a creator id of 15 to 20 digits, or one of profile, prices, cpMetrics, ',
    ],
    [['--outage', '30'], 'Expected EVERY/FOR in seconds such as 300/30, '],
    [['--slow'], "Unknown option '--slow'"],
  ])('%j is refused with exit code 1, a reason and the usage', async (args, reason) => {
    const { stdout, stderr, exitCode } = await start(args).ended;
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.slice(0, reason.length)).toBe(reason);
    expect(stderr).toContain('npm run sandbox -- [options]');
  });

  it('says that its port is taken', async () => {
    const { baseUrl, close } = await startSandbox();
    atEnd(close);
    const { stderr, exitCode } = await start(['--port', new URL(baseUrl).port]).ended;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^listen EADDRINUSE/);
  });
});
