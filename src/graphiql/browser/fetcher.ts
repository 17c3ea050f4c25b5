import { createGraphiQLFetcher, type Fetcher, type FetcherParams, isAsyncIterable } from '@graphiql/toolkit';
import { Kind, parse } from 'graphql';
import { type Part, startRun } from './runs.js';
import { changeSession, currentSession, headersFor } from './session.js';

/** Sends operations with the session's headers, and measures each run for the line above its response. */
export function createFetcher(openTabId: () => string): Fetcher {
  const send = createGraphiQLFetcher({ url: location.pathname, fetch: fetchWithSession });
  return async (params, options) => {
    if (params.operationName === introspectionName) return send(params, options);
    const note = startRun(openTabId(), () => performance.now());
    const result = await send({ ...params, operationName: nameIn(params) }, options);
    if (isAsyncIterable(result)) return noted(result, note);
    note([result as Part]);
    return result;
  };
}

/** The name that GraphiQL gives to its query of the schema. */
const introspectionName = 'IntrospectionQuery';

/** Just after a tab was opened, GraphiQL still gives the name of the other tab's operation. */
function nameIn({ query, operationName }: FetcherParams): string | null {
  try {
    const isNamed = parse(query).definitions.some(
      (one) => one.kind === Kind.OPERATION_DEFINITION && one.name?.value === operationName,
    );
    return isNamed ? (operationName ?? null) : null;
  } catch {
    return operationName ?? null;
  }
}

async function* noted<Result>(results: AsyncIterable<Result>, note: (parts: readonly Part[]) => void) {
  for await (const result of results) {
    note([result].flat() as readonly Part[]);
    yield result;
  }
}

async function fetchWithSession(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const session = currentSession();
  const headers = new Headers(init.headers);
  for (const [name, value] of Object.entries(headersFor(session))) headers.set(name, value);
  const response = await fetch(input, { ...init, headers });
  const keyProblem = response.status !== 401 ? null : session.apiKey ? 'unknown' : 'missing';
  if (keyProblem !== currentSession().keyProblem) changeSession({ keyProblem });
  return response;
}
