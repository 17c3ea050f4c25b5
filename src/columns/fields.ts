import { editsBetween } from '../editDistance.js';
import { BadUserInputError } from '../errors.js';
import { quote } from '../quote.js';
import {
  type Column,
  type ColumnKind,
  columns,
  defaultColumnKeys,
  headingOf,
  type Language,
  sectionOf,
} from './columns.js';

/** A column of a table that is written. `path` leads from a creator of the response to the value. */
export interface TableColumn {
  readonly key: string;
  readonly path: string;
  readonly kind: ColumnKind;
  readonly heading: string;
}

export const defaultFields = defaultColumnKeys.join(',');

/**
 * The columns that a list names by their keys, or by a section for all that it has: `name,followers,prices`. In the order
 * of the list, each once. Throws BadUserInputError.
 */
export function columnsNamed(list: string, language: Language): readonly TableColumn[] {
  const names = list.split(/[\s,;，；、]+/).filter((name) => name !== '');
  if (names.length === 0) {
    throw new BadUserInputError(`Expected fields such as ${defaultFields}, but got none.`);
  }
  const chosen = new Set(names.flatMap(columnsOf));
  return [...chosen].map((column) => ({ ...column, heading: headingOf(column, language) }));
}

function columnsOf(name: string): readonly Column[] {
  const all: readonly Column[] = columns;
  const found = all.filter((column) => column.key === name || sectionOf(column) === name);
  // `connectedUsers` is both: the section has one column, which has its name.
  if (found.length > 0) return found;
  const known = [...new Set(all.flatMap((column) => [column.key, sectionOf(column) ?? column.key]))];
  throw new BadUserInputError(
    `There is no field ${quote(name)}. The nearest is ${nearestTo(name, known)}. The fields are ${known.join(', ')}.`,
  );
}

/** Longer than any name that is known, and short enough that comparing takes no time. */
const mostComparedLength = 64;

/** The most similar name. Case does not matter. */
export function nearestTo(name: string, known: readonly string[]): string {
  const start = name.slice(0, mostComparedLength).toLowerCase();
  const distances = new Map(known.map((other) => [other, editsBetween(start, other.toLowerCase())]));
  const distance = (other: string) => distances.get(other) ?? 0;
  return known.toSorted((a, b) => distance(a) - distance(b))[0] ?? '';
}
