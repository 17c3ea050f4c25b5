import { type ReactNode, useState } from 'react';
import { goTo, hashOf } from '../browser/route.js';
import { mostCreators } from '../compare/comparison.js';
import { formatNumber } from '../speech/format.js';
import { useSpeech } from '../speech/language.js';
import { type ReadIds, readIds } from './readIds.js';

/** Creators whose ids or links the user has already, such as a column of a sheet. */
export function PasteIds(): ReactNode {
  const { language, t } = useSpeech();
  const [text, setText] = useState('');
  const [found, setFound] = useState<ReadIds | null>(null);
  const number = (value: number) => formatNumber(value, 'number', language);
  return (
    <form
      className="card"
      onSubmit={(event) => {
        event.preventDefault();
        const result = readIds(text, mostCreators);
        setFound(result);
        if (result.refused.length === 0 && result.ids.length > 0)
          goTo(hashOf('compare', { ids: result.ids.join(',') }));
      }}
    >
      <h2>{t.pasteTitle}</h2>
      <label className="field">
        <span>{t.pasteHint}</span>
        <textarea
          rows={4}
          value={text}
          onChange={(event) => setText(event.target.value)}
          spellCheck={false}
        />
      </label>
      <div className="buttons">
        <button type="submit" disabled={text.trim() === ''}>
          {t.pasteRead}
        </button>
      </div>
      {found && (
        <div role="status">
          <p>
            {t.pasteFound(number(found.ids.length))}
            {found.duplicates > 0 && ` · ${t.pasteMerged(number(found.duplicates))}`}
            {found.isCut && ` · ${t.pasteTooMany(mostCreators)}`}
          </p>
          {found.refused.length > 0 && (
            <>
              <p className="bad">{t.pasteRefused(number(found.refused.length))}</p>
              <ul className="refused">
                {found.refused.slice(0, 20).map(({ text: cell, reason }, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the list does not change
                  <li key={at}>
                    <code>{cell.slice(0, 80)}</code> {t.reasons[reason]}
                  </li>
                ))}
              </ul>
            </>
          )}
          {found.ids.length > 0 && (
            <a className="button primary" href={hashOf('compare', { ids: found.ids.join(',') })}>
              {t.compareChosen(number(found.ids.length))}
            </a>
          )}
        </div>
      )}
    </form>
  );
}
