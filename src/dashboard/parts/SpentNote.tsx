import type { ReactNode } from 'react';
import type { Spent } from '../api/paying.js';
import { formatNumber } from '../speech/format.js';
import { useSpeech } from '../speech/language.js';

/** What a load did cost. */
export function SpentNote({ spent }: { readonly spent: Spent }): ReactNode {
  const { language, t } = useSpeech();
  const number = (value: number) => formatNumber(value, 'number', language);
  const spend = spent.spend === null ? null : formatNumber(spent.spend, 'money', language);
  return (
    <p className="muted" role="status">
      {t.didCost(number(spent.paidCalls), number(spent.cachedCalls), spend)}
    </p>
  );
}
