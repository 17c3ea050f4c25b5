import { lazy, type ReactNode, Suspense, useMemo, useRef, useState } from 'react';
import {
  type Column,
  type ColumnKey,
  columns,
  defaultColumnKeys,
  headingOf,
  sectionOf,
  sectionsOf,
} from '../../columns/columns.js';
import { cellOf } from '../../columns/selection.js';
import { goTo, hashOf } from '../browser/route.js';
import { DataTable, type TableColumn } from '../parts/DataTable.js';
import { SpentNote } from '../parts/SpentNote.js';
import { formatCell, formatNumber, formatTime, nothing } from '../speech/format.js';
import { useSpeech } from '../speech/language.js';
import { type ComparedCreator, type CompareSection, mostCreators, useComparison } from './comparison.js';
import { DownloadButtons } from './DownloadButtons.js';

const CompareCharts = lazy(() => import('./CompareCharts.js'));

/** The page has the name, and the link behind it, in one column. */
const offered: readonly Column[] = columns.filter(({ key }) => key !== 'id' && key !== 'url');
const defaultKeys = defaultColumnKeys.filter((key) => key !== 'id' && key !== 'url').join(',');

/** One row a creator. Which creators, columns and order stands in the address. */
export function ComparePage({ params }: { readonly params: URLSearchParams }): ReactNode {
  const { language, t } = useSpeech();
  const idText = params.get('ids') ?? '';
  const keyText = params.get('columns') ?? defaultKeys;
  const sort = params.get('sort') ?? '';
  const ids = useMemo(
    () => [...new Set(idText.split(',').filter((id) => /^\d{15,20}$/.test(id)))].slice(0, mostCreators),
    [idText],
  );
  const chosen = useMemo(() => {
    const keys = keyText.split(',');
    return offered.filter(({ key }) => keys.includes(key));
  }, [keyText]);
  const sections = useMemo(() => sectionsOf(chosen) as readonly CompareSection[], [chosen]);
  const { rows, progress, problem, spent, isComplete, load } = useComparison(ids, sections);
  const shown = useRef<readonly ComparedCreator[]>([]);
  const [hasCharts, setHasCharts] = useState(false);

  const change = (changes: Readonly<Record<string, string>>) => {
    const now = { ids: idText, columns: keyText === defaultKeys ? '' : keyText, sort };
    goTo(hashOf('compare', { ...now, ...changes }), { replace: true });
  };
  const compared = useMemo(
    () => ids.map((id) => rows.get(id) ?? { id, creator: {}, errors: {} }),
    [ids, rows],
  );
  const tableColumns = useMemo(
    () =>
      chosen.map((column) => tableColumn(column, { language, t, retry: () => void load({ again: true }) })),
    [chosen, language, t, load],
  );
  if (ids.length === 0) {
    return (
      <p className="card">
        {t.compareEmpty} <a href={hashOf('find')}>{t.find}</a>
      </p>
    );
  }
  const number = (value: number) => formatNumber(value, 'number', language);
  return (
    <>
      <section className="card" aria-labelledby="compare">
        <div className="bar">
          <h1 id="compare">
            {t.compare} ({number(ids.length)})
          </h1>
          {progress ? (
            <label role="status">
              <progress value={progress.done} max={progress.total} />{' '}
              {t.progress(number(progress.done), number(progress.total))}
            </label>
          ) : (
            <SpentNote spent={spent} />
          )}
          {!isComplete && !progress && (
            <button type="button" className="primary" onClick={() => void load()}>
              {t.load}
            </button>
          )}
          <DownloadButtons columns={chosen} shown={shown} spent={spent} />
        </div>
        {problem && (
          <p role="alert" className="notice bad">
            {t.errors[problem.code] ?? problem.message}{' '}
            <button type="button" onClick={() => void load()}>
              {t.retry}
            </button>
          </p>
        )}
        <ColumnChooser chosen={chosen} onChange={(keys) => change({ columns: keys.join(',') })} />
        <DataTable
          caption={t.compare}
          columns={tableColumns}
          rows={compared}
          idOf={({ id }) => id}
          sort={sort}
          onSort={(next) => change({ sort: next })}
          marksBest
          shown={shown}
          lead={{
            title: '',
            cell: ({ id, creator }) => (
              <button
                type="button"
                className="quiet"
                aria-label={t.removeRow(creator.profile?.name ?? id)}
                onClick={() => change({ ids: ids.filter((other) => other !== id).join(',') })}
              >
                ×
              </button>
            ),
          }}
        />
      </section>
      <section className="card" aria-labelledby="charts">
        <h2 id="charts">{t.chartsTitle}</h2>
        {hasCharts ? (
          <Suspense fallback={<p>{t.loading}</p>}>
            <CompareCharts rows={compared} />
          </Suspense>
        ) : (
          <div className="bar">
            <button type="button" onClick={() => setHasCharts(true)}>
              {t.showCharts}
            </button>
          </div>
        )}
      </section>
    </>
  );
}

function ColumnChooser({
  chosen,
  onChange,
}: {
  readonly chosen: readonly Column[];
  readonly onChange: (keys: readonly string[]) => void;
}): ReactNode {
  const { language, t } = useSpeech();
  const keys = chosen.map(({ key }) => key);
  const sections = sectionsOf(offered) as readonly CompareSection[];
  return (
    <details className="chooser">
      <summary>{t.columnsTitle}</summary>
      {sections.map((section) => (
        <fieldset key={section}>
          <legend>{t.sections[section]}</legend>
          {offered
            .filter((column) => sectionOf(column) === section)
            .map((column) => (
              <label key={column.key} className="flag">
                <input
                  type="checkbox"
                  checked={keys.includes(column.key)}
                  onChange={(event) =>
                    onChange(
                      offered
                        .map(({ key }) => key)
                        .filter((key) => (key === column.key ? event.target.checked : keys.includes(key))),
                    )
                  }
                />
                {headingOf(column, language)}
              </label>
            ))}
        </fieldset>
      ))}
    </details>
  );
}

interface CellContext extends ReturnType<typeof useSpeech> {
  readonly retry: () => void;
}

function tableColumn(column: Column, { language, t, retry }: CellContext): TableColumn<ComparedCreator> {
  const section = sectionOf(column) as CompareSection;
  return {
    key: column.key as ColumnKey,
    title: column[language],
    kind: column.kind,
    ...(column.better && { better: column.better }),
    value: ({ creator }) => cellOf(column, creator),
    render: ({ id, creator, errors }) => {
      const error = errors[section];
      if (error) {
        return (
          <button
            type="button"
            className="failed"
            title={t.errors[error.code] ?? error.message}
            onClick={retry}
          >
            {t.failed} ↻
          </button>
        );
      }
      const loaded = creator[section];
      const value = formatCell(cellOf(column, creator), column.kind, language);
      const shown =
        loaded && !loaded.hasData && value === nothing ? <span className="muted">{t.noData}</span> : value;
      const cell =
        column.key === 'name' ? (
          <a href={hashOf('creator', { id })}>{value === nothing ? id : value}</a>
        ) : (
          shown
        );
      return loaded?.isStale ? (
        <span className="stale" title={t.stale(formatTime(loaded.fetchedAt, language))}>
          {cell}
        </span>
      ) : (
        cell
      );
    },
  };
}
