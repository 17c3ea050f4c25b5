import { createGraphQLError, type Plugin } from 'graphql-yoga';

/**
 * Refuses variables with a whole number that JSON.parse has rounded. GraphQL accepts numbers as ids, and an id of 19
 * digits would become another creator's id, and a call that is paid for nothing.
 */
export function useRoundedNumberCheck(): Plugin {
  return {
    onParams({ params }) {
      if (params.variables === undefined || !hasRoundedNumber(params.variables)) return;
      throw createGraphQLError(
        'A number in the variables has too many digits to be exact. Send ids as strings, in quotes.',
        { extensions: { code: 'BAD_USER_INPUT', retryable: false, http: { status: 400, spec: true } } },
      );
    },
  };
}

/** Does not recurse, because deeply nested variables would overflow the stack. */
function hasRoundedNumber(variables: unknown): boolean {
  const pending = [variables];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return true;
    if (typeof value === 'object' && value !== null) {
      for (const child of Object.values(value)) pending.push(child);
    }
  }
  return false;
}
