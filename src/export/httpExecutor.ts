import { UsageError } from '../operator/usageError.js';
import { type Executor, type ExecutorResult, graphqlHeaders, NoAnswerError } from './executor.js';

interface HttpExecutorOptions {
  /** Of the server, with or without the path of GraphQL. */
  readonly url: string;
  /** Null: the server needs none. */
  readonly key: string | null;
}

/** There was no connection, so no server has got the request. */
const withoutConnection: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Asks a running server. Throws UsageError if the URL is none. */
export function httpExecutor({ url: given, key }: HttpExecutorOptions): Executor {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new UsageError(
      'Expected --url to be the address of a server, such as http://127.0.0.1:4000, without a user or a password.',
    );
  }
  if (url.pathname === '/') url.pathname = '/graphql';
  return {
    async execute(query, variables, headers = {}) {
      const authorization = key === null ? {} : { authorization: `Bearer ${key}` };
      let response: Response;
      try {
        response = await fetch(url, {
          method: 'POST',
          headers: { ...graphqlHeaders, ...authorization, ...headers },
          body: JSON.stringify({ query, variables }),
          // A redirect would take the key to another server.
          redirect: 'error',
        });
      } catch (error) {
        const cause = causeOf(error);
        throw new NoAnswerError(`${url.origin} does not answer (${cause.message}). Is the server running?`, {
          mayHavePaid: !withoutConnection.has(cause.code ?? ''),
        });
      }
      const text = await response.text().catch(() => '');
      const result = resultIn(text);
      if (result === null) {
        // A proxy before the server may say so, too, after it has waited for too long.
        throw new NoAnswerError(
          `${url.origin}${url.pathname} is no GraphQL server: it answers with HTTP ${response.status} and without a result.`,
          { mayHavePaid: true },
        );
      }
      return result;
    },
    stopCalls: async () => {},
    close: async () => {},
  };
}

/** Null: it is not what a GraphQL server answers. A proxy may send JSON of its own. */
function resultIn(text: string): ExecutorResult | null {
  try {
    const result = JSON.parse(text);
    return result?.data !== undefined || Array.isArray(result?.errors) ? result : null;
  } catch {
    return null;
  }
}

function causeOf(error: unknown): NodeJS.ErrnoException {
  const { cause = error } = error as Error;
  return cause instanceof Error ? cause : new Error(String(cause));
}
