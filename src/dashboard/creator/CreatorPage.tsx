import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { execute, type FieldError, RequestError } from '../api/client.js';
import { addSpent, nothingSpent, quote, type Spent } from '../api/paying.js';
import { CreatorDocument, type CreatorQuery } from '../generated/graphql.js';
import { SpentNote } from '../parts/SpentNote.js';
import { useAsk } from '../session/ask.js';
import { useUpstream } from '../session/upstreamStatus.js';
import { formatTime } from '../speech/format.js';
import { useSpeech } from '../speech/language.js';
import { type CreatorSection, type LoadedSections, sectionNames } from './creatorSections.js';
import { SectionBody } from './SectionBody.js';

/** Everything about one creator, in sections. Each is a call, so the user chooses which. */
export function CreatorPage({ id }: { readonly id: string }): ReactNode {
  const { t } = useSpeech();
  const [wanted, setWanted] = useState<readonly CreatorSection[]>(sectionNames);
  const { sections, errors, pending, problem, spent, isReal, load } = useCreator(id);
  const started = useRef(false);
  useEffect(() => {
    if (!started.current) void load(sectionNames);
    started.current = true;
  }, [load]);
  const missing = wanted.filter((name) => !sections[name] && !pending.has(name));
  return (
    <>
      <section className="card">
        <div className="bar">
          <h1>{sections.profile?.name ?? id}</h1>
          <a
            href={`https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}`}
            rel="noreferrer"
            target="_blank"
          >
            {t.onXingtu}
          </a>
          <SpentNote spent={spent} />
        </div>
        {problem && (
          <p role="alert" className="notice bad">
            {t.errors[problem.code] ?? problem.message}
          </p>
        )}
        {missing.length > 0 && (
          <fieldset className="choices">
            <legend>{t.chooseSections}</legend>
            {sectionNames
              .filter((name) => !sections[name] && !pending.has(name))
              .map((name) => (
                <label key={name} className="flag">
                  <input
                    type="checkbox"
                    checked={wanted.includes(name)}
                    onChange={(event) =>
                      setWanted(
                        event.target.checked ? [...wanted, name] : wanted.filter((other) => other !== name),
                      )
                    }
                  />
                  {t.sections[name]}
                </label>
              ))}
            <button type="button" className="primary" onClick={() => void load(missing)}>
              {t.load}
            </button>
          </fieldset>
        )}
      </section>
      {sectionNames.map((name) => (
        <SectionCard
          key={name}
          name={name}
          section={sections[name]}
          error={errors[name]}
          isPending={pending.has(name)}
          onLoad={() => void load([name])}
        >
          <SectionBody name={name} sections={sections} areCoversShown={isReal} />
        </SectionCard>
      ))}
    </>
  );
}

interface SectionCardProps {
  readonly name: CreatorSection;
  readonly section: LoadedSections[CreatorSection];
  readonly error: FieldError | undefined;
  readonly isPending: boolean;
  readonly onLoad: () => void;
  readonly children: ReactNode;
}

function SectionCard({ name, section, error, isPending, onLoad, children }: SectionCardProps): ReactNode {
  const { language, t } = useSpeech();
  if (!section && !error && !isPending) return null;
  return (
    <section className="card" aria-labelledby={name} data-section={name}>
      <div className="bar">
        <h2 id={name}>{t.sections[name]}</h2>
        {section && (
          <span className={section.isStale ? 'muted stale' : 'muted'}>
            {section.isStale
              ? t.stale(formatTime(section.fetchedAt, language))
              : t.fetchedAt(formatTime(section.fetchedAt, language))}
          </span>
        )}
      </div>
      {isPending ? (
        <p role="status">{t.loading}</p>
      ) : error ? (
        <p role="alert" className="bad">
          {t.failed}: {t.errors[error.code] ?? error.message}{' '}
          <button type="button" onClick={onLoad}>
            {t.retry}
          </button>
        </p>
      ) : section?.hasData ? (
        children
      ) : (
        <p className="muted">{t.noData}</p>
      )}
    </section>
  );
}

interface State {
  readonly sections: LoadedSections;
  readonly errors: Readonly<Partial<Record<CreatorSection, FieldError>>>;
  readonly pending: ReadonlySet<CreatorSection>;
  readonly problem: RequestError | null;
  readonly spent: Spent;
  /** No sandbox has made the sections up, as the server says with the last of them: by then it knows. */
  readonly isReal: boolean;
}

/** The sections come one by one, as upstream answers. Asks before it pays. */
function useCreator(id: string) {
  const ask = useAsk();
  const { refresh } = useUpstream();
  const [state, setState] = useState<State>({
    sections: {},
    errors: {},
    pending: new Set(),
    problem: null,
    spent: nothingSpent,
    isReal: false,
  });
  const load = useCallback(
    async (names: readonly CreatorSection[]) => {
      const wanted = Object.fromEntries(names.map((name) => [name, true]));
      const operation = { document: CreatorDocument, variables: { id, ...wanted } };
      const take = (data: CreatorQuery | null, errors: readonly FieldError[], isLast: boolean) =>
        setState((before) => taken(before, { names, data, errors, isLast }));
      try {
        if (!(await ask(await quote([operation])))) return;
        setState((before) => ({ ...before, problem: null, pending: new Set([...before.pending, ...names]) }));
        const answer = await execute(operation, { onPart: ({ data, errors }) => take(data, errors, false) });
        take(answer.data, answer.errors, true);
        const ofCreator = answer.errors.find(({ path }) => path.length === 1);
        const problem = ofCreator ? new RequestError(ofCreator.code, ofCreator.message) : null;
        setState((before) => ({
          ...before,
          problem,
          spent: addSpent(before.spent, answer),
          isReal: !answer.isSandbox,
        }));
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        setState((before) => ({ ...before, problem: error, pending: new Set() }));
      }
      await refresh();
    },
    [id, ask, refresh],
  );
  return { ...state, load };
}

interface Part {
  readonly names: readonly CreatorSection[];
  readonly data: CreatorQuery | null;
  readonly errors: readonly FieldError[];
  readonly isLast: boolean;
}

function taken(before: State, { names, data, errors, isLast }: Part): State {
  const creator: LoadedSections = data?.creator ?? {};
  const sections = { ...before.sections };
  const failed = { ...before.errors };
  const pending = new Set(before.pending);
  for (const name of names) {
    const section = creator[name];
    const error = errors.find(({ path }) => path[1] === name);
    if (section) {
      Object.assign(sections, { [name]: section });
      delete failed[name];
    } else if (error) failed[name] = error;
    if (section || error || isLast) pending.delete(name);
  }
  return { ...before, sections, errors: failed, pending };
}
