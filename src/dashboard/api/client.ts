import { type AnyVariables, Client, type CombinedError, fetchExchange, type TypedDocumentNode } from 'urql';
import { apiKey } from '../browser/settings.js';

/** What the server says of an operation's cost, in calls. */
export interface Cost {
  readonly requestedCalls: number;
  readonly paidCalls: number;
  readonly cachedCalls: number;
  readonly coalescedCalls: number;
  readonly failedCalls: number;
  readonly uncertainCalls: number;
  readonly renewalCalls: number;
  readonly maxCalls: number;
  readonly isUpperBound?: boolean;
  readonly estimatedSpend?: { readonly amount: string };
}

/** A failed field, as the server says it. */
export interface FieldError {
  readonly path: readonly (string | number)[];
  readonly code: string;
  readonly message: string;
  readonly isRetryable: boolean;
}

export interface Answer<Data> {
  readonly data: Data | null;
  readonly errors: readonly FieldError[];
  readonly cost: Cost | null;
  readonly isSandbox: boolean;
}

/** An operation that got no answer: the server was not reached, or refused the request. */
export class RequestError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Answers are kept by the server, which knows how old they may be, so the page has no cache of its own. */
const client = new Client({
  url: new URL('graphql', document.baseURI).href,
  exchanges: [fetchExchange],
  preferGetMethod: false,
  requestPolicy: 'network-only',
});

export interface Operation<Data, Variables extends AnyVariables> {
  readonly document: TypedDocumentNode<Data, Variables>;
  readonly variables: Variables;
}

/** `onPart` gets the answer so far when a deferred part has come. Rejects with RequestError. */
export function execute<Data, Variables extends AnyVariables>(
  { document, variables }: Operation<Data, Variables>,
  { isDryRun = false, onPart = () => {} }: ExecuteOptions<Data> = {},
): Promise<Answer<Data>> {
  const headers: Record<string, string> = {};
  if (apiKey.get() !== '') headers['authorization'] = `Bearer ${apiKey.get()}`;
  if (isDryRun) headers['x-dry-run'] = '1';
  return new Promise((resolve, reject) => {
    const { unsubscribe } = client
      .query(withId(document), variables, { fetchOptions: { headers } })
      .subscribe((result) => {
        const errors = (result.error?.graphQLErrors ?? []).map(fieldErrorOf);
        const answer = {
          data: result.data ?? null,
          errors,
          cost: (result.extensions?.['cost'] as Cost | undefined) ?? null,
          isSandbox: result.extensions?.['sandbox'] === true,
        };
        if (result.hasNext) {
          onPart(answer);
          return;
        }
        // While it is subscribed to, the client would answer the same operation, without the header, from this one.
        queueMicrotask(() => unsubscribe());
        const refusal = refusalIn(result.error, answer);
        if (refusal) reject(refusal);
        else resolve(answer);
      });
  });
}

interface ExecuteOptions<Data> {
  /** Nothing is executed: the answer only has the cost. */
  readonly isDryRun?: boolean;
  readonly onPart?: (answer: Answer<Data>) => void;
}

/** Generated documents are ids alone: the server has their texts. */
function withId<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
): TypedDocumentNode<Data, Variables> {
  const { hash } = (document as unknown as { readonly __meta__: { readonly hash: string } }).__meta__;
  return { kind: 'Document', definitions: [], documentId: hash } as unknown as TypedDocumentNode<
    Data,
    Variables
  >;
}

type GraphqlError = CombinedError['graphQLErrors'][number];

function fieldErrorOf({ message, path, extensions }: GraphqlError): FieldError {
  return {
    path: path ?? [],
    code: String(extensions['code'] ?? ''),
    message,
    isRetryable: extensions['retryable'] === true,
  };
}

/** An error without data concerns the whole operation. That of a dry run only says that it was one. */
function refusalIn(error: CombinedError | undefined, { data, errors }: Answer<unknown>): RequestError | null {
  if (error?.networkError) return new RequestError('NETWORK', error.networkError.message);
  const [first] = errors;
  return data === null && first && first.code !== 'DRY_RUN'
    ? new RequestError(first.code, first.message)
    : null;
}
