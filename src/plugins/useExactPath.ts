import type { Plugin } from 'graphql-yoga';

/**
 * Answers 404 to every path but `endpoint`. Yoga also takes URLs that only end with it, so it would execute the query of
 * a link to `/x?query=…&y=/graphql`, where a browser gets no GraphiQL.
 */
export function useExactPath(endpoint: string): Plugin {
  return {
    onRequest({ url, endResponse, fetchAPI }) {
      if (url.pathname === endpoint || url.pathname === `${endpoint}/`) return;
      endResponse(new fetchAPI.Response(null, { status: 404 }));
    },
  };
}
