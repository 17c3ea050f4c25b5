import { useSchemaStore } from '@graphiql/react';
import { type KeyboardEvent, useState, useSyncExternalStore } from 'react';
import type { Words } from './language.js';
import { changeSession, currentSession, onSessionChange } from './session.js';

/** The API key and the two headers that every tab sends. */
export function SessionBar({ words }: { readonly words: Words }) {
  const { apiKey, isDryRun, isCostDebug, keyProblem } = useSyncExternalStore(onSessionChange, currentSession);
  const [typedKey, setTypedKey] = useState(apiKey);
  const { introspect } = useSchemaStore();

  function applyKey(): void {
    const typed = typedKey.trim();
    if (typed === currentSession().apiKey) return;
    changeSession({ apiKey: typed, keyProblem: null });
    introspect();
  }

  return (
    <div className="session-bar">
      <label>
        {words.apiKey}
        <input
          className="api-key"
          autoComplete="off"
          spellCheck={false}
          value={typedKey}
          aria-invalid={keyProblem !== null}
          aria-describedby="key-problem"
          onChange={(event) => setTypedKey(event.target.value)}
          onBlur={applyKey}
          onKeyDown={(event: KeyboardEvent) => event.key === 'Enter' && applyKey()}
        />
      </label>
      <label title={words.dryRunTitle}>
        <input
          type="checkbox"
          checked={isDryRun}
          onChange={(event) => changeSession({ isDryRun: event.target.checked })}
        />
        {words.dryRun}
      </label>
      <label title={words.costDebugTitle}>
        <input
          type="checkbox"
          checked={isCostDebug}
          onChange={(event) => changeSession({ isCostDebug: event.target.checked })}
        />
        {words.costDebug}
      </label>
      <p id="key-problem" role="alert">
        {keyProblem === 'missing' && words.keyMissing}
        {keyProblem === 'unknown' && words.keyUnknown}
      </p>
    </div>
  );
}
