import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runExport } from '../../src/export/exportCommand.js';
import { readExportOptions } from '../../src/export/exportOptions.js';
import { httpExecutor } from '../../src/export/httpExecutor.js';
import { progressLine } from '../../src/export/progress.js';
import { listen } from '../../src/http.js';
import { atEnd, temporaryFolder } from '../fixtures.js';
import { sandboxUpstream, startTestServer, testConfig } from '../harness.js';

const id = '6712345678901234502';

/** The command at a terminal, whose person answers so. */
async function atTerminal(answer: boolean) {
  const server = await startTestServer({ upstream: await sandboxUpstream() });
  const http = await listen(server.respond, testConfig({ PORT: '0' }));
  atEnd(() => http.close());
  const folder = await temporaryFolder();
  const [list, file] = [join(folder, 'list.txt'), join(folder, 'out.csv')];
  await writeFile(list, id);
  const options = readExportOptions([list, '-o', file, '--fields', 'id,name,followers'], {
    LANG: 'en_GB.UTF-8',
  });
  if (!options) throw new Error('Expected options');
  const questions: string[] = [];
  const code = await runExport(options, {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    confirm: async (question) => questions.push(question) > 0 && answer,
    openExecutor: async () => httpExecutor({ url: http.origin, key: null }),
    interruption: new AbortController().signal,
  });
  return { server, file, code, questions };
}

describe('an export at a terminal', () => {
  it('asks with the price, and pays nothing after a no', async () => {
    const { server, file, code, questions } = await atTerminal(false);
    expect(questions).toEqual(['1 creator × 1 section: 1 call to pay, 0 are stored. Go on? [y/N] ']);
    expect(code).toBe(1);
    await expect(readFile(file)).rejects.toThrow('ENOENT');
    expect(server.calls).toEqual([]);
  });

  it('goes on after a yes', async () => {
    const { server, file, code } = await atTerminal(true);
    expect(code).toBe(0);
    expect((await readFile(file, 'utf8')).split('\r\n')).toEqual([
      '\ufeffCreator ID,Name,Followers,errors',
      `${id},陈在路上,31094474,`,
      '',
    ]);
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });

  it('shows how far it is, what was paid, and how long it takes', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
    let nowMs = 0;
    const line = progressLine({ stream, total: 500, elapsed: () => nowMs });
    nowMs = 20_000;
    const totals = {
      requestedCalls: 375,
      paidCalls: 300,
      cachedCalls: 75,
      coalescedCalls: 0,
      failedCalls: 0,
    };
    line.show({
      doneCreators: 125,
      failedCreators: 1,
      totals: { ...totals, uncertainCalls: 0, renewalCalls: 0, spend: null },
    });
    expect(String(stream.read())).toBe(
      '\r\x1b[K█████░░░░░░░░░░░░░░░ 125/500 · 300 paid · 75 cached · 1 failed · 60 s left',
    );
  });
});
