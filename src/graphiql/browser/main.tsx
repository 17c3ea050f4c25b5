import { createRoot } from 'react-dom/client';
import 'graphiql/graphiql.css';
import './style.css';
import { createApp } from './App.js';
import { exampleTabs } from './exampleTabs.js';
import { languageFor } from './language.js';
import { contentsOfLink, parseTabState, type TabState, tabsOf, withLink } from './tabState.js';

/** Where GraphiQL keeps its tabs. */
const storageKey = 'graphiql:tabState';

/** Not `crypto.randomUUID`, which browsers offer only on HTTPS and on this machine's own addresses. */
const newId = () => crypto.getRandomValues(new Uint32Array(4)).join('-');

const language = languageFor(navigator.languages);
document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';

function openingState(): TabState {
  const stored = parseTabState(read());
  const state = stored ?? tabsOf(exampleTabs(language), newId);
  const link = contentsOfLink(location.href);
  return link ? withLink(state, link, newId) : state;
}

/** Null: a browser may refuse storage to pages. */
function read(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

// GraphiQL reads its stored state at its start. It would open the first tab, and ignore a link's variables.
const state = openingState();
try {
  localStorage.setItem(storageKey, JSON.stringify(state));
} catch {}

// A tab that is pressed might start to be dragged, jump from under the pointer, and lose the click.
document.addEventListener(
  'pointerdown',
  (event) => {
    if (event.target instanceof Element && event.target.closest('.graphiql-tab')) event.stopPropagation();
  },
  { capture: true },
);

const root = document.getElementById('root');
if (!root) throw new Error('Expected an element with the id "root" in the page');
createRoot(root).render(createApp(state, language));
