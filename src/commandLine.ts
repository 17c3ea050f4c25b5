import { version } from './version.js';

/** What the command line asks the program to do. */
export type CommandLine =
  | { readonly kind: 'serve' }
  | { readonly kind: 'store'; readonly args: readonly string[] }
  | { readonly kind: 'export'; readonly args: readonly string[] }
  | { readonly kind: 'print'; readonly text: string };

/** An invalid command line. The message says what is wrong and shows the usage. */
export class CommandLineError extends Error {
  override readonly name = 'CommandLineError';
}

const usage = `The GraphQL server.

  npm start                       starts the server
  npm run store -- COMMAND        reads or changes the store; npm run store -- --help lists the commands
  npm run export -- FILE -o OUT   exports the creators of a list; npm run export -- --help lists the options
  npm run sandbox -- OPTIONS      starts only the sandbox, the stand-in for upstream

  --help                          prints this text
  --version                       prints the version

Everything else is set by environment variables, such as PORT=4000. docs/operations.md lists them.
`;

/** `args`: without the program's name. Throws CommandLineError. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const [first, ...rest] = args;
  if (first === undefined) return { kind: 'serve' };
  if (first === 'store' || first === 'export') return { kind: first, args: rest };
  if (first === '--help' || first === '-h') return { kind: 'print', text: usage };
  if (first === '--version' || first === '-v') return { kind: 'print', text: `${version()}\n` };
  const noun = first.startsWith('-') ? 'option' : 'command';
  throw new CommandLineError(`There is no ${noun} ${JSON.stringify(first)}.\n\n${usage}`);
}
