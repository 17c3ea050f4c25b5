/** What holds for every tab of GraphiQL, until the browser's tab is closed. */
export interface Session {
  readonly apiKey: string;
  readonly isDryRun: boolean;
  readonly isCostDebug: boolean;
  /** What the server said of the key when it answered 401 last. */
  readonly keyProblem: 'missing' | 'unknown' | null;
}

/** The dashboard shares the API key. */
const keys = { apiKey: 'xingtu:apiKey', isDryRun: 'xingtu:dryRun', isCostDebug: 'xingtu:costDebug' } as const;

const listeners = new Set<() => void>();

let session: Session = {
  apiKey: stored(keys.apiKey),
  isDryRun: stored(keys.isDryRun) === '1',
  isCostDebug: stored(keys.isCostDebug) === '1',
  keyProblem: null,
};

export function currentSession(): Session {
  return session;
}

export function changeSession(change: Partial<Session>): void {
  session = { ...session, ...change };
  store(keys.apiKey, session.apiKey);
  store(keys.isDryRun, session.isDryRun ? '1' : '');
  store(keys.isCostDebug, session.isCostDebug ? '1' : '');
  for (const listener of listeners) listener();
}

/** Returns how to stop listening. */
export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function headersFor({ apiKey, isDryRun, isCostDebug }: Session): Record<string, string> {
  return {
    ...(apiKey && { authorization: `Bearer ${apiKey}` }),
    ...(isDryRun && { 'x-dry-run': '1' }),
    ...(isCostDebug && { 'x-cost-debug': '1' }),
  };
}

/** A browser may refuse storage to pages. Then the session ends with the page. */
function stored(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

function store(key: string, value: string): void {
  try {
    if (value) sessionStorage.setItem(key, value);
    else sessionStorage.removeItem(key);
  } catch {}
}
