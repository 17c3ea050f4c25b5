import { Kind, parse } from 'graphql';

interface Asked {
  readonly query: string;
  readonly operationName?: string | null | undefined;
}

/**
 * The operation to run, if the query has it. For a moment after a tab was opened, GraphiQL still gives the name of the
 * operation in the tab before.
 */
export function knownName({ query, operationName = null }: Asked): string | null {
  try {
    const { definitions } = parse(query);
    const isKnown = definitions.some(
      (one) => one.kind === Kind.OPERATION_DEFINITION && one.name?.value === operationName,
    );
    return isKnown ? operationName : null;
  } catch {
    return operationName;
  }
}
