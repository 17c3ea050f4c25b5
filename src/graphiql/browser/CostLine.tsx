import { useEditorContext } from '@graphiql/react';
import { useEffect, useSyncExternalStore } from 'react';
import { costTextOf } from './costText.js';
import type { Language } from './language.js';
import { onRunChange, runOf } from './runs.js';

interface CostLineProps {
  readonly language: Language;
  /** Called with the id of each tab that is opened. */
  readonly onOpen: (tabId: string) => void;
}

/** What the open tab's last run cost, above its response. */
export function CostLine({ language, onOpen }: CostLineProps) {
  const { tabs, activeTabIndex } = useEditorContext({ nonNull: true });
  const tabId = tabs[activeTabIndex]?.id ?? '';
  useEffect(() => onOpen(tabId), [tabId, onOpen]);
  const run = useSyncExternalStore(onRunChange, () => runOf(tabId));
  const line = run && run.ms !== null ? costTextOf(run.extensions, run.ms, language) : '';
  return (
    <output className="cost-line">
      {line}
      {line && run?.hasNext && ' …'}
    </output>
  );
}
