import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Answer, type FieldError, type Operation, RequestError } from '../api/client.js';
import { addSpent, executeAll, nothingSpent, quote, type Spent } from '../api/paying.js';
import { CompareDocument, type CompareQuery, type CompareQueryVariables } from '../generated/graphql.js';
import { useAsk } from '../session/ask.js';
import { useUpstream } from '../session/upstreamStatus.js';

type Creator = CompareQuery['creators'][number];

/** The sections that `Compare` can load. */
export type CompareSection = Exclude<keyof CompareQueryVariables, 'ids'>;

export interface ComparedCreator {
  readonly id: string;
  /** What is loaded so far, in the shape of the schema. */
  readonly creator: Partial<NonNullable<Creator>>;
  /** Why sections failed. */
  readonly errors: Readonly<Partial<Record<CompareSection, FieldError>>>;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** As many creators as one comparison may have. */
export const mostCreators = 500;

/** So many creators a request, so that the first rows come soon. */
const atMostOnce = 20;
/** The server's limit of one operation. */
const mostIds = 100;

interface Loaded {
  readonly rows: ReadonlyMap<string, ComparedCreator>;
  readonly progress: Progress | null;
  readonly problem: RequestError | null;
  readonly spent: Spent;
}

const nothingLoaded: Loaded = { rows: new Map(), progress: null, problem: null, spent: nothingSpent };

/** Loads the sections of creators that are not loaded yet, in chunks. Asks before it pays. */
export function useComparison(ids: readonly string[], sections: readonly CompareSection[]) {
  const ask = useAsk();
  const { refresh } = useUpstream();
  const [loaded, setLoaded] = useState(nothingLoaded);
  const isBusy = useRef(false);
  const rows = useRef(loaded.rows);

  const load = useCallback(
    async ({ again = false } = {}) => {
      const missing = missingOf(ids, sections, rows.current, again);
      if (missing.ids.length === 0 || isBusy.current) return;
      isBusy.current = true;
      try {
        const price = await quote(operationsFor(missing, mostIds));
        if (!(await ask(price))) return;
        const most = Math.max(1, Math.min(atMostOnce, Math.floor(price.maxCalls / missing.sections.length)));
        setLoaded((before) => ({
          ...before,
          problem: null,
          progress: { done: 0, total: missing.ids.length },
        }));
        await executeAll(operationsFor(missing, most), (answer, { variables }) => {
          const chunk = variables.ids as readonly string[];
          rows.current = merged(rows.current, chunk, answer);
          setLoaded((before) => ({
            ...before,
            rows: rows.current,
            progress: before.progress && { ...before.progress, done: before.progress.done + chunk.length },
            spent: addSpent(before.spent, answer),
          }));
        });
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        setLoaded((before) => ({ ...before, problem: error }));
      } finally {
        isBusy.current = false;
        setLoaded((before) => ({ ...before, progress: null }));
        await refresh();
      }
    },
    [ids, sections, ask, refresh],
  );
  useEffect(() => void load(), [load]);
  const isComplete = useMemo(
    () => missingOf(ids, sections, loaded.rows, false).ids.length === 0,
    [ids, sections, loaded.rows],
  );
  return { ...loaded, isComplete, load };
}

interface Missing {
  readonly ids: readonly string[];
  readonly sections: readonly CompareSection[];
}

/** `again`: what failed is missing, too. */
function missingOf(
  ids: readonly string[],
  sections: readonly CompareSection[],
  rows: ReadonlyMap<string, ComparedCreator>,
  again: boolean,
): Missing {
  const lacks = (id: string, section: CompareSection) => {
    const row = rows.get(id);
    return !row || (!row.creator[section] && (again || !row.errors[section]));
  };
  const wanted = sections.filter((section) => ids.some((id) => lacks(id, section)));
  return { ids: ids.filter((id) => wanted.some((section) => lacks(id, section))), sections: wanted };
}

function operationsFor(
  { ids, sections }: Missing,
  most: number,
): readonly Operation<CompareQuery, CompareQueryVariables>[] {
  const wanted = Object.fromEntries(sections.map((section) => [section, true]));
  const chunks = Array.from({ length: Math.ceil(ids.length / most) }, (_, nth) =>
    ids.slice(nth * most, (nth + 1) * most),
  );
  return chunks.map((chunk) => ({ document: CompareDocument, variables: { ids: [...chunk], ...wanted } }));
}

function merged(
  rows: ReadonlyMap<string, ComparedCreator>,
  ids: readonly string[],
  { data, errors }: Answer<CompareQuery>,
): ReadonlyMap<string, ComparedCreator> {
  const next = new Map(rows);
  for (const [at, id] of ids.entries()) {
    const before = next.get(id);
    const found = Object.entries(data?.creators[at] ?? {}).filter(([, value]) => value !== null);
    const ofCreator = errors.filter(({ path }) => path[1] === at);
    const failed = Object.fromEntries(ofCreator.map((error) => [String(error.path[2]), error]));
    const kept = Object.entries(before?.errors ?? {}).filter(
      ([section]) => !found.some(([name]) => name === section),
    );
    next.set(id, {
      id,
      creator: { ...before?.creator, ...Object.fromEntries(found) },
      errors: { ...Object.fromEntries(kept), ...failed },
    });
  }
  return next;
}
