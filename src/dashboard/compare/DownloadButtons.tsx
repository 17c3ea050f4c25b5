import type { ReactNode } from 'react';
import type { Column } from '../../columns/columns.js';
import type { ComparedCreator } from './comparison.js';

interface DownloadButtonsProps {
  readonly columns: readonly Column[];
  readonly rows: readonly ComparedCreator[];
  readonly sort: string;
}

export function DownloadButtons(_: DownloadButtonsProps): ReactNode {
  return null;
}
