import type { Plugin } from 'graphql-yoga';

/**
 * Answers 404 but at `endpoint`. Yoga takes every address that ends like it, too, and so would execute a link to
 * `/x?query=…&y=/graphql`, where no GraphiQL takes the browser's visit.
 */
export function useExactPath(endpoint: string): Plugin {
  return {
    onRequest({ url, endResponse, fetchAPI }) {
      if (url.pathname === endpoint || url.pathname === `${endpoint}/`) return;
      endResponse(new fetchAPI.Response(null, { status: 404 }));
    },
  };
}
