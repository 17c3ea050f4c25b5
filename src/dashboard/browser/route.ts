import { useSyncExternalStore } from 'react';

export type View = 'find' | 'compare' | 'creator';

/** What the page shows. It stands after the `#` of the address, so that a link shows the same, and no server sees it. */
export interface Route {
  readonly view: View;
  readonly params: URLSearchParams;
}

const views: readonly View[] = ['find', 'compare', 'creator'];

export function parseRoute(hash: string): Route {
  const [, path = '', query = ''] = /^#?\/?([^?]*)\??(.*)$/.exec(hash) ?? [];
  return { view: views.find((view) => view === path) ?? 'find', params: new URLSearchParams(query) };
}

export function hashOf(view: View, params: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== ''));
  return query.size > 0 ? `#/${view}?${query}` : `#/${view}`;
}

/** `replace`: no entry of its own in the browser's history, as for the order of a table. */
export function goTo(hash: string, { replace = false } = {}): void {
  if (!replace) {
    location.hash = hash;
    return;
  }
  history.replaceState(history.state, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function useHash(): string {
  return useSyncExternalStore(
    (onChange) => {
      addEventListener('hashchange', onChange);
      return () => removeEventListener('hashchange', onChange);
    },
    () => location.hash,
  );
}
