import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError } from './config.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** `NAME=value`, also with `export` before it; a value in quotes may have several lines. */
const entry = /^[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*(?:'[^']*'|"[^"]*"|`[^`]*`|[^\n]*)[^\n]*$/gm;

/**
 * The environment with the settings of the file at `path`, if it is there. What the environment has itself wins, and `NAME`
 * and `NAME_FILE` count as the same setting. Throws ConfigError if the file can't be read.
 */
export function withEnvFile(env: Environment, path: string): Environment {
  const text = textOf(path);
  if (text === null) return env;
  const line = lineWithoutEntry(text);
  // Without the line itself, which may hold a secret.
  if (line !== null) throw new ConfigError([`${path}: line ${line} is not NAME=value`]);
  const settings = Object.entries(parseEnv(text)).filter(([name]) => {
    const base = name.replace(/_FILE$/, '');
    return env[base] === undefined && env[`${base}_FILE`] === undefined;
  });
  return { ...Object.fromEntries(settings), ...env };
}

/** Null: there is no such file. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\ufeff/, '')
      .replaceAll('\r\n', '\n');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new ConfigError([`${path}: the file is there, but can't be read (${code})`]);
  }
}

/** The number of the first line that `parseEnv` would skip in silence, counted from 1. Null: there is none. */
function lineWithoutEntry(text: string): number | null {
  const rest = text.replaceAll(entry, (found) => found.replaceAll(/[^\n]/g, ''));
  const at = rest.split('\n').findIndex((line) => !/^\s*(#|$)/.test(line));
  return at === -1 ? null : at + 1;
}
