import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { runExport } from '../../src/export/exportCommand.js';
import { recordingLogger, temporaryFolder, testToken } from '../fixtures.js';
import { testConfig, type Upstream } from '../harness.js';

/** So many ids, each of its own. */
export function manyIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${6_712_345_678_901_234_000n + BigInt(at)}`);
}

export function linkOf(id: string): string {
  return `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}`;
}

/** A file that is gone after the test. */
export async function fileWith(content: string | Uint8Array, name = 'list.csv'): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return path;
}

export interface Exported {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What the person was asked. */
  readonly questions: readonly string[];
}

interface ExportSetting {
  readonly upstream?: Upstream;
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  /** What the person at the terminal says. Not given: there is no terminal. */
  readonly says?: boolean;
}

/** Runs the command in this process, with settings whose store is in memory unless they name another. */
export async function exportWith(args: readonly string[], setting: ExportSetting = {}): Promise<Exported> {
  const { upstream, env = {}, stdin = '', says } = setting;
  const written = { out: '', err: '' };
  const questions: string[] = [];
  const into = (name: keyof typeof written) =>
    new Writable({
      write(chunk, _, done) {
        written[name] += chunk;
        done();
      },
    });
  const { XINGTU_API_KEY: _, ...settings } = env;
  const code = await runExport(args, env, {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: into('out'),
    stderr: into('err'),
    confirm:
      says === undefined
        ? null
        : async (question) => {
            questions.push(question);
            return says;
          },
    inProcess: async () => {
      if (!upstream) throw new Error('Expected nothing to be asked in this process');
      const config = testConfig({
        STORE_URL: 'memory:',
        JUSTONEAPI_TOKEN: testToken,
        JUSTONEAPI_BASE_URL: upstream.baseUrl,
        ...settings,
      });
      const { logger } = recordingLogger();
      return { config, logger, droppedLines: () => 0, sandboxUrl: null, closeSandbox: async () => {} };
    },
    interruption: new AbortController().signal,
  });
  return { code, ...written, questions };
}
