import { type ReactNode, useEffect, useRef, useState } from 'react';
import { type Answer, execute, RequestError } from '../api/client.js';
import { addSpent, nothingSpent, quote, type Spent } from '../api/paying.js';
import { goTo, hashOf } from '../browser/route.js';
import { mostCreators } from '../compare/comparison.js';
import { type CreatorSort, SearchDocument, type SearchQuery } from '../generated/graphql.js';
import { DataTable, type TableColumn } from '../parts/DataTable.js';
import { SpentNote } from '../parts/SpentNote.js';
import { useAsk } from '../session/ask.js';
import { useUpstream } from '../session/upstreamStatus.js';
import { formatNumber } from '../speech/format.js';
import { useSpeech } from '../speech/language.js';
import type { Texts } from '../speech/texts.js';
import { readFilter } from './filterFields.js';
import { PasteIds } from './PasteIds.js';
import { type Search, SearchForm } from './SearchForm.js';

type Page = NonNullable<SearchQuery['searchCreators']>;
type Item = Page['items'][number];

/** A search, and the way to creators whose ids are known. The search stands in the address. */
export function FindPage({ params }: { readonly params: URLSearchParams }): ReactNode {
  const { t } = useSpeech();
  const search = searchIn(params);
  const page = Math.max(1, Number(params.get('page')) || 1);
  const { answer, problem, isBusy, spent, load } = useSearch();
  // Kept over pages and searches, so that a comparison may have creators of several.
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const asked = useRef('');
  const request = params.get('filter') === null ? '' : JSON.stringify([search, page]);
  useEffect(() => {
    if (request === '' || asked.current === request) return;
    asked.current = request;
    const [next, nth] = JSON.parse(request) as [Search, number];
    void load(next, nth);
  }, [request, load]);
  const show = (next: Search, nth: number) => {
    const hash = hashOf('find', { filter: JSON.stringify(next.filter), sort: next.sort, page: String(nth) });
    // The same search once more, after a refusal or a failure.
    if (location.hash === hash) void load(next, nth);
    else goTo(hash);
  };
  const failure = problem ?? answer?.errors[0];
  const found = answer?.data?.searchCreators ?? null;
  return (
    <>
      <SearchForm
        key={params.get('filter')}
        initial={search}
        isBusy={isBusy}
        onSearch={(next) => show(next, 1)}
      />
      {failure && (
        <p role="alert" className="notice bad">
          {t.errors[failure.code] ?? failure.message}{' '}
          <button type="button" onClick={() => show(search, page)}>
            {t.retry}
          </button>
        </p>
      )}
      {found && (
        <Results
          key={request}
          found={found}
          spent={spent}
          chosen={chosen}
          onChoose={setChosen}
          onPage={(nth) => show(search, nth)}
        />
      )}
      <PasteIds />
    </>
  );
}

function searchIn(params: URLSearchParams): Search {
  const sort: CreatorSort = params.get('sort') === 'SCORE' ? 'SCORE' : 'FOLLOWERS';
  try {
    return { filter: readFilter(JSON.parse(params.get('filter') ?? '{}')), sort };
  } catch {
    return { filter: {}, sort };
  }
}

/** Asks before a search that has to be paid for. */
function useSearch() {
  const ask = useAsk();
  const { refresh } = useUpstream();
  const [state, setState] = useState<{
    readonly answer: Answer<SearchQuery> | null;
    readonly problem: RequestError | null;
    readonly isBusy: boolean;
    readonly spent: Spent;
  }>({ answer: null, problem: null, isBusy: false, spent: nothingSpent });
  const [load] = useState(() => async ({ filter, sort }: Search, page: number) => {
    setState((before) => ({ ...before, problem: null, isBusy: true }));
    const operation = { document: SearchDocument, variables: { filter, sort, page } };
    try {
      if (!(await ask(await quote([operation])))) {
        setState((before) => ({ ...before, isBusy: false }));
        return;
      }
      const answer = await execute(operation);
      setState({ answer, problem: null, isBusy: false, spent: addSpent(nothingSpent, answer) });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      setState((before) => ({ ...before, problem: error, isBusy: false }));
    }
    await refresh();
  });
  return { ...state, load };
}

interface ResultsProps {
  readonly found: Page;
  readonly spent: Spent;
  readonly chosen: readonly string[];
  readonly onChoose: (ids: readonly string[]) => void;
  readonly onPage: (page: number) => void;
}

function Results({ found, spent, chosen, onChoose, onPage }: ResultsProps): ReactNode {
  const { language, t } = useSpeech();
  const [sort, setSort] = useState('');
  const number = (value: number) => formatNumber(value, 'number', language);
  const ids = found.items.map(({ creator }) => creator.id);
  const isAll = ids.length > 0 && ids.every((id) => chosen.includes(id));
  return (
    <section className="card" aria-labelledby="found">
      <div className="bar">
        <h2 id="found">
          {found.totalCount === null ? t.page(number(found.page)) : t.found(number(found.totalCount))}
        </h2>
        <SpentNote spent={spent} />
        <a
          className="button primary"
          aria-disabled={chosen.length === 0}
          href={hashOf('compare', { ids: chosen.slice(0, mostCreators).join(',') })}
        >
          {t.compareChosen(number(chosen.length))}
        </a>
      </div>
      {found.items.length === 0 ? (
        <p>{t.nobody}</p>
      ) : (
        <DataTable
          caption={t.found(number(found.totalCount ?? found.items.length))}
          columns={resultColumns(t)}
          rows={found.items}
          idOf={({ creator }) => creator.id}
          sort={sort}
          onSort={setSort}
          lead={{
            title: (
              <input
                type="checkbox"
                aria-label={t.selectAll}
                checked={isAll}
                onChange={() =>
                  onChoose(
                    isAll ? chosen.filter((id) => !ids.includes(id)) : [...new Set([...chosen, ...ids])],
                  )
                }
              />
            ),
            cell: ({ creator, name }) => (
              <input
                type="checkbox"
                aria-label={t.select(name ?? creator.id)}
                checked={chosen.includes(creator.id)}
                onChange={(event) =>
                  onChoose(
                    event.target.checked ? [...chosen, creator.id] : chosen.filter((id) => id !== creator.id),
                  )
                }
              />
            ),
          }}
        />
      )}
      <div className="buttons">
        <button type="button" disabled={found.page <= 1} onClick={() => onPage(found.page - 1)}>
          {t.previous}
        </button>
        <span>{t.page(number(found.page))}</span>
        <button type="button" disabled={!found.hasNextPage} onClick={() => onPage(found.page + 1)}>
          {t.next}
        </button>
      </div>
    </section>
  );
}

const amount = (money: { readonly amount: string } | null | undefined) =>
  money ? Number(money.amount) : null;

function resultColumns(t: Texts): readonly TableColumn<Item>[] {
  return [
    {
      key: 'name',
      title: t.NICKNAME,
      kind: 'text',
      value: ({ name, creator }) => name ?? creator.id,
      render: ({ name, creator }) => <a href={hashOf('creator', { id: creator.id })}>{name ?? creator.id}</a>,
    },
    { key: 'place', title: t.locations, kind: 'text', value: ({ province, city }) => city ?? province },
    { key: 'tags', title: t.contentTags, kind: 'list', value: ({ tags }) => tags.map(({ name }) => name) },
    { key: 'followers', title: t.followerCount, kind: 'count', value: ({ followerCount }) => followerCount },
    {
      key: 'price1To20',
      title: `${t.price} ${t.VIDEO_1_20S}`,
      kind: 'money',
      value: ({ prices }) => amount(prices.seconds1To20),
    },
    {
      key: 'price21To60',
      title: `${t.price} ${t.VIDEO_21_60S}`,
      kind: 'money',
      value: ({ prices }) => amount(prices.seconds21To60),
    },
    {
      key: 'priceOver60',
      title: `${t.price} ${t.VIDEO_OVER_60S}`,
      kind: 'money',
      value: ({ prices }) => amount(prices.secondsOver60),
    },
    {
      key: 'expectedPlays',
      title: t.expectedPlayCount,
      kind: 'count',
      value: ({ expectedPlayCount }) => expectedPlayCount,
    },
    {
      key: 'cpm',
      title: t.expectedCpm,
      kind: 'money',
      value: ({ expectedCpm }) => amount(expectedCpm.seconds21To60),
    },
    {
      key: 'cpe',
      title: t.expectedCpe,
      kind: 'money',
      value: ({ expectedCpe }) => amount(expectedCpe.seconds21To60),
    },
    { key: 'viralRate', title: t.viralRate, kind: 'rate', value: ({ viralRate }) => viralRate },
    {
      key: 'engagementRate',
      title: t.engagementRate,
      kind: 'rate',
      value: ({ engagementRate30Days }) => engagementRate30Days,
    },
    {
      key: 'completionRate',
      title: t.completionRate,
      kind: 'rate',
      value: ({ completionRate30Days }) => completionRate30Days,
    },
  ];
}
