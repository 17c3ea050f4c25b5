import { useEditorContext } from '@graphiql/react';
import { useSyncExternalStore } from 'react';
import { costLineOf } from './costLine.js';
import type { Language } from './language.js';
import { onRunChange, runOf } from './runs.js';

/** What the open tab's last run cost, above its response. */
export function CostLine({ language }: { readonly language: Language }) {
  const { tabs, activeTabIndex } = useEditorContext({ nonNull: true });
  const tabId = tabs[activeTabIndex]?.id ?? '';
  const run = useSyncExternalStore(onRunChange, () => runOf(tabId));
  const line = run && run.ms !== null ? costLineOf(run.extensions, run.ms, language) : '';
  return (
    <output className="cost-line">
      {line}
      {run?.hasNext && ' …'}
    </output>
  );
}
