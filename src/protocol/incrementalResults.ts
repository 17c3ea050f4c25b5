import type { ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable, mapAsyncIterator } from 'graphql-yoga';

/** An answer; or one of its parts, of which those after the first hold `incremental`. */
export interface Part extends ExecutionResult {
  readonly hasNext?: boolean;
  readonly incremental?: readonly Patch[];
}

/** What one deferred fragment or streamed item gave. */
interface Patch {
  readonly errors?: readonly GraphQLError[];
}

/** A result as Yoga has it: whole, or in parts. */
type Result = Part | AsyncIterable<Part>;

/** The same with each of its parts changed, be it only one. */
export function withParts(result: Result, change: (part: Part) => Part): Result {
  return isAsyncIterable(result) ? mapAsyncIterator(result, change) : change(result);
}

/** All errors of a part, those of its patches included. */
export function errorsOf({ errors = [], incremental = [] }: Part): readonly GraphQLError[] {
  return [...errors, ...incremental.flatMap((patch) => patch.errors ?? [])];
}
