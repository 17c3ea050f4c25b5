import type { FetchAPI } from 'graphql-yoga';

/** What an operation's own errors look like, for what is refused before there is one. */
export function forbidden(message: string, fetchAPI: FetchAPI): Response {
  const extensions = { code: 'FORBIDDEN', retryable: false };
  // Headers of its own, for `Response.json` writes the body's length into those that it is given.
  const headers = { ...notKept };
  return fetchAPI.Response.json({ errors: [{ message, extensions }] }, { status: 403, headers });
}

/** The same request is welcome when it comes from elsewhere, or as more than a prefetch. */
export const notKept = { 'cache-control': 'no-store' } as const;
