import { createGraphiQLFetcher, type Fetcher, isAsyncIterable } from '@graphiql/toolkit';
import { knownName } from './knownName.js';
import { type Part, startRun } from './runs.js';
import { changeSession, currentSession, headersFor } from './session.js';

/** Sends operations with the session's headers, and measures each run for the line above its response. */
export function createFetcher(openTabId: () => string): Fetcher {
  const send = createGraphiQLFetcher({ url: location.pathname, fetch: fetchWithSession });
  return async (params, options) => {
    if (params.operationName === introspectionName) return send(params, options);
    const note = startRun(openTabId(), () => performance.now());
    const result = await send({ ...params, operationName: knownName(params) }, options);
    if (isAsyncIterable(result)) return noted(result, note);
    note([result as Part]);
    return result;
  };
}

/** The name that GraphiQL gives to its query of the schema. */
const introspectionName = 'IntrospectionQuery';

async function* noted<Result>(results: AsyncIterable<Result>, note: (parts: readonly Part[]) => void) {
  try {
    for await (const result of results) {
      note([result].flat() as readonly Part[]);
      yield result;
    }
  } finally {
    // Also after a failure or a click on Stop, when no part has said that it is the last one.
    note([]);
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
