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
  const tabOf = ({ query = null, variables = null, operationName = query && titleOf(query) }) => ({
    id: crypto.randomUUID?.() ?? String(Math.random()),
    hash: null,
    title: operationName || '<untitled>',
    query,
    variables,
    headers: null,
    operationName,
    response: null,
  });
  const read = () => {
    try {
      const state = JSON.parse(localStorage.getItem(key));
      if (state.tabs[state.activeTabIndex]) return state;
    } catch {}
    return { tabs: options.defaultTabs.map(tabOf), activeTabIndex: 0 };
  };
  const link = () => {
    const params = new URLSearchParams(location.search);
    const [query, variables, operationName] = ['query', 'variables', 'operationName'].map((name) => params.get(name));
    if (!query) return null;
    return { query, variables: variables && written(variables), operationName: operationName || titleOf(query) };
  };
  const written = (variables) => {
    try {
      return JSON.stringify(JSON.parse(variables), null, 2);
    } catch {
      return variables;
    }
  };
  const open = ({ tabs, activeTabIndex }, asked) => {
    const isAsked = (tab) => tab.query === asked.query && (tab.variables || null) === asked.variables;
    // What was edited since the link was opened is in the open tab, and its query in the address.
    if (tabs[activeTabIndex].query === asked.query) return activeTabIndex;
    const found = tabs.findIndex(isAsked);
    return found >= 0 ? found : tabs.push(tabOf(asked)) - 1;
  };

  const state = read();
  const asked = link();
  if (asked) state.activeTabIndex = open(state, asked);
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
    YogaGraphiQL.renderYogaGraphiQL(root, { ...options, query: query ?? '', variables: variables ?? '' });
  Promise.all([...document.fonts].map((font) => font.load())).then(render, render);
}`;
