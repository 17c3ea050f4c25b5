import { type ExecutionArgs, getOperationAST } from 'graphql';

/** What a request's headers ask about the operation's cost. */
export interface CostHeaders {
  /** `x-dry-run`: only say what the operation would cost now. */
  readonly isDryRun: boolean;
  /** `x-cost-debug`: report each call. */
  readonly isDetailed: boolean;
}

export function costHeadersOf(request: Request, operation: ExecutionArgs): CostHeaders {
  return {
    // GraphiQL sends the headers of its tab with introspection, too, and has no documentation without its result.
    isDryRun: isOn(request, 'x-dry-run') && !isOnlyIntrospection(operation),
    isDetailed: isOn(request, 'x-cost-debug'),
  };
}

/** Any other value is yes, since a misspelt dry run must not pay. */
function isOn(request: Request, header: string): boolean {
  return !['', '0', 'false'].includes(request.headers.get(header)?.toLowerCase() ?? '');
}

function isOnlyIntrospection({ document, operationName }: ExecutionArgs): boolean {
  const { selections = [] } = getOperationAST(document, operationName)?.selectionSet ?? {};
  return selections.every((node) => node.kind === 'Field' && node.name.value.startsWith('__'));
}
