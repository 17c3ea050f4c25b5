import { readFileSync } from 'node:fs';

/** What the program is started for. */
export type Asked =
  | { readonly kind: 'serve' }
  | { readonly kind: 'store'; readonly args: readonly string[] }
  /** Something to say, and nothing to do. */
  | { readonly kind: 'tell'; readonly text: string };

/** A command line that can't be meant. The message says what is wrong with it, and what can be written. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
}

export const usage = `The GraphQL server.

  npm start                       starts it
  npm run store -- COMMAND        looks at the store, or changes it; npm run store -- --help says how
  npm run sandbox -- OPTIONS      starts the stand-in upstream alone

  --help                          says this
  --version                       says which version this is

All else is set in the environment, such as PORT=4000. README's table has the names.
`;

/** Reads what follows the program's name. */
export function readCommandLine(args: readonly string[]): Asked {
  const [first, ...rest] = args;
  if (first === undefined) return { kind: 'serve' };
  if (first === 'store') return { kind: 'store', args: rest };
  if (first === '--help' || first === '-h') return { kind: 'tell', text: usage };
  if (first === '--version' || first === '-v') return { kind: 'tell', text: `${version()}\n` };
  const what = first.startsWith('-') ? 'option' : 'command';
  throw new CommandLineError(`There is no ${what} ${JSON.stringify(first)}.\n\n${usage}`);
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
