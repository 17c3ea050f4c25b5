/** What a link holds, and what a tab shows. */
export interface TabContents {
  readonly query: string | null;
  readonly variables: string | null;
  readonly operationName: string | null;
}

/** A tab as GraphiQL stores it. */
export interface StoredTab extends TabContents {
  readonly id: string;
  readonly title: string;
  readonly hash: null;
  readonly headers: null;
  readonly response: null;
}

export interface TabState {
  readonly tabs: readonly StoredTab[];
  readonly activeTabIndex: number;
}

/** Beyond it, a link might not fit into the 16 KB that Node.js accepts for a request's headers. */
const longestLink = 8_000;

/** Null: the contents are too long for a link. */
export function linkTo(page: string, { query, variables, operationName }: TabContents): string | null {
  const link = new URL(page);
  link.search = '';
  link.hash = '';
  if (query) link.searchParams.set('query', query);
  if (variables?.trim()) link.searchParams.set('variables', variables);
  if (operationName) link.searchParams.set('operationName', operationName);
  return link.href.length > longestLink ? null : link.href;
}

/** Null: the address has no query. */
export function contentsOfLink(address: string): TabContents | null {
  const { searchParams } = new URL(address);
  const [query, variables, operationName] = ['query', 'variables', 'operationName'].map(
    (name) => searchParams.get(name) || null,
  );
  if (!query) return null;
  return { query, variables: variables ? indented(variables) : null, operationName: operationName ?? null };
}

/** Indented, unless that would change a digit: an id may be longer than an exact number. */
function indented(variables: string): string {
  try {
    const value: unknown = JSON.parse(variables);
    return JSON.stringify(value) === variables ? JSON.stringify(value, null, 2) : variables;
  } catch {
    return variables;
  }
}

/** Null: nothing is stored, or nothing that GraphiQL would accept. */
export function parseTabState(stored: string | null): TabState | null {
  try {
    const state: TabState | null = JSON.parse(stored ?? 'null');
    return state?.tabs[state.activeTabIndex] ? state : null;
  } catch {
    return null;
  }
}

export function tabsOf(contents: readonly Partial<TabContents>[], newId: () => string): TabState {
  return { tabs: contents.map((one) => tabOf(one, newId())), activeTabIndex: 0 };
}

/** Opens a link: in the tab that shows the same already, or else in a new one. */
export function withLink(state: TabState, link: TabContents, newId: () => string): TabState {
  const isLinked = (tab: StoredTab) =>
    tab.query === link.query && (!link.variables || tab.variables === link.variables);
  const open = state.tabs[state.activeTabIndex];
  const known = open && isLinked(open) ? open : state.tabs.find(isLinked);
  if (!known) {
    const tabs = [...state.tabs, tabOf(link, newId())];
    return { tabs, activeTabIndex: tabs.length - 1 };
  }
  const { operationName } = link;
  const tabs = state.tabs.map((tab) =>
    tab === known && operationName ? { ...tab, operationName, title: operationName } : tab,
  );
  return { tabs, activeTabIndex: state.tabs.indexOf(known) };
}

function tabOf(
  { query = null, variables = null, operationName = null }: Partial<TabContents>,
  id: string,
): StoredTab {
  const name = operationName ?? nameIn(query);
  return {
    id,
    title: name ?? '<untitled>',
    query,
    variables,
    operationName: name,
    hash: null,
    headers: null,
    response: null,
  };
}

function nameIn(query: string | null): string | null {
  return /^(?!#).*?(?:query|mutation|subscription)\s+(\w+)/m.exec(query ?? '')?.[1] ?? null;
}
