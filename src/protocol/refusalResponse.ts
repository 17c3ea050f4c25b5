import type { FetchAPI } from 'graphql-yoga';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** For requests that are refused before there is an operation. Has the form of an operation's own errors. */
export function refusalResponse(
  { status, code, message }: Refusal,
  { requestId }: { readonly requestId: string },
  fetchAPI: FetchAPI,
): Response {
  const extensions = { code, retryable: false, requestId };
  // A copy, because `Response.json` adds the body's length to the headers that it gets.
  const headers = { ...noStore };
  return fetchAPI.Response.json({ errors: [{ message, extensions }] }, { status, headers });
}

/** Another site's page, a prefetch, a foreign host: what must not spend money. */
export function forbiddenResponse(
  message: string,
  request: { readonly requestId: string },
  fetchAPI: FetchAPI,
): Response {
  return refusalResponse({ status: 403, code: 'FORBIDDEN', message }, request, fetchAPI);
}

/** A refusal must not be cached: the same request is allowed from another page, or after a setting has changed. */
export const noStore = { 'cache-control': 'no-store' } as const;
