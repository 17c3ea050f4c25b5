import { CommandLineError } from '../commandLine.js';
import { ConfigError } from '../config.js';
import { parseCreatorId } from '../creatorId.js';
import { CodedError } from '../errors.js';
import type { Logger } from '../logger.js';
import { elapsed } from '../time.js';
import { maxSeriesLength } from '../upstream/cache/history.js';
import {
  callOfAnyVersion,
  decodeAnswer,
  type Kind,
  keyPrefix,
  namespaceOf,
  parseStoreKey,
  storeKey,
} from '../upstream/cache/storedAnswer.js';
import { Budgets } from '../upstream/call/budget.js';
import { fingerprintOf, StopStore } from '../upstream/call/circuit/stopStore.js';
import type { Call } from '../upstream/endpoints/call.js';
import { endpointNames } from '../upstream/endpoints/table.js';
import { dataOf } from '../upstream/http/envelope.js';
import { openDriver } from '../upstream/store/open.js';
import type { Store } from '../upstream/store/store.js';
import type { CommandContext, StoreConfig } from './commandContext.js';
import { type GivenOptions, type OptionKinds, readOptions } from './options.js';
import { readSpend, spendOptions } from './spend.js';
import { exportTo, importFrom } from './transfer.js';
import { UsageError } from './usageError.js';

export const storeUsage = `The store, for operators. Uses the same settings as the server, which may be running.

  npm run store -- stats          prints how many answers are stored, the stops, and the calls paid today
  npm run store -- get ID         prints the stored answers about a creator, by id or Xingtu link, as JSON
  npm run store -- forget ID      deletes them and their history; the next operation that needs them pays for them
  npm run store -- export FILE    writes every stored answer and all history to a file, one per line, but no personal data
  npm run store -- import FILE    stores the answers of such a file, except those older than the stored ones, and its history
  npm run store -- resume         lifts the stops of JUSTONEAPI_TOKEN; a running server resumes within a second
  npm run store -- spend          prints the calls that were or may have been billed to JUSTONEAPI_TOKEN
    --days N                      of the last N of China's calendar days, with today: 1 to 400. Default: 7
    --by LIST                     counted by day, hour, key, endpoint, operation, creator, with commas between them.
                                  Default: day,key,endpoint,operation
    --csv                         for a spreadsheet, without the total
`;

/** What a command does, once its arguments are read. Returns the text to print. */
export type StoreCommand = (context: CommandContext) => Promise<string>;

interface Command {
  /** The argument after its name. */
  readonly takes: 'nothing' | 'ID' | 'FILE';
  /** Default: none. */
  readonly options?: OptionKinds;
  /** Throws CommandLineError, without the usage, if an option's value is at fault. */
  read(argument: string, options: GivenOptions): StoreCommand;
}

const commands: Readonly<Record<string, Command>> = {
  stats: { takes: 'nothing', read: () => stats },
  get: { takes: 'ID', read: (id) => (context) => get(context, id) },
  forget: { takes: 'ID', read: (id) => (context) => forget(context, id) },
  export: { takes: 'FILE', read: (path) => (context) => exportTo(context, path) },
  import: { takes: 'FILE', read: (path) => (context) => importFrom(context, path) },
  resume: { takes: 'nothing', read: () => resume },
  spend: { takes: 'nothing', options: spendOptions, read: (_, options) => readSpend(options) },
};

/** `args`: what follows `store` on the command line. Null: `--help`. Throws CommandLineError. */
export function readStoreCommand(args: readonly string[]): StoreCommand | null {
  const [name, ...rest] = args;
  if (name === '--help' || name === '-h') return null;
  try {
    return commandOf(name, rest);
  } catch (error) {
    if (error instanceof CommandLineError) throw new CommandLineError(`${error.message}\n\n${storeUsage}`);
    throw error;
  }
}

function commandOf(name: string | undefined, args: readonly string[]): StoreCommand {
  if (name === undefined) throw new CommandLineError('Expected a command after store, but got nothing.');
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new CommandLineError(`"store" has no command ${JSON.stringify(name)}.`);
  const { takes } = command;
  const { options, operands } = readOptions(`store ${name}`, args, command.options ?? {});
  const [argument, extra] = takes === 'nothing' ? ['', operands[0]] : operands;
  if (extra !== undefined) {
    const expected = takes === 'nothing' ? name : `${name} ${takes}`;
    throw new CommandLineError(`Expected nothing after store ${expected}, but got ${JSON.stringify(extra)}.`);
  }
  if (takes !== 'nothing' && !argument) {
    throw new CommandLineError(`Expected ${takes} after store ${name}, but got nothing.`);
  }
  return command.read(argument ?? '', options);
}

/** Runs a command on the server's store, and returns the text to print. Throws UsageError or ConfigError. */
export async function runStoreCommand(
  command: StoreCommand,
  config: StoreConfig,
  logger: Logger,
): Promise<string> {
  if (config.storeUrl === 'memory:') {
    throw new UsageError(
      'STORE_URL is memory:, whose answers are only in the memory of the server. Set STORE_URL to the store that the server uses.',
    );
  }
  const store = await openDriver(config, logger);
  try {
    await store.check().catch((error: Error) => {
      throw new ConfigError([`STORE_URL: the store can't be used (${error.message})`]);
    });
    return await command({ store, config, logger });
  } catch (error) {
    if (error instanceof CodedError) throw new UsageError(error.message);
    throw error;
  } finally {
    await store.close();
  }
}

/** The calls for which the store has an entry of this kind, in all namespaces. */
async function* storedCalls(
  store: Store,
  kind: Kind,
): AsyncGenerator<{ readonly namespace: string; readonly call: Call }> {
  for await (const key of store.keys(keyPrefix(kind))) {
    const parsed = parseStoreKey(key);
    if (parsed) yield parsed;
  }
}

/** The stored calls about a creator in this server's namespace, in the order of the table of endpoints. */
async function callsAbout(creatorId: string, kind: Kind, { store, config }: CommandContext): Promise<Call[]> {
  const calls: Call[] = [];
  for await (const { namespace, call } of storedCalls(store, kind)) {
    const isAbout = call.endpoint.subject(call.args) === creatorId;
    if (isAbout && namespace === namespaceOf(config)) calls.push(call);
  }
  const position = ({ endpoint }: Call) => endpointNames.indexOf(endpoint.name);
  return calls.sort((a, b) => position(a) - position(b) || (a.key < b.key ? -1 : 1));
}

async function stats({ store, config, logger }: CommandContext): Promise<string> {
  const counts = new Map<string, Map<string, number>>();
  const creatorIds = new Map<string, Set<string>>();
  for await (const { namespace, call } of storedCalls(store, 'answer')) {
    const { name } = call.endpoint;
    const inNamespace = counts.get(namespace) ?? new Map<string, number>();
    counts.set(namespace, inNamespace.set(name, (inNamespace.get(name) ?? 0) + 1));
    const ids = creatorIds.get(namespace) ?? new Set();
    const id = call.endpoint.subject(call.args);
    creatorIds.set(namespace, id === null ? ids : ids.add(id));
  }
  let series = 0;
  for await (const _ of storedCalls(store, 'history')) series += 1;
  const bytes = await store.bytes();
  const answers = [...counts].map(([namespace, inNamespace]) => {
    const total = [...inNamespace.values()].reduce((a, b) => a + b, 0);
    const each = [...inNamespace].sort().map(([endpoint, count]) => `${endpoint} ${count}`);
    return `answers (${namespace}): ${total} of ${creatorIds.get(namespace)?.size} creators: ${each.join(', ')}`;
  });
  const fingerprint = fingerprintOf(config.token ?? 'sandbox', config.baseUrl);
  const stops = await new StopStore({ store, fingerprint, elapsed, logger }).stored();
  const { dailyMaxCalls: limit, apiKeys } = config;
  const budgets = new Budgets({ store, fingerprint, limit, payers: apiKeys, logger, now: Date.now });
  const [server, ...payers] = (await budgets.states()).map(
    ({ name, spent, limit }) => [name, limit === null ? `${spent}` : `${spent} of ${limit}`] as const,
  );
  return [
    ...(answers.length > 0 ? answers : ['answers: none']),
    series > 0 ? `history: of ${series} calls` : 'history: none',
    bytes === null
      ? "size: unknown, and whether the store evicts, because STORE_URL's user may not send INFO"
      : `size: ${(bytes / 1_048_576).toFixed(1)} MiB`,
    ...store.warnings.map((warning) => `warning: ${warning}`),
    `calls today: ${server?.[1]}`,
    ...payers.map(([name, spent]) => `calls today (${name}): ${spent}`),
    ...Object.entries(stops).map(
      ([scope, { code, sinceMs }]) =>
        `stop (${scope === '*' ? 'everything' : scope}): ${code} since ${new Date(sinceMs).toISOString()}`,
    ),
    ...(Object.keys(stops).length === 0 ? ['stops: none'] : []),
  ].join('\n');
}

async function get(context: CommandContext, idOrLink: string): Promise<string> {
  const { store, config } = context;
  const creatorId = parseCreatorId(idOrLink);
  const calls = await callsAbout(creatorId, 'answer', context);
  const texts = await store.getMany(calls.map((call) => storeKey('answer', namespaceOf(config), call)));
  const historyLengths = new Map<string, number>();
  for (const call of await callsAbout(creatorId, 'history', context)) {
    const key = storeKey('history', namespaceOf(config), call);
    historyLengths.set(call.key, (await store.latest(key, { most: maxSeriesLength })).length);
  }
  const sections = calls.flatMap((call, at) => {
    const text = texts[at] ?? null;
    const answer = text === null ? null : decodeAnswer(call, text);
    if (!answer) return [];
    const { body, fetchedAtMs } = answer;
    const fetchedAt = new Date(fetchedAtMs).toISOString();
    return [
      {
        endpoint: call.endpoint.name,
        args: call.args,
        fetchedAt,
        historyLength: historyLengths.get(call.key) ?? 0,
        data: body === null ? null : dataOf(body),
      },
    ];
  });
  return JSON.stringify({ id: creatorId, sections }, null, 2);
}

async function forget(context: CommandContext, idOrLink: string): Promise<string> {
  const { store, config } = context;
  const creatorId = parseCreatorId(idOrLink);
  const forgetAll = async (kind: Kind) => {
    const calls = await callsAbout(creatorId, kind, context);
    const keys = calls.map((call) => storeKey(kind, namespaceOf(config), call));
    const forgotten = await Promise.all(keys.map((key) => store.forget(key)));
    return forgotten.filter(Boolean).length;
  };
  await forgetAll('failure');
  // Answers of other namespaces and versions expire soon. Their history would stay for months.
  let series = 0;
  for await (const key of store.keys(keyPrefix('history'))) {
    const call = callOfAnyVersion(key);
    if (call?.endpoint.subject(call.args) === creatorId && (await store.forget(key))) series += 1;
  }
  return `Forgotten: ${await forgetAll('answer')} answers and the history of ${series} calls about ${creatorId}.`;
}

async function resume({ store, config, logger }: CommandContext): Promise<string> {
  if (config.token === null) {
    throw new UsageError('JUSTONEAPI_TOKEN is not set. Set it to the token whose calls are stopped.');
  }
  const fingerprint = fingerprintOf(config.token, config.baseUrl);
  const wasStopped = await new StopStore({ store, fingerprint, elapsed, logger }).lift();
  return wasStopped ? 'Lifted: calls are made again.' : 'There is no stop for the calls of this token.';
}
