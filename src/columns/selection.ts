import type { Column } from './columns.js';

interface Selection extends Map<string, Selection> {}

/** The fields of `Creator` that the columns need, as GraphQL: `id profile { name followerCount }`. Always has `id`. */
export function selectionOf(chosen: readonly Pick<Column, 'path'>[]): string {
  const root: Selection = new Map([['id', new Map()]]);
  for (const { path } of chosen) {
    let selection = root;
    for (const field of path.split('.')) {
      const below: Selection = selection.get(field) ?? new Map();
      selection.set(field, below);
      selection = below;
    }
  }
  return print(root);
}

function print(selection: Selection): string {
  return [...selection]
    .map(([field, below]) => (below.size > 0 ? `${field} { ${print(below)} }` : field))
    .join(' ');
}

export type CellValue = string | number | readonly string[] | null;

/**
 * The column's value in a creator of a response. Null: upstream has none, or its section failed. Money is a number of yuan,
 * which a double holds to the fen up to 90,000 billion.
 */
export function cellOf({ path, kind }: Pick<Column, 'path' | 'kind'>, creator: unknown): CellValue {
  const found = walk([creator], path.split('.'));
  if (kind === 'list') return found.map(textOf);
  const [value] = found;
  if (value === undefined) return null;
  if (kind === 'money') return Number(value);
  return typeof value === 'number' ? value : textOf(value);
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What is at the path, in each item of a list on the way. Nulls are left out. */
function walk(values: readonly unknown[], path: readonly string[]): readonly unknown[] {
  const present = values.flat().filter((value) => value !== null && value !== undefined);
  const [field, ...below] = path;
  if (field === undefined) return present;
  return walk(
    present.map((value) => (value as Readonly<Record<string, unknown>>)[field]),
    below,
  );
}
