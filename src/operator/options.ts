import { CommandLineError } from '../commandLine.js';

/** The options that a command has, by name without the dashes: `value` needs one after it, `flag` has none. */
export type OptionKinds = Readonly<Record<string, 'value' | 'flag'>>;

/** The options that were given. A flag's value is an empty text. */
export type GivenOptions = Readonly<Record<string, string | undefined>>;

/** Reads `--days 2`, `--days=2` and `--csv`. Throws CommandLineError without the usage. */
export function readOptions(
  command: string,
  args: readonly string[],
  kinds: OptionKinds,
): { readonly options: GivenOptions; readonly operands: readonly string[] } {
  const options: Record<string, string> = {};
  const operands: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    // A file's name may start with a dash, but such an argument is more likely a misspelt option.
    if (!arg.startsWith('-')) {
      operands.push(arg);
      continue;
    }
    const [, name = '', inline] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (!kind || (kind === 'flag' && inline !== undefined)) {
      throw new CommandLineError(`"${command}" has no option ${JSON.stringify(arg)}.`);
    }
    if (Object.hasOwn(options, name))
      throw new CommandLineError(`Expected --${name} once, but got it twice.`);
    const value = kind === 'flag' ? '' : (inline ?? rest.shift());
    if (value === undefined) throw new CommandLineError(`Expected a value after --${name}, but got nothing.`);
    options[name] = value;
  }
  return { options, operands };
}
