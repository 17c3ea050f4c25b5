import type { TableColumn } from '../columns/fields.js';
import { selectionOf } from '../columns/selection.js';

/** What an export asks of each group of creators, and how the answer is read. */
export interface ExportDocument {
  /** Takes the variable `ids`. */
  readonly text: string;
  /** The key of the list of creators in `data`. */
  readonly key: string;
  readonly columns: readonly TableColumn[];
}

/** For columns of the table of columns. The ledger has the calls under the name of the operation. */
export function documentFor(columns: readonly TableColumn[]): ExportDocument {
  const text = `query Export($ids: [ID!]!) { creators(ids: $ids) { ${selectionOf(columns)} } }`;
  return { text, key: 'creators', columns };
}
