import { createGraphQLError, type Plugin } from 'graphql-yoga';
import type { Logger } from '../logger.js';
import { forbidden, notKept } from '../protocol/forbidden.js';
import { quote } from '../quote.js';

export interface OwnPagesOptions {
  /** Whose pages may ask beside the server's own. */
  readonly origins: readonly string[];
  readonly logger: Pick<Logger, 'warn'>;
}

/** Anybody can make origins up, and each is remembered. */
const mostToldOrigins = 100;

/**
 * Lets no page of another site spend money. Browsers send what such a page names (an image, a form, a frame) and only
 * keep the answer from it, so the request itself is refused, before anything of it is parsed. What is no page (a
 * program, an address typed by hand) is told by what it doesn't send. A prefetch is refused whoever asks, for nobody may
 * ever want its answer. So is one of GraphiQL: prerendered, it would run, and ask for the schema, before anybody looks.
 *
 * A page is shown nothing of why it was refused, nor is who writes it, but for the developer tools of the browser. So the
 * operator is told, too, once for each origin.
 */
export function useOwnPages({ origins, logger }: OwnPagesOptions): Plugin {
  const told = new Set<string | null>();

  /** Why the page that asks may not. Null: it may. */
  function refusalOf(headers: Headers, urlHost: string): string | null {
    const origin = headers.get('origin');
    if (origin !== null && origins.includes(origin)) return null;
    if (isOwn(headers.get('sec-fetch-site'), origin, headers.get('host') ?? urlHost)) return null;
    const asker = origin === null ? 'Another site' : `Another site (Origin: ${quote(origin)})`;
    const message = `${asker} asked through a browser, which might cost money. ${adviceFor(origin)}`;
    if (!told.has(origin) && told.size < mostToldOrigins) {
      told.add(origin);
      logger.warn(`Refused: ${message} This is said once.`);
    }
    return message;
  }

  return {
    onRequest({ request, endResponse, fetchAPI }) {
      if (!isPrefetch(request.headers)) return;
      const message =
        'A prefetch is not answered, for it might cost money. Ask again once the answer is wanted.';
      endResponse(forbidden(message, fetchAPI));
    },
    onRequestParse({ request: { headers }, url }) {
      const message = refusalOf(headers, url.host);
      if (message === null) return;
      throw createGraphQLError(message, {
        extensions: { code: 'FORBIDDEN', retryable: false, http: { status: 403, headers: notKept } },
      });
    },
    /** What a browser asks before a page's request, Yoga answers by itself, and with a bare 204 whoever it is. */
    onResponse({ request: { method, headers, url }, setResponse, fetchAPI }) {
      if (method !== 'OPTIONS' || !headers.has('access-control-request-method')) return;
      const message = refusalOf(headers, new URL(url).host);
      if (message !== null) setResponse(forbidden(message, fetchAPI));
    },
  };
}

/** A file, and a frame in a sandbox, have an origin that can't be told from any other's. */
function adviceFor(origin: string | null): string {
  return origin === 'null'
    ? 'A page without an origin of its own, such as a file, can not be let in: serve it over HTTP, and add its origin to CORS_ORIGINS.'
    : 'If its pages may, add their origin to CORS_ORIGINS.';
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
