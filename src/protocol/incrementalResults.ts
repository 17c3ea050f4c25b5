import type { ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable, mapAsyncIterator } from 'graphql-yoga';

/** The only result of an operation; or, in incremental delivery, the initial result or a subsequent one. */
export interface DeliveredResult extends ExecutionResult {
  /** In incremental delivery: whether a subsequent result follows. */
  readonly hasNext?: boolean;
  /** In subsequent results only. */
  readonly incremental?: readonly IncrementalResult[];
}

/** What one deferred fragment or one streamed item gave. */
interface IncrementalResult {
  readonly errors?: readonly GraphQLError[];
}

/** What executing gives: one result, or all results of an incremental delivery. */
type Delivery = DeliveredResult | AsyncIterable<DeliveredResult>;

export function mapResults(
  delivery: Delivery,
  change: (result: DeliveredResult) => DeliveredResult,
): Delivery {
  return isAsyncIterable(delivery) ? mapAsyncIterator(delivery, change) : change(delivery);
}

/** All errors of a result, with those of its incremental results. */
export function errorsOf({ errors = [], incremental = [] }: DeliveredResult): readonly GraphQLError[] {
  return [...errors, ...incremental.flatMap((one) => one.errors ?? [])];
}

/** A copy in which the errors of the incremental results are changed. */
export function mapIncrementalErrors(
  result: DeliveredResult,
  change: (error: GraphQLError) => GraphQLError,
): DeliveredResult {
  if (!result.incremental) return result;
  const incremental = result.incremental.map((one) =>
    one.errors ? { ...one, errors: one.errors.map(change) } : one,
  );
  return { ...result, incremental };
}

/** A copy in which every error is changed. */
export function withEachError(
  result: DeliveredResult,
  change: (error: GraphQLError) => GraphQLError,
): DeliveredResult {
  const copy = mapIncrementalErrors(result, change);
  return copy.errors ? { ...copy, errors: copy.errors.map(change) } : copy;
}
