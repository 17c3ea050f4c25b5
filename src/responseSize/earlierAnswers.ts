import { type FieldNode, type GraphQLField, getArgumentValues } from 'graphql';
import { BadUserInputError } from '../errors.js';
import { ResponseTooLargeError } from './responseTooLargeError.js';

/** How many earlier answers one `history` may list. */
export const maxLast = 100;

/** How many earlier answers one operation may list. Each is decoded for it, and they may nest. */
export const maxEarlierAnswers = 2_000;

/** Throws if the arguments of a `history` are invalid. */
export function checkLast(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  const { last } = getArgumentValues(field, node, variables);
  if (typeof last === 'number' && (last < 1 || last > maxLast)) {
    throw new BadUserInputError(`Expected last of 1 to ${maxLast}, but got ${last}.`);
  }
}

export function tooManyEarlierAnswersError(): ResponseTooLargeError {
  return new ResponseTooLargeError(
    `One operation lists at most ${maxEarlierAnswers} earlier answers, where an empty history counts as one. Ask for the history of fewer sections, or for fewer answers with last.`,
    null,
  );
}
