import { type ReactNode, useMemo, useState } from 'react';
import { type FieldError, type Operation, RequestError } from '../api/client.js';
import { executeAll, quote } from '../api/paying.js';
import { Chart } from '../charts/Chart.js';
import { historyChart } from '../charts/historyChart.js';
import {
  AudienceDocument,
  type AudienceQuery,
  PriceHistoryDocument,
  type PriceHistoryQuery,
} from '../generated/graphql.js';
import { useAsk } from '../session/ask.js';
import { useUpstream } from '../session/upstreamStatus.js';
import { useSpeech } from '../speech/language.js';
import { audienceChart, bubbleChart, type ComparedDimension, cpmChart } from './chartOptions.js';
import type { ComparedCreator } from './comparison.js';

const kinds = ['bubbleChart', 'cpmChart', 'audienceChart', 'historyChart'] as const;
type Kind = (typeof kinds)[number];

const dimensions: readonly {
  readonly dimension: ComparedDimension;
  readonly text: 'byAge' | 'byGender' | 'byCityTier';
}[] = [
  { dimension: 'AGE', text: 'byAge' },
  { dimension: 'GENDER', text: 'byGender' },
  { dimension: 'CITY_TIER', text: 'byCityTier' },
];

/** So many creators a request: each may cost a call. */
const atOnce = 50;

export default function CompareCharts({ rows }: { readonly rows: readonly ComparedCreator[] }): ReactNode {
  const speech = useSpeech();
  const { t } = speech;
  const [kind, setKind] = useState<Kind>('bubbleChart');
  const names = useMemo(
    () => new Map(rows.map(({ id, creator }) => [id, creator.profile?.name ?? id])),
    [rows],
  );
  const ids = useMemo(() => rows.map(({ id }) => id), [rows]);
  const audience = useCreators<NonNullable<AudienceQuery['creators'][number]>>(ids, AudienceDocument);
  const history = useCreators<NonNullable<PriceHistoryQuery['creators'][number]>>(ids, PriceHistoryDocument);
  const open = (next: Kind) => {
    setKind(next);
    if (next === 'audienceChart') void audience.load();
    if (next === 'historyChart') void history.load();
  };
  const bubble = useMemo(() => bubbleChart(rows, speech), [rows, speech]);
  const cpm = useMemo(() => cpmChart(rows, speech), [rows, speech]);
  const lines = useMemo(() => {
    const priced = history.creators.flatMap(({ id, prices }) =>
      prices ? [{ name: names.get(id) ?? id, prices: [prices, ...prices.history] }] : [],
    );
    return {
      chart: historyChart(priced, speech),
      hasChanges: priced.some(({ prices }) => prices.length > 1),
    };
  }, [history.creators, names, speech]);
  const shares = useMemo(
    () =>
      dimensions.map(({ dimension, text }) => ({
        text,
        chart: audienceChart(audience.creators, dimension, names, speech),
      })),
    [audience.creators, names, speech],
  );
  const pending = kind === 'audienceChart' ? audience : kind === 'historyChart' ? history : null;
  return (
    <>
      <div className="tabs" role="tablist">
        {kinds.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={name === kind}
            onClick={() => open(name)}
          >
            {t[name]}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={t[kind]}>
        {pending?.isBusy && <p role="status">{t.loading}</p>}
        {pending?.failure && (
          <p role="alert" className="notice bad">
            {t.errors[pending.failure.code] ?? pending.failure.message}
          </p>
        )}
        {kind === 'bubbleChart' && (
          <>
            <p className="muted">{t.bubbleHint}</p>
            <Chart title={t.bubbleChart} {...bubble} height={420} />
          </>
        )}
        {kind === 'cpmChart' && <Chart title={t.cpmChart} {...cpm} />}
        {kind === 'audienceChart' &&
          audience.creators.length > 0 &&
          shares.map(({ text, chart }) => (
            <section key={text}>
              <h3>{t[text]}</h3>
              <Chart
                title={`${t.audienceChart}: ${t[text]}`}
                {...chart}
                height={80 + 28 * chart.table.length}
              />
            </section>
          ))}
        {kind === 'historyChart' && history.creators.length > 0 && (
          <>
            {!lines.hasChanges && <p className="muted">{t.historyEmpty}</p>}
            <Chart title={t.historyChart} {...lines.chart} />
          </>
        )}
      </div>
    </>
  );
}

interface CreatorsOf<Creator> {
  readonly creators: readonly (Creator | null)[];
}

/** Loads a list of creators when a chart needs it. Asks before it pays. */
function useCreators<Creator>(
  ids: readonly string[],
  document: Operation<CreatorsOf<Creator>, { ids: string[] }>['document'],
) {
  const ask = useAsk();
  const { refresh } = useUpstream();
  const [state, setState] = useState<{
    readonly of: readonly string[];
    readonly creators: readonly Creator[];
    readonly isBusy: boolean;
    readonly failure: FieldError | RequestError | null;
  }>({ of: [], creators: [], isBusy: false, failure: null });
  const load = async () => {
    if (state.isBusy || state.of === ids) return;
    const chunks = Array.from({ length: Math.ceil(ids.length / atOnce) }, (_, nth) =>
      ids.slice(nth * atOnce, (nth + 1) * atOnce),
    );
    const operations = chunks.map((chunk) => ({ document, variables: { ids: [...chunk] } }));
    setState((before) => ({ ...before, isBusy: true, failure: null }));
    try {
      if (!(await ask(await quote(operations)))) return;
      const creators: Creator[] = [];
      let failure: FieldError | null = null;
      await executeAll(operations, ({ data, errors }) => {
        creators.push(...(data?.creators ?? []).filter((creator) => creator !== null));
        failure ??= errors[0] ?? null;
      });
      setState({ of: ids, creators, isBusy: false, failure });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      setState((before) => ({ ...before, failure: error }));
    } finally {
      setState((before) => ({ ...before, isBusy: false }));
      await refresh();
    }
  };
  return { ...state, load };
}
