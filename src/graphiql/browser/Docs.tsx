import { DocExplorer, useDocExplorerActions } from '@graphiql/plugin-doc-explorer';
import { useSchemaStore } from '@graphiql/react';
import { useState } from 'react';
import { type Found, searchDocs } from './docsSearch.js';
import type { Words } from './language.js';

/** GraphiQL's explorer, with a search that reads descriptions: GraphiQL's own reads English names only. */
export function Docs({ words }: { readonly words: Words }) {
  const [text, setText] = useState('');
  const { schema } = useSchemaStore();
  const { push } = useDocExplorerActions();
  const found = schema ? searchDocs(schema, text) : [];

  function show({ type, member }: Found): void {
    // The values of an enum are shown on its own page.
    const def = member && 'type' in member ? member : type;
    push({ name: def.name, def });
    setText('');
  }

  return (
    <div className="docs">
      <input
        type="search"
        placeholder={words.searchDocs}
        aria-label={words.searchDocs}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      {text.trim() === '' ? (
        <DocExplorer />
      ) : (
        <ul className="docs-found">
          {found.map((one) => (
            <li key={`${one.type.name}.${one.member?.name ?? ''}`}>
              <button type="button" onClick={() => show(one)}>
                <code>{one.member ? `${one.type.name}.${one.member.name}` : one.type.name}</code>
                <span>{one.description}</span>
              </button>
            </li>
          ))}
          {found.length === 0 && <li>{words.nothingFound}</li>}
        </ul>
      )}
    </div>
  );
}
