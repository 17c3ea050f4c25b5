import type { FetchAPI } from 'graphql-yoga';

/** For requests that are refused before there is an operation. Has the form of an operation's own errors. */
export function forbiddenResponse(message: string, requestId: string, fetchAPI: FetchAPI): Response {
  const extensions = { code: 'FORBIDDEN', retryable: false, requestId };
  // A copy, because `Response.json` adds the body's length to the headers that it gets.
  const headers = { ...noStore };
  return fetchAPI.Response.json({ errors: [{ message, extensions }] }, { status: 403, headers });
}

/** A refusal must not be cached: the same request is allowed from another page, or after a setting has changed. */
export const noStore = { 'cache-control': 'no-store' } as const;
