import { CommandLineError } from '../commandLine.js';
import { ConfigError } from '../config.js';
import { parseCreatorId } from '../creatorId.js';
import { CodedError } from '../errors.js';
import type { Logger } from '../logger.js';
import { elapsed } from '../time.js';
import {
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
import { exportTo, importFrom } from './transfer.js';
import { UsageError } from './usageError.js';

export const storeUsage = `The store, for operators. It reads the same settings as the server, which may be running.

  npm run store -- stats          what is kept, what stops calls, what was paid today
  npm run store -- get ID         what is kept of a creator, by id or Xingtu link, as JSON
  npm run store -- forget ID      drops that; whoever asks for it next pays
  npm run store -- export FILE    writes every answer to a file, one a line
  npm run store -- import FILE    takes such a file over; what is newer here stays
  npm run store -- resume         lifts what stops the calls of JUSTONEAPI_TOKEN; a running server goes on within a second
`;

interface Command {
  /** What must follow its name. */
  readonly takes: 'nothing' | 'ID' | 'FILE';
  run(context: CommandContext, argument: string): Promise<string>;
}

const commands: Readonly<Record<string, Command>> = {
  stats: { takes: 'nothing', run: stats },
  get: { takes: 'ID', run: get },
  forget: { takes: 'ID', run: forget },
  export: { takes: 'FILE', run: exportTo },
  import: { takes: 'FILE', run: importFrom },
  resume: { takes: 'nothing', run: resume },
};

/** One of the commands, with what it takes. */
export interface StoreCommand {
  readonly run: Command['run'];
  readonly argument: string;
}

/** Reads what follows `store`. Null: it asks for help. Throws CommandLineError. */
export function readStoreCommand(args: readonly string[]): StoreCommand | null {
  const [name, argument, ...others] = args;
  if (name === '--help' || name === '-h') return null;
  const refuse = (why: string) => new CommandLineError(`${why}\n\n${storeUsage}`);
  if (name === undefined) throw refuse('Expected a command of the store, but got none.');
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw refuse(`There is no command ${JSON.stringify(name)} of the store.`);
  const { takes, run } = command;
  const extra = takes === 'nothing' ? argument : others[0];
  if (extra !== undefined) {
    const expected = takes === 'nothing' ? name : `${name} ${takes}`;
    throw refuse(`Expected nothing after store ${expected}, but got ${JSON.stringify(extra)}.`);
  }
  if (takes !== 'nothing' && !argument)
    throw refuse(`Expected ${takes} after store ${name}, but got nothing.`);
  // A file may be called anything, but what looks like an option is meant as one.
  if (argument?.startsWith('-'))
    throw refuse(`There is no option ${JSON.stringify(argument)} of store ${name}.`);
  return { run, argument: argument ?? '' };
}

/** Runs one command on the store that the server uses, and returns what it has to say. */
export async function runStoreCommand(
  { run, argument }: StoreCommand,
  config: StoreConfig,
  logger: Logger,
): Promise<string> {
  if (config.storeUrl === 'memory:') {
    throw new UsageError(
      'STORE_URL is memory:, so what is kept ends with its server. Set it as it is set for the server.',
    );
  }
  const store = await openDriver(config);
  try {
    await store.check().catch((error: Error) => {
      throw new ConfigError([`STORE_URL: the store can't be reached (${error.message})`]);
    });
    return await run({ store, config, logger }, argument);
  } catch (error) {
    if (error instanceof CodedError) throw new UsageError(error.message);
    throw error;
  } finally {
    await store.close();
  }
}

/** The calls of which the store has an answer, or a failure. */
async function* storedCalls(
  store: Store,
  kind: Kind,
): AsyncGenerator<{ readonly namespace: string; readonly call: Call }> {
  for await (const key of store.keys(keyPrefix(kind))) {
    const parsed = parseStoreKey(key);
    if (parsed) yield parsed;
  }
}

/** The calls of this server's namespace that are about a creator, in the order of the table of endpoints. */
async function callsAbout(creatorId: string, kind: Kind, { store, config }: CommandContext): Promise<Call[]> {
  const calls: Call[] = [];
  for await (const { namespace, call } of storedCalls(store, kind)) {
    const isAbout = call.endpoint.subject(call.args) === creatorId;
    if (isAbout && namespace === namespaceOf(config)) calls.push(call);
  }
  const place = ({ endpoint }: Call) => endpointNames.indexOf(endpoint.name);
  return calls.sort((a, b) => place(a) - place(b) || (a.key < b.key ? -1 : 1));
}

async function stats({ store, config, logger }: CommandContext): Promise<string> {
  const counts = new Map<string, Map<string, number>>();
  const subjects = new Map<string, Set<string>>();
  for await (const { namespace, call } of storedCalls(store, 'answer')) {
    const { name } = call.endpoint;
    const inNamespace = counts.get(namespace) ?? new Map<string, number>();
    counts.set(namespace, inNamespace.set(name, (inNamespace.get(name) ?? 0) + 1));
    const about = subjects.get(namespace) ?? new Set();
    subjects.set(namespace, about.add(call.endpoint.subject(call.args) ?? call.key));
  }
  const bytes = await store.bytes();
  const answers = [...counts].map(([namespace, inNamespace]) => {
    const total = [...inNamespace.values()].reduce((a, b) => a + b, 0);
    const each = [...inNamespace].sort().map(([endpoint, count]) => `${endpoint} ${count}`);
    return `answers (${namespace}): ${total} of ${subjects.get(namespace)?.size} creators: ${each.join(', ')}`;
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
    ...(bytes === null ? [] : [`size: ${(bytes / 1_048_576).toFixed(1)} MiB`]),
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
  return `Forgotten: ${await forgetAll('answer')} answers about ${creatorId}.`;
}

async function resume({ store, config, logger }: CommandContext): Promise<string> {
  if (config.token === null) {
    throw new UsageError('Set JUSTONEAPI_TOKEN to the token whose calls are stopped.');
  }
  const fingerprint = fingerprintOf(config.token, config.baseUrl);
  const wasStopped = await new StopStore({ store, fingerprint, elapsed, logger }).lift();
  return wasStopped ? 'Lifted: calls are made again.' : 'Nothing stops the calls of this token.';
}
