import { ToolbarButton, useEditorContext } from '@graphiql/react';
import { useState } from 'react';
import type { Words } from './language.js';
import { linkTo } from './tabState.js';

/** Copies a link to the open tab. */
export function ShareButton({ words }: { readonly words: Words }) {
  const { queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  const [outcome, setOutcome] = useState('');

  async function copy(): Promise<void> {
    const link = linkTo(location.href, {
      query: queryEditor?.getValue() ?? null,
      variables: variableEditor?.getValue() ?? null,
      operationName: queryEditor?.operationName ?? null,
    });
    if (link === null) return setOutcome(words.linkTooLong);
    try {
      await navigator.clipboard.writeText(link);
      setOutcome(words.linkCopied);
    } catch {
      setOutcome(words.linkNotCopied);
    }
  }

  return (
    <>
      <ToolbarButton label={words.copyLink} onClick={copy} onBlur={() => setOutcome('')}>
        <svg className="graphiql-toolbar-icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1.700 1.700M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1.700-1.700" />
        </svg>
      </ToolbarButton>
      <output className="share-outcome">{outcome}</output>
    </>
  );
}
