import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { columnsNamed } from '../columns/fields.js';
import { BadUserInputError } from '../errors.js';
import { UsageError } from '../operator/usageError.js';
import { schema } from '../schema/index.js';
import { elapsed } from '../time.js';
import { askWith } from './ask.js';
import { decodeText } from './decodeText.js';
import { documentFor, type ExportDocument } from './document.js';
import type { Executor } from './executor.js';
import { type ExportOptions, exportUsage, readExportOptions } from './exportOptions.js';
import { httpExecutor } from './httpExecutor.js';
import { type InProcessOptions, inProcessExecutor } from './inProcess.js';
import { runJob } from './job.js';
import { checkWritable, openOutput } from './output.js';
import { type Price, priceOf } from './price.js';
import { progressLine } from './progress.js';
import { readQuery } from './queryFile.js';
import { type CreatorList, readList } from './readList.js';
import { endText, listText, priceText } from './sentences.js';

/** What surrounds the command. */
export interface ExportSurroundings {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Resolves with whether the person at the terminal says yes. Null: there is no terminal. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
  /** With what this process asks by itself. Throws ConfigError. */
  readonly inProcess: () => Promise<InProcessOptions>;
  /** Is aborted with the name of a signal. */
  readonly interruption: AbortSignal;
}

/** What a shell says of a process that a signal ended. */
const interruptedCodes: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * Runs the command and resolves with the exit code. `args`: what follows `export` on the command line. Rejects with
 * CommandLineError, UsageError or ConfigError.
 */
export async function runExport(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  surroundings: ExportSurroundings,
): Promise<number> {
  const options = readExportOptions(args, env);
  if (!options) {
    surroundings.stdout.write(exportUsage);
    return 0;
  }
  const { input, output, url, key } = options;
  if (output !== '-' && input !== '-' && resolve(input) === resolve(output)) {
    throw new UsageError(
      `${output} is the list itself, and would be replaced. Choose another name after -o.`,
    );
  }
  const document = await documentOf(options);
  const bytes = await readBytes(input, surroundings.stdin);
  const name = input === '-' ? 'Standard input' : input;
  const list = readList(decodeText(bytes, name), { path: name, column: options.column });
  checkWritable(output);
  surroundings.stderr.write(listText(list));
  const executor =
    url === null ? await inProcessExecutor(await surroundings.inProcess()) : httpExecutor({ url, key });
  try {
    return await exportList(list, document, executor, options, surroundings);
  } finally {
    await executor.close();
  }
}

async function exportList(
  list: CreatorList,
  document: ExportDocument,
  executor: Executor,
  options: ExportOptions,
  surroundings: ExportSurroundings,
): Promise<number> {
  const { stdout, stderr, interruption } = surroundings;
  const ask = askWith(executor, document);
  const price = await priceOf(list.ids, ask);
  const refusal = await refusalOf(price, options, surroundings);
  if (interruption.aborted) return interruptedCode(interruption);
  if (refusal !== null) return refusal;
  const output = openOutput({ ...options, path: options.output, columns: document.columns, stdout });
  const progress = progressLine({ stream: stderr, total: list.ids.length, elapsed });
  const onInterruption = () => {
    progress.clear();
    stderr.write(
      'Waiting for the calls in flight. They are paid for, and are lost if you interrupt again.\n',
    );
    void executor.stopCalls();
  };
  interruption.addEventListener('abort', onInterruption, { once: true });
  const startedAt = new Date();
  const result = await runJob({
    price,
    ask,
    write: (rows) => output.write(rows),
    onProgress: progress.show,
    signal: interruption,
    wait: (seconds) => delay(seconds * 1000, undefined, { signal: interruption }).catch(() => {}),
  }).finally(progress.clear);
  const cost = { ...result.totals, isSandbox: result.isSandbox, startedAt, endedAt: new Date() };
  const { rejected } = list;
  await output.close({ language: options.language, failures: result.failures, rejected, cost });
  stderr.write(endText(list.ids.length - result.missing, result, options.output));
  if (interruption.aborted) return interruptedCode(interruption);
  return result.failures.length + result.missing + rejected.length > 0 ? 3 : 0;
}

/** The exit code if nothing may be paid. Null: it may. */
async function refusalOf(
  price: Price,
  { isConfirmed, input }: ExportOptions,
  { stderr, confirm }: ExportSurroundings,
): Promise<number | null> {
  const isFree = price.paidCalls + price.renewalCalls === 0;
  if (isFree || isConfirmed) {
    stderr.write(`${priceText(price)}\n`);
    return null;
  }
  if (!confirm || input === '-') {
    stderr.write(`${priceText(price)}\nNobody can be asked here, so nothing was paid. Add --yes to pay.\n`);
    return 2;
  }
  if (await confirm(`${priceText(price)} Go on? [y/N] `)) return null;
  stderr.write('Nothing was paid.\n');
  return 1;
}

function interruptedCode({ reason }: AbortSignal): number {
  return interruptedCodes[String(reason)] ?? 1;
}

async function documentOf({ fields, query, language }: ExportOptions): Promise<ExportDocument> {
  if (query !== null) return readQuery((await readBytes(query)).toString(), query, schema);
  try {
    return documentFor(columnsNamed(fields, language));
  } catch (error) {
    if (error instanceof BadUserInputError) throw new UsageError(error.message);
    throw error;
  }
}

/** `-`: standard input. */
async function readBytes(path: string, stdin?: Readable): Promise<Buffer> {
  if (path === '-' && stdin) return Buffer.concat(await stdin.toArray());
  return readFile(path).catch((error: Error) => {
    throw new UsageError(`${path} can't be read (${error.message}).`);
  });
}
