import { type ReactNode, useEffect, useState } from 'react';
import { hashOf, parseRoute, useHash, type View } from './browser/route.js';
import { apiKey, chosenLanguage, chosenTheme, useStored } from './browser/settings.js';
import { ComparePage } from './compare/ComparePage.js';
import { CreatorPage } from './creator/CreatorPage.js';
import { FindPage } from './find/FindPage.js';
import { AskProvider } from './session/ask.js';
import { UpstreamProvider, useUpstream } from './session/upstreamStatus.js';
import { formatNumber } from './speech/format.js';
import { SpeechProvider, useSpeech } from './speech/language.js';

export function App(): ReactNode {
  return (
    <SpeechProvider>
      <UpstreamProvider>
        <AskProvider>
          <Shell />
        </AskProvider>
      </UpstreamProvider>
    </SpeechProvider>
  );
}

function Shell(): ReactNode {
  const { t } = useSpeech();
  const { view, params } = parseRoute(useHash());
  const { problem, refresh } = useUpstream();
  useTheme();
  return (
    <>
      <header>
        <a className="brand" href={hashOf('find')}>
          {t.title}
        </a>
        <nav>
          <NavLink view="find" current={view}>
            {t.find}
          </NavLink>
          <NavLink view="compare" current={view}>
            {t.compare}
          </NavLink>
          <a href="graphql">{t.explore}</a>
        </nav>
        <Spend />
        <Switches />
      </header>
      <main>
        {problem?.code === 'UNAUTHENTICATED' ? (
          <KeyForm />
        ) : problem ? (
          <p role="alert" className="notice bad">
            {t.errors[problem.code] ?? problem.message}{' '}
            <button type="button" onClick={() => void refresh()}>
              {t.retry}
            </button>
          </p>
        ) : view === 'compare' ? (
          <ComparePage params={params} />
        ) : view === 'creator' ? (
          <CreatorPage key={params.get('id')} id={params.get('id') ?? ''} />
        ) : (
          <FindPage params={params} />
        )}
      </main>
    </>
  );
}

function NavLink({
  view,
  current,
  children,
}: {
  readonly view: View;
  readonly current: View;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <a href={hashOf(view)} aria-current={view === current ? 'page' : undefined}>
      {children}
    </a>
  );
}

/** What the day has cost, and what is left. */
function Spend(): ReactNode {
  const { language, t } = useSpeech();
  const { upstream } = useUpstream();
  if (!upstream) return null;
  const calls = formatNumber(upstream.callsToday, 'number', language);
  const limit = upstream.dailyLimit === null ? null : formatNumber(upstream.dailyLimit, 'number', language);
  return (
    <div className="spend" role="status">
      {upstream.isSandbox && <span className="badge">{t.sandbox}</span>}
      {upstream.stop && <span className="badge bad">{t.stopped(upstream.stop.code)}</span>}
      <span>{t.spent(calls, limit)}</span>
    </div>
  );
}

function Switches(): ReactNode {
  const { language, t } = useSpeech();
  const theme = useStored(chosenTheme);
  const key = useStored(apiKey);
  const isDark = theme === 'dark' || (theme === '' && matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <div className="switches">
      {key !== '' && (
        <button type="button" onClick={() => apiKey.set('')}>
          {t.keyForget}
        </button>
      )}
      <button
        type="button"
        onClick={() => chosenTheme.set(isDark ? 'light' : 'dark')}
        aria-label={t.theme}
        aria-pressed={isDark}
      >
        {isDark ? '☾' : '☀'}
      </button>
      <button
        type="button"
        lang={language === 'zh' ? 'en' : 'zh'}
        onClick={() => chosenLanguage.set(language === 'zh' ? 'en' : 'zh')}
      >
        {t.language}
      </button>
    </div>
  );
}

function useTheme(): void {
  const theme = useStored(chosenTheme);
  useEffect(() => {
    document.documentElement.style.colorScheme = theme === '' ? 'light dark' : theme;
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
}

function KeyForm(): ReactNode {
  const { t } = useSpeech();
  const known = useStored(apiKey);
  const [text, setText] = useState('');
  return (
    <form
      className="card narrow"
      onSubmit={(event) => {
        event.preventDefault();
        apiKey.set(text.trim());
      }}
    >
      <h1>{t.keyTitle}</h1>
      <p>{t.keyHint}</p>
      {known !== '' && (
        <p role="alert" className="bad">
          {t.keyWrong}
        </p>
      )}
      <label className="field">
        <span>{t.keyLabel}</span>
        <input
          type="password"
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
          required
        />
      </label>
      <button type="submit" className="primary">
        {t.keySave}
      </button>
    </form>
  );
}
