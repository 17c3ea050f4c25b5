import { useEditorContext } from '@graphiql/react';
import { useEffect } from 'react';

/** Wraps long lines, which GraphiQL would cut where the editors are narrow. */
export function WrappedLines() {
  const { queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  useEffect(() => {
    queryEditor?.setOption('lineWrapping', true);
    variableEditor?.setOption('lineWrapping', true);
  }, [queryEditor, variableEditor]);
  return null;
}
