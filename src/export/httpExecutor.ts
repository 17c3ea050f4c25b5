import { UsageError } from '../operator/usageError.js';
import { type Executor, type ExecutorResult, graphqlHeaders } from './executor.js';

interface HttpExecutorOptions {
  /** Of the server, with or without the path of GraphQL. */
  readonly url: string;
  /** Null: the server needs none. */
  readonly key: string | null;
}

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
        throw new UsageError(`${url.origin} does not answer (${causeOf(error)}). Is the server running?`);
      }
      const text = await response.text().catch(() => '');
      try {
        return JSON.parse(text) as ExecutorResult;
      } catch {
        throw new UsageError(
          `${url.origin}${url.pathname} is no GraphQL server: it answers with HTTP ${response.status} and without JSON.`,
        );
      }
    },
    stopCalls: async () => {},
    close: async () => {},
  };
}

function causeOf(error: unknown): string {
  const { cause = error } = error as Error;
  return cause instanceof Error ? cause.message : String(cause);
}
