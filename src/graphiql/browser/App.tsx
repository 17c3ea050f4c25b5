import { DOC_EXPLORER_PLUGIN } from '@graphiql/plugin-doc-explorer';
import type { TabsState } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { CostLine } from './CostLine.js';
import { Docs } from './Docs.js';
import { createFetcher } from './fetcher.js';
import { type Language, words as wordsOf } from './language.js';
import { SessionBar } from './SessionBar.js';
import { ShareButton } from './ShareButton.js';
import { linkTo, type TabState } from './tabState.js';
import { WrappedLines } from './WrappedLines.js';

/** Returns the page's content. `state`: the tabs that GraphiQL finds in its storage. */
export function createApp(state: TabState, language: Language) {
  const words = wordsOf[language];
  const docs = { ...DOC_EXPLORER_PLUGIN, content: () => <Docs words={words} /> };
  const first = state.tabs[state.activeTabIndex];
  let openTabId = '';
  const onOpen = (tabId: string) => {
    openTabId = tabId;
  };

  /** The address is a link to the open tab, so that it can be shared, and a reload loses nothing. */
  function showAddress({ tabs, activeTabIndex }: TabsState): void {
    const tab = tabs[activeTabIndex];
    if (!tab) return;
    const { query, variables = null, operationName } = tab;
    const link = linkTo(location.href, { query, variables, operationName }) ?? location.pathname;
    if (link !== location.href) history.replaceState(null, '', link);
  }

  const fetcher = createFetcher(() => openTabId);
  return (
    <GraphiQL
      fetcher={fetcher}
      query={first?.query ?? ''}
      variables={first?.variables ?? ''}
      referencePlugin={docs}
      defaultEditorToolsVisibility={matchMedia('(min-width: 701px)').matches}
      isHeadersEditorEnabled={false}
      shouldPersistHeaders={false}
      onTabChange={showAddress}
    >
      <GraphiQL.Logo>
        <SessionBar words={words} />
      </GraphiQL.Logo>
      <GraphiQL.Toolbar>
        {({ prettify, merge, copy }) => (
          <>
            {prettify}
            {merge}
            {copy}
            <ShareButton words={words} />
          </>
        )}
      </GraphiQL.Toolbar>
      <GraphiQL.Footer>
        <CostLine language={language} onOpen={onOpen} />
      </GraphiQL.Footer>
      <WrappedLines />
    </GraphiQL>
  );
}
