/**
 * Runs in the page before GraphiQL does, which by itself finds its way back to the open tab only after that was edited,
 * and leaves a link's variables out: so its state is always there when it starts, with the tab that is to be open.
 *
 * Its tabs can be dragged, and each measures once how far. When their widths change (a font comes, a tab is added or gets
 * another name), a tab jumps away from under the pointer that presses it, and the click is lost. So they are measured
 * in their own font, and a press is never the beginning of a drag.
 */
export const graphiqlState = String.raw`
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
    return query && { query, variables: variables && written(variables), operationName };
  };
  // On lines of their own, unless a digit would change: ids may be longer than numbers are exact.
  const written = (variables) => {
    try {
      const value = JSON.parse(variables);
      return JSON.stringify(value) === variables ? JSON.stringify(value, null, 2) : variables;
    } catch {
      return variables;
    }
  };
  const open = (state, asked) => {
    const openTab = state.tabs[state.activeTabIndex];
    // What was edited since the link was opened is in the open tab, and its query in the address.
    const isReload = performance.getEntriesByType('navigation')[0]?.type !== 'navigate';
    if (isReload && openTab.query === asked.query) return;
    // By what GraphiQL tells tabs apart. An address without variables may be one that it wrote.
    const isAsked = (tab) => tab.query === asked.query && (!asked.variables || tab.variables === asked.variables);
    const tab = [openTab, ...state.tabs].find(isAsked);
    if (tab && asked.operationName) tab.title = tab.operationName = asked.operationName;
    state.activeTabIndex = tab ? state.tabs.indexOf(tab) : state.tabs.push(tabOf(asked)) - 1;
  };
  // GraphiQL's own would leave a link's variables beside the query of another tab.
  const onEditQuery = (query) => {
    const address = new URL(location.href);
    address.search = new URLSearchParams({ query });
    history.replaceState({}, '', address);
  };

  const state = read();
  const asked = link();
  if (asked) open(state, asked);
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
