import { CommandLineError } from '../commandLine.js';
import { type Config, ConfigError } from '../config.js';
import { parseCreatorId } from '../creatorId.js';
import { CodedError } from '../errors.js';
import type { Logger } from '../logger.js';
import { elapsed } from '../time.js';
import { answerOfText, keys, nameOf, realmOf, type Subject } from '../upstream/cache/storedAnswer.js';
import { Budgets } from '../upstream/call/budget.js';
import { fingerprintOf, StopKeeper } from '../upstream/call/circuit/stopStore.js';
import type { Platform } from '../upstream/endpoints/endpoint.js';
import { endpoints } from '../upstream/endpoints/table.js';
import { dataOf } from '../upstream/http/envelope.js';
import { openDriver } from '../upstream/store/open.js';
import type { Store } from '../upstream/store/store.js';
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

export type StoreConfig = Pick<
  Config,
  | 'storeUrl'
  | 'cacheMaxBytes'
  | 'token'
  | 'baseUrl'
  | 'ttlSeconds'
  | 'staleSeconds'
  | 'dailyMaxCalls'
  | 'apiKeys'
>;

export interface CommandContext {
  readonly store: Store;
  readonly config: StoreConfig;
  readonly logger: Logger;
}

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

const platforms: readonly Platform[] = ['SHORT_VIDEO', 'LIVE_STREAMING', 'PICTURE_TEXT', 'SHORT_DRAMA'];

function subjectsOf(creatorId: string): Subject[] {
  return Object.values(endpoints).flatMap((endpoint) =>
    platforms.map((platform) => ({ endpoint, creatorId, platform })),
  );
}

async function stats({ store, config, logger }: CommandContext): Promise<string> {
  const counts = new Map<string, Map<string, number>>();
  const creators = new Map<string, Set<string>>();
  for await (const key of store.keys(keys.answer(''))) {
    const [, realm = '', creatorId = '', endpoint = ''] = key.split(':');
    const ofRealm = counts.get(realm) ?? new Map<string, number>();
    counts.set(realm, ofRealm.set(endpoint, (ofRealm.get(endpoint) ?? 0) + 1));
    creators.set(realm, (creators.get(realm) ?? new Set()).add(creatorId));
  }
  const bytes = await store.bytes();
  const answers = [...counts].map(([realm, ofRealm]) => {
    const total = [...ofRealm.values()].reduce((a, b) => a + b, 0);
    const each = [...ofRealm].sort().map(([endpoint, count]) => `${endpoint} ${count}`);
    return `answers (${realm}): ${total} of ${creators.get(realm)?.size} creators: ${each.join(', ')}`;
  });
  const fingerprint = fingerprintOf(config.token ?? 'sandbox', config.baseUrl);
  const stops = await new StopKeeper({ store, fingerprint, elapsed, logger }).kept();
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

async function get({ store, config }: CommandContext, idOrLink: string): Promise<string> {
  const creatorId = parseCreatorId(idOrLink);
  const sections = await Promise.all(
    subjectsOf(creatorId).map(async (subject) => {
      const text = await store.get(keys.answer(nameOf(realmOf(config), subject)));
      const answer = text === null ? null : answerOfText(subject, text);
      if (!answer) return [];
      const { endpoint, platform } = subject;
      const { body, fetchedAtMs } = answer;
      return [
        {
          endpoint: endpoint.name,
          platform,
          fetchedAt: new Date(fetchedAtMs).toISOString(),
          data: body === null ? null : dataOf(body),
        },
      ];
    }),
  );
  return JSON.stringify({ id: creatorId, sections: sections.flat() }, null, 2);
}

async function forget({ store, config }: CommandContext, idOrLink: string): Promise<string> {
  const creatorId = parseCreatorId(idOrLink);
  const forgotten = await Promise.all(
    subjectsOf(creatorId).map(async (subject) => {
      const name = nameOf(realmOf(config), subject);
      await store.forget(keys.failure(name));
      return store.forget(keys.answer(name));
    }),
  );
  return `Forgotten: ${forgotten.filter(Boolean).length} answers about ${creatorId}.`;
}

async function resume({ store, config, logger }: CommandContext): Promise<string> {
  if (config.token === null) {
    throw new UsageError('Set JUSTONEAPI_TOKEN to the token whose calls are stopped.');
  }
  const fingerprint = fingerprintOf(config.token, config.baseUrl);
  const wasStopped = await new StopKeeper({ store, fingerprint, elapsed, logger }).lift();
  return wasStopped ? 'Lifted: calls are made again.' : 'Nothing stops the calls of this token.';
}
