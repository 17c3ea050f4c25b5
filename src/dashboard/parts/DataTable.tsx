import {
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  sortFn_text,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { type ReactNode, type RefObject, useEffect, useMemo } from 'react';
import type { ColumnKind } from '../../columns/columns.js';
import type { CellValue } from '../../columns/selection.js';
import { exactValue, formatCell } from '../speech/format.js';
import { useSpeech } from '../speech/language.js';
import { ScrollBox } from './ScrollBox.js';

export interface TableColumn<Row> {
  readonly key: string;
  readonly title: string;
  readonly kind: ColumnKind;
  readonly better?: 'high' | 'low';
  readonly value: (row: Row) => CellValue;
  /** Shown instead of the value. */
  readonly render?: (row: Row) => ReactNode;
}

interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly idOf: (row: Row) => string;
  /** `followers` or `-followers`. Empty: the rows' own order. */
  readonly sort: string;
  readonly onSort: (sort: string) => void;
  /** A cell before the others, such as a checkbox. */
  readonly lead?: { readonly title: ReactNode; readonly cell: (row: Row) => ReactNode };
  readonly marksBest?: boolean;
  /** Gets the rows in the order in which they are shown. */
  readonly shown?: RefObject<readonly Row[]>;
}

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { text: sortFn_text },
});

const isNumeric = (kind: ColumnKind) => ['count', 'money', 'rate', 'number'].includes(kind);

/** A table that sorts by a click on a column's title. Missing values are last in both orders. */
export function DataTable<Row extends object>(props: TableProps<Row>): ReactNode {
  const { columns, rows, idOf, sort, onSort, lead, caption, shown } = props;
  const { language, t } = useSpeech();
  const sorting: SortingState = useMemo(() => {
    const id = sort.replace(/^-/, '');
    return columns.some(({ key }) => key === id) ? [{ id, desc: sort.startsWith('-') }] : [];
  }, [sort, columns]);
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.key,
        accessorFn: (row: Row) => sortValue(column.value(row), language),
        sortUndefined: 'last' as const,
        // The better values first.
        sortDescFirst: isNumeric(column.kind) && column.better !== 'low',
        sortFn: compareValues,
      })),
    [columns, language],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: rows as Row[],
    getRowId: idOf,
    state: { sorting },
    onSortingChange: (change) => {
      const [first] = typeof change === 'function' ? change(sorting) : change;
      onSort(first ? `${first.desc ? '-' : ''}${first.id}` : '');
    },
  });
  useEffect(() => {
    if (shown) shown.current = table.getRowModel().rows.map(({ original }) => original);
  });
  const best = useMemo(
    () => bestValues(props.marksBest ? columns : [], rows),
    [props.marksBest, columns, rows],
  );
  return (
    <ScrollBox label={caption}>
      <table className={lead ? 'has-lead' : ''}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {lead && <th scope="col">{lead.title}</th>}
            {columns.map((column) => {
              const order =
                sorting[0]?.id === column.key ? (sorting[0].desc ? 'descending' : 'ascending') : 'none';
              return (
                <th
                  key={column.key}
                  scope="col"
                  aria-sort={order}
                  className={isNumeric(column.kind) ? 'numeric' : ''}
                >
                  <button type="button" onClick={() => table.getColumn(column.key)?.toggleSorting()}>
                    {column.title}
                    <span aria-hidden="true">{{ none: '', ascending: ' ↑', descending: ' ↓' }[order]}</span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {table.getRowModel().rows.map(({ id, original }) => (
            <tr key={id} data-id={id}>
              {lead && <td>{lead.cell(original)}</td>}
              {columns.map((column) => {
                const value = column.value(original);
                const isBest = value !== null && best.get(column.key) === value;
                const name = [isNumeric(column.kind) ? 'numeric' : '', isBest ? 'best' : ''].join(' ').trim();
                return (
                  <td
                    key={column.key}
                    data-column={column.key}
                    className={name}
                    title={isBest ? t.best : exactValue(value, language)}
                  >
                    {column.render ? column.render(original) : formatCell(value, column.kind, language)}
                    {isBest && (
                      <span role="img" aria-label={t.best}>
                        {' '}
                        ★
                      </span>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function sortValue(value: CellValue, language: string): number | string | undefined {
  if (value === null || value === '') return undefined;
  return typeof value === 'object' ? value.join(language) || undefined : value;
}

const collator = new Intl.Collator(['zh-CN', 'en']);

function compareValues(
  a: { getValue: (id: string) => unknown },
  b: { getValue: (id: string) => unknown },
  id: string,
): number {
  const [left, right] = [a.getValue(id), b.getValue(id)];
  return typeof left === 'number' && typeof right === 'number'
    ? left - right
    : collator.compare(String(left), String(right));
}

/** Of two rows and more: one alone is not the best of anything. */
function bestValues<Row>(
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
): ReadonlyMap<string, number> {
  const best = new Map<string, number>();
  for (const { key, better, value } of columns) {
    if (!better) continue;
    const numbers = rows.map(value).filter((cell) => typeof cell === 'number');
    if (new Set(numbers).size < 2) continue;
    best.set(key, better === 'high' ? Math.max(...numbers) : Math.min(...numbers));
  }
  return best;
}
