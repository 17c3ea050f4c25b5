import { parseArgs } from 'node:util';
import type { Language } from '../columns/columns.js';
import { defaultFields } from '../columns/fields.js';
import { CommandLineError } from '../commandLine.js';
import { type Format, formats } from './output.js';

export const exportUsage = `Exports creators to a spreadsheet or a file for programs.

  npm run export -- FILE -o OUT      FILE has ids or Xingtu links: CSV, TSV or text, in UTF-8 or GBK; - is standard input

  -o, --output OUT                   OUT.xlsx, OUT.csv or OUT.ndjson; - is standard output
      --column NAME                  the column with the ids, by title or number. Default: where most cells are ids
      --fields LIST                  columns by name, or all of a section: name,followers,prices
                                     Default: ${defaultFields.split(',').slice(0, 8).join(',')} …
      --query FILE.graphql           instead: the leaf fields under creators(ids: $ids) are the columns
      --language zh|en               of titles. Default: that of LC_ALL or LANG, or else zh
      --format xlsx|csv|ndjson       if the name of OUT does not tell. Default for -: ndjson
      --url URL                      asks a running server. Default: this process asks, with the settings of the server
      --key KEY                      the server's API key. XINGTU_API_KEY says it without the shell's history
  -y, --yes                          pays without asking
  -h, --help                         prints this text

Says first what it will cost, and asks. Exit code 0: all is there; 1: nothing was exported; 2: the command line is at
fault, or nobody could be asked; 3: something is missing, and the file has the rest; 130 or 143: interrupted.
`;

export interface ExportOptions {
  readonly input: string;
  readonly output: string;
  readonly format: Format;
  readonly column: string | null;
  readonly fields: string;
  /** A file. Null: `fields` are asked for. */
  readonly query: string | null;
  readonly language: Language;
  /** Null: in this process. */
  readonly url: string | null;
  readonly key: string | null;
  readonly isConfirmed: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `args`: what follows `export` on the command line. Null: `--help`. Throws CommandLineError. */
export function readExportOptions(args: readonly string[], env: Environment): ExportOptions | null {
  try {
    return optionsIn(args, env);
  } catch (error) {
    const isAtFault =
      error instanceof CommandLineError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
    if (isAtFault) throw new CommandLineError(`${(error as Error).message}\n\n${exportUsage}`);
    throw error;
  }
}

function optionsIn(args: readonly string[], env: Environment): ExportOptions | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o' },
      column: { type: 'string' },
      fields: { type: 'string' },
      query: { type: 'string' },
      language: { type: 'string' },
      format: { type: 'string' },
      url: { type: 'string' },
      key: { type: 'string' },
      yes: { type: 'boolean', short: 'y' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return null;
  const [input, extra] = positionals;
  const { output, url = null } = values;
  if (input === undefined) throw new CommandLineError('Expected FILE after export, but got nothing.');
  if (extra !== undefined) {
    throw new CommandLineError(`Expected one FILE after export, but also got ${JSON.stringify(extra)}.`);
  }
  if (output === undefined)
    throw new CommandLineError('Expected -o and the name of a file, such as -o creators.xlsx.');
  if (values.fields !== undefined && values.query !== undefined) {
    throw new CommandLineError('Expected --fields or --query, but got both.');
  }
  if (values.key !== undefined && url === null) {
    throw new CommandLineError('Expected --key only with --url. Without a server there is no key.');
  }
  return {
    input,
    output,
    format: formatOf(output, values.format),
    column: values.column ?? null,
    fields: values.fields ?? defaultFields,
    query: values.query ?? null,
    language: languageOf(values.language, env),
    url,
    key: values.key ?? (env['XINGTU_API_KEY']?.trim() || null),
    isConfirmed: values.yes ?? false,
  };
}

function formatOf(output: string, given: string | undefined): Format {
  const name =
    given ?? (output === '-' ? 'ndjson' : (/\.([^./\\]+)$/.exec(output)?.[1]?.toLowerCase() ?? ''));
  const format = formats.find((known) => known === name);
  if (!format) {
    const what =
      given === undefined
        ? `${output} to end with .xlsx, .csv or .ndjson`
        : '--format to be xlsx, csv or ndjson';
    throw new CommandLineError(`Expected ${what}.`);
  }
  if (format === 'xlsx' && output === '-') {
    throw new CommandLineError(
      'Expected csv or ndjson on standard output. Give a workbook a name: -o creators.xlsx.',
    );
  }
  return format;
}

function languageOf(given: string | undefined, env: Environment): Language {
  if (given === 'zh' || given === 'en') return given;
  if (given !== undefined)
    throw new CommandLineError(`Expected --language to be zh or en, but got ${JSON.stringify(given)}.`);
  const locale = env['LC_ALL'] || env['LANG'] || 'C';
  return /^(C|POSIX)\b/.test(locale) || locale.startsWith('zh') ? 'zh' : 'en';
}
