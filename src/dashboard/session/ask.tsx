import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react';
import type { Quote } from '../api/paying.js';
import { callsWithoutAsking, useStored } from '../browser/settings.js';
import { formatNumber } from '../speech/format.js';
import { useSpeech } from '../speech/language.js';

/** Resolves with whether the user accepts the cost. What costs nothing is not asked about. */
type Ask = (quote: Quote) => Promise<boolean>;

const AskContext = createContext<Ask>(async () => false);

export function useAsk(): Ask {
  return useContext(AskContext);
}

/** Another site may open this page by a link. So before the user has done anything here, every paid call is asked about. */
const mostUnasked = () => (navigator.userActivation.hasBeenActive ? Number(callsWithoutAsking.get()) : 0);

const thresholds = [0, 1, 5, 20, 100];

export function AskProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [open, setOpen] = useState<{ readonly quote: Quote; readonly answer: (is: boolean) => void } | null>(
    null,
  );
  const refuseOpen = useRef(() => {});
  const ask = useCallback<Ask>((quote) => {
    if (quote.paidCalls <= mostUnasked()) return Promise.resolve(true);
    // There is one dialog. A question that another one replaces is answered with no.
    refuseOpen.current();
    return new Promise((resolve) => {
      const answer = (isAccepted: boolean) => {
        refuseOpen.current = () => {};
        setOpen(null);
        resolve(isAccepted);
      };
      refuseOpen.current = () => answer(false);
      setOpen({ quote, answer });
    });
  }, []);
  return (
    <AskContext value={ask}>
      {children}
      {open && <AskDialog quote={open.quote} onAnswer={open.answer} />}
    </AskContext>
  );
}

function AskDialog({
  quote,
  onAnswer,
}: {
  readonly quote: Quote;
  readonly onAnswer: (is: boolean) => void;
}): ReactNode {
  const { language, t } = useSpeech();
  const threshold = useStored(callsWithoutAsking);
  const dialog = useRef<HTMLDialogElement>(null);
  const accept = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    accept.current?.focus();
  }, []);
  const calls = formatNumber(quote.paidCalls, 'number', language);
  const spend = quote.spend === null ? null : formatNumber(quote.spend, 'money', language);
  return (
    <dialog ref={dialog} aria-labelledby="ask-title" onCancel={() => onAnswer(false)}>
      <h2 id="ask-title">{t.askTitle}</h2>
      <p className="ask-cost">{quote.isUpperBound ? t.askAtMost(calls, spend) : t.askCost(calls, spend)}</p>
      {quote.storedCalls > 0 && <p>{t.askStored(formatNumber(quote.storedCalls, 'number', language))}</p>}
      {quote.isSandbox && <p className="muted">{t.askSandbox}</p>}
      <label className="field">
        <span>{t.askThreshold}</span>
        <select value={threshold || '0'} onChange={(event) => callsWithoutAsking.set(event.target.value)}>
          {thresholds.map((most) => (
            <option key={most} value={most}>
              {most === 0 ? t.askAlways : t.askUpTo(most)}
            </option>
          ))}
        </select>
      </label>
      <div className="buttons">
        <button type="button" onClick={() => onAnswer(false)}>
          {t.cancel}
        </button>
        <button ref={accept} type="button" className="primary" onClick={() => onAnswer(true)}>
          {t.askAccept}
        </button>
      </div>
    </dialog>
  );
}
