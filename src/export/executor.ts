import type { ResponseError } from '../columns/failures.js';
import type { Cost } from '../cost/report.js';
import { UsageError } from '../operator/usageError.js';

/** A response of the server. */
export interface ExecutorResult {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly ResponseError[];
  readonly extensions?: { readonly cost?: Cost; readonly sandbox?: boolean };
}

/** No answer of a GraphQL server came. */
export class NoAnswerError extends UsageError {
  /** The request may have reached a server, which may have paid for calls. */
  readonly mayHavePaid: boolean;

  constructor(message: string, { mayHavePaid }: { readonly mayHavePaid: boolean }) {
    super(message);
    this.mayHavePaid = mayHavePaid;
  }
}

/** Where an export asks. */
export interface Executor {
  /** Rejects with NoAnswerError if no answer of a GraphQL server came. */
  execute(
    document: string,
    variables: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ExecutorResult>;
  /** Starts no more calls. Resolves when those in flight have ended and their answers are stored. */
  stopCalls(): Promise<void>;
  /** To be called last. */
  close(): Promise<void>;
}

/** With this type the server says by the status that nothing was executed. */
export const graphqlHeaders = {
  'content-type': 'application/json',
  accept: 'application/graphql-response+json',
} as const;
