import { createGraphQLError, type Plugin } from 'graphql-yoga';
import { forbidden, notKept } from './refusal.js';

export interface OwnPagesOptions {
  /** Whose pages may ask beside the server's own. */
  readonly origins: readonly string[];
}

/**
 * Lets no page of another site spend money. Browsers send what such a page names (an image, a form, a frame) and only
 * keep the answer from it, so the request itself is refused, before anything of it is parsed. What is no page (a
 * program, an address typed by hand) is told by what it doesn't send. A prefetch is refused whoever asks, for nobody may
 * ever want its answer. So is one of GraphiQL: prerendered, it would run, and ask for the schema, before anybody looks.
 */
export function useOwnPages({ origins }: OwnPagesOptions): Plugin {
  return {
    onRequest({ request, endResponse, fetchAPI }) {
      if (!isPrefetch(request.headers)) return;
      const message =
        'A prefetch is not answered, for it might cost money. Ask again once the answer is wanted.';
      endResponse(forbidden(message, fetchAPI));
    },
    onRequestParse({ request: { headers }, url }) {
      const origin = headers.get('origin');
      if (origin !== null && origins.includes(origin)) return;
      if (isOwn(headers.get('sec-fetch-site'), origin, headers.get('host') ?? url.host)) return;
      const asker = origin === null ? 'Another site' : `Another site (Origin: ${origin})`;
      throw createGraphQLError(
        `${asker} asked through a browser, which might cost money. If its pages may, add their origin to CORS_ORIGINS.`,
        { extensions: { code: 'FORBIDDEN', retryable: false, http: { status: 403, headers: notKept } } },
      );
    },
  };
}

function isPrefetch(headers: Headers): boolean {
  return ['sec-purpose', 'purpose', 'x-moz'].some((name) =>
    headers.get(name)?.toLowerCase().includes('prefetch'),
  );
}

/** `same-site` is not own: another port of this machine is another program's. */
function isOwn(site: string | null, origin: string | null, host: string): boolean {
  if (site !== null) return site === 'none' || site === 'same-origin';
  return origin === null || isAt(origin, host);
}

/** Whatever the scheme, for TLS may end at a proxy, but for the port that the scheme implies. */
function isAt(origin: string, host: string): boolean {
  const scheme = /^https?:\/\//.exec(origin)?.[0];
  if (scheme === undefined || !URL.canParse(origin) || !URL.canParse(scheme + host)) return false;
  return new URL(origin).host === new URL(scheme + host).host;
}
