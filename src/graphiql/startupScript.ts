/**
 * Runs before GraphiQL starts. GraphiQL by itself restores the open tab only after a tab was edited, and ignores a link's
 * variables. So this script writes GraphiQL's stored state, with the right tab open, before each start.
 *
 * GraphiQL's tabs can be dragged, and each measures its place once. When the widths change later (a font loads, a tab is
 * added or renamed), a tab jumps from under the pointer that presses it, and the click is lost. So GraphiQL starts when
 * the fonts are loaded, and a press never starts a drag.
 */
export const startupScript = String.raw`
function renderWithState(root, options) {
  const key = 'graphiql:tabState';
  const titleOf = (query) => /^(?!#).*?(?:query|mutation|subscription)\s+(\w+)/m.exec(query)?.[1] ?? null;
  const tabOf = ({ query = null, variables = null, operationName = null }) => {
    const name = operationName ?? (query && titleOf(query));
    return {
      id: crypto.randomUUID?.() ?? String(Math.random()),
      hash: null,
      title: name || '<untitled>',
      query,
      variables,
      headers: null,
      operationName: name,
      response: null,
    };
  };
  const read = () => {
    try {
      const state = JSON.parse(localStorage.getItem(key));
      if (state.tabs[state.activeTabIndex]) return state;
    } catch {}
    return { tabs: options.defaultTabs.map(tabOf), activeTabIndex: 0 };
  };
  const link = () => {
    const params = new URLSearchParams(location.search);
    const [query, variables, operationName] = ['query', 'variables', 'operationName'].map((name) => params.get(name) || null);
    return query && { query, variables: variables && formatted(variables), operationName };
  };
  // Indented, unless that would change a digit: an id may be longer than an exact number.
  const formatted = (variables) => {
    try {
      const value = JSON.parse(variables);
      return JSON.stringify(value) === variables ? JSON.stringify(value, null, 2) : variables;
    } catch {
      return variables;
    }
  };
  const open = (state, linked) => {
    const openTab = state.tabs[state.activeTabIndex];
    // The open tab holds what was edited since the link was opened, and the URL its query.
    const isReload = performance.getEntriesByType('navigation')[0]?.type !== 'navigate';
    if (isReload && openTab.query === linked.query) return;
    // GraphiQL itself tells tabs apart by these. It writes URLs without variables.
    const isLinked = (tab) =>
      tab.query === linked.query && (!linked.variables || tab.variables === linked.variables);
    const tab = [openTab, ...state.tabs].find(isLinked);
    if (tab && linked.operationName) tab.title = tab.operationName = linked.operationName;
    state.activeTabIndex = tab ? state.tabs.indexOf(tab) : state.tabs.push(tabOf(linked)) - 1;
  };
  // GraphiQL's own handler would leave a link's variables in the URL beside the query of another tab.
  const onEditQuery = (query) => {
    const address = new URL(location.href);
    address.search = new URLSearchParams({ query });
    history.replaceState({}, '', address);
  };

  const state = read();
  const linked = link();
  if (linked) open(state, linked);
  try {
    localStorage.setItem(key, JSON.stringify(state));
  } catch {}
  document.addEventListener(
    'pointerdown',
    (event) => {
      if (event.target.closest?.('.graphiql-tab')) event.stopPropagation();
    },
    { capture: true },
  );
  const { query, variables } = state.tabs[state.activeTabIndex];
  const render = () =>
    YogaGraphiQL.renderYogaGraphiQL(root, { ...options, query: query ?? '', variables: variables ?? '', onEditQuery });
  Promise.all([...document.fonts].map((font) => font.load())).then(render, render);
}`;
