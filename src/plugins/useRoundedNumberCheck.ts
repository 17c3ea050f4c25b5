import { createGraphQLError, type Plugin } from 'graphql-yoga';

/**
 * Refuses variables with a whole number that JSON has already rounded. GraphQL takes numbers for ids, and 19 digits
 * don't fit one: it would be another creator's id, and a call paid in vain.
 */
export function useExactIds(): Plugin {
  return {
    onParams({ params }) {
      if (params.variables === undefined || !holdsRoundedNumber(params.variables)) return;
      throw createGraphQLError(
        'A number in the variables has too many digits to be exact. Send ids as strings, in quotes.',
        { extensions: { code: 'BAD_USER_INPUT', retryable: false, http: { status: 400, spec: true } } },
      );
    },
  };
}

/** Without recursion, which deeply nested variables would exhaust. */
function holdsRoundedNumber(variables: unknown): boolean {
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
