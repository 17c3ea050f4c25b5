import { type ReactNode, type RefObject, useState } from 'react';
import { type Column, columns, headingOf } from '../../columns/columns.js';
import { csvCreator, csvHeader } from '../../columns/csvTable.js';
import type { Failure } from '../../columns/failures.js';
import { cellOf } from '../../columns/selection.js';
import type { Spent } from '../api/paying.js';
import { useUpstream } from '../session/upstreamStatus.js';
import { useSpeech } from '../speech/language.js';
import type { ComparedCreator } from './comparison.js';

interface DownloadButtonsProps {
  readonly columns: readonly Column[];
  /** The rows in the order of the table. */
  readonly shown: RefObject<readonly ComparedCreator[]>;
  readonly spent: Spent;
}

/** What is shown, as a file: between the creators' ids and the links to their pages. */
export function DownloadButtons({ columns: chosen, shown, spent }: DownloadButtonsProps): ReactNode {
  const { language, t } = useSpeech();
  const { upstream } = useUpstream();
  const [openedAt] = useState(() => new Date());
  const written = columns
    .filter(({ key }) => key === 'id' || key === 'url' || chosen.some((column) => column.key === key))
    .map((column) => ({ ...column, heading: headingOf(column, language) }));

  const downloadCsv = () => {
    const records = shown.current.map((row) => csvCreator(written, valuesOf(row), failuresOf(row)));
    save(new Blob([csvHeader(written), ...records], { type: 'text/csv' }), 'creators.csv');
  };
  const downloadWorkbook = async () => {
    const { workbookOf } = await import('../../export/workbook.js');
    const rows = shown.current;
    const workbook = await workbookOf({
      language,
      columns: written,
      rows: rows.map((row) => written.map((column) => cellOf(column, valuesOf(row)))),
      failures: rows.flatMap(failuresOf),
      rejected: [],
      cost: {
        ...spent,
        spend: spent.spend === null ? null : spent.spend.toFixed(2),
        isSandbox: upstream?.isSandbox === true,
        startedAt: openedAt,
        endedAt: new Date(),
      },
    });
    save(workbook, 'creators.xlsx');
  };
  return (
    <div className="buttons">
      <button type="button" onClick={() => void downloadWorkbook()}>
        {t.download} XLSX
      </button>
      <button type="button" onClick={downloadCsv}>
        {t.download} CSV
      </button>
    </div>
  );
}

/** Also of a creator of whom nothing is loaded. */
const valuesOf = ({ id, creator }: ComparedCreator) => ({ id, ...creator });

function failuresOf({ id, errors }: ComparedCreator): readonly Failure[] {
  return Object.entries(errors).map(([section, { code, message, isRetryable }]) => ({
    id,
    section,
    code,
    message,
    isRetryable,
    retryAfterSeconds: null,
  }));
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
