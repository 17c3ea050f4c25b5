import { CommandLineError } from '../commandLine.js';
import { moneyTimes } from '../money.js';
import { printable, quote } from '../quote.js';
import { chinaDate, chinaDay, chinaHour } from '../time.js';
import { fingerprintOf } from '../upstream/call/circuit/stopStore.js';
import { Ledger, ledgerDays, type StoredLedgerEntry } from '../upstream/call/ledger.js';
import type { CommandContext } from './commandContext.js';
import type { GivenOptions, OptionKinds } from './options.js';
import { alignedText, csv } from './table.js';

export const spendOptions: OptionKinds = { days: 'value', by: 'value', csv: 'flag' };

const defaultDays = '7';
const defaultColumns = 'day,key,endpoint,operation';

/** What calls can be counted by. Null: the call has none; a table shows a dash. */
const columns: Readonly<Record<string, (entry: StoredLedgerEntry) => string | null>> = {
  day: ({ atMs }) => chinaDate(chinaDay(atMs)),
  hour: ({ atMs }) => chinaHour(atMs),
  key: ({ payer }) => payer,
  endpoint: ({ call }) => call.endpoint.name,
  operation: ({ operationName }) => operationName,
  creator: ({ call }) => call.endpoint.subject(call.args),
};

const timeColumns: readonly string[] = ['day', 'hour'];

interface SpendRequest {
  /** With today. */
  readonly days: number;
  readonly by: readonly string[];
  readonly isCsv: boolean;
}

interface Group {
  /** One for each column that calls are counted by. */
  readonly cells: readonly string[];
  calls: number;
  /** Those that may have been billed. */
  uncertain: number;
}

/** Throws CommandLineError, without the usage. */
export function readSpend(options: GivenOptions): (context: CommandContext) => Promise<string> {
  const { days = defaultDays, by = defaultColumns } = options;
  if (!/^\d{1,3}$/.test(days) || Number(days) < 1 || Number(days) > ledgerDays) {
    throw new CommandLineError(
      `Expected --days to be a number from 1 to ${ledgerDays}, but got ${quote(days)}.`,
    );
  }
  const names = by.split(',');
  if (new Set(names).size < names.length || names.some((name) => !Object.hasOwn(columns, name))) {
    throw new CommandLineError(
      `Expected --by to be a list of ${Object.keys(columns).join(', ')}, with commas and each at most once, but got ${quote(by)}.`,
    );
  }
  const request = { days: Number(days), by: names, isCsv: options['csv'] !== undefined };
  return (context) => spend(context, request);
}

async function spend(context: CommandContext, { days, by, isCsv }: SpendRequest): Promise<string> {
  const { logger, config } = context;
  const { callPrice } = config;
  const { groups, unreadable } = await groupsOf(context, days, by);
  groups.sort(inOrderOf(by));
  const numbers = ({ calls, uncertain }: Omit<Group, 'cells'>) => [
    `${calls}`,
    `${uncertain}`,
    ...(callPrice === null ? [] : [moneyTimes(callPrice, calls).amount]),
  ];
  const header = [...by, 'calls', 'uncertain', ...(callPrice === null ? [] : ['yuan'])];
  const table = (all: readonly (readonly string[])[]) => ({ header, rows: all, textColumns: by.length });
  if (isCsv) {
    if (unreadable > 0) logger.warn({ unreadable }, unreadableMessage);
    return csv(table(groups.map((group) => [...group.cells, ...numbers(group)])));
  }
  const total = {
    calls: groups.reduce((sum, { calls }) => sum + calls, 0),
    uncertain: groups.reduce((sum, { uncertain }) => sum + uncertain, 0),
  };
  const text = alignedText(
    table([
      ...groups.map((group) => [...group.cells.map((cell) => cell || '-'), ...numbers(group)]),
      [...by.map((_, column) => (column === 0 ? 'total' : '')), ...numbers(total)],
    ]),
  );
  return unreadable > 0 ? `${text}\n${unreadableMessage}: ${unreadable}` : text;
}

const unreadableMessage = "Skipped, because they can't be read: entries of the ledger";

async function groupsOf(
  { store, config, logger }: CommandContext,
  days: number,
  by: readonly string[],
): Promise<{ readonly groups: Group[]; readonly unreadable: number }> {
  const fingerprint = fingerprintOf(config.token ?? 'sandbox', config.baseUrl);
  const ledger = new Ledger({ store, fingerprint, logger });
  const groups = new Map<string, Group>();
  let unreadable = 0;
  const today = chinaDay(Date.now());
  for (let day = today - days + 1; day <= today; day += 1) {
    for await (const entry of ledger.entriesOf(day)) {
      if (!entry) {
        unreadable += 1;
        continue;
      }
      const cells = by.map((column) => printable(columns[column]?.(entry) ?? ''));
      const key = JSON.stringify(cells);
      const group = groups.get(key) ?? { cells, calls: 0, uncertain: 0 };
      groups.set(key, group);
      group.calls += 1;
      if (entry.billed === 'maybe') group.uncertain += 1;
    }
  }
  return { groups: [...groups.values()], unreadable };
}

/** The newest first, then the most calls first. */
function inOrderOf(by: readonly string[]): (a: Group, b: Group) => number {
  const timesOf = ({ cells }: Group) => cells.filter((_, at) => timeColumns.includes(by[at] ?? '')).join(' ');
  return (a, b) =>
    compare(timesOf(b), timesOf(a)) || b.calls - a.calls || compare(a.cells.join(' '), b.cells.join(' '));
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
