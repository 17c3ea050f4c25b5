import { createGraphQLError, type Plugin } from 'graphql-yoga';
import type { Logger } from '../logger.js';
import { forbiddenResponse, noStore } from '../protocol/refusalResponse.js';
import { quote } from '../quote.js';
import { serverContextIn } from '../response/responder.js';

interface CsrfPreventionOptions {
  /** The origins of other sites whose pages may send operations. */
  readonly origins: readonly string[];
  readonly logger: Pick<Logger, 'warn'>;
}

/** Any page can make up origins, and each logged one stays in memory. */
const mostLoggedOrigins = 100;

/**
 * Keeps the pages of other sites from spending money. For an image, a form or a frame of such a page, the browser sends
 * the request and only hides the response from the page. So the request itself is refused, before it is parsed.
 * Requests of programs and of an address typed by hand lack the headers that tell of a page, and are let through.
 *
 * Prefetches are refused from any page, because their response may never be used. That includes GraphiQL: a prerendered
 * page would run, and fetch the schema, before anybody sees it.
 *
 * A page and its author see the reason for a refusal only in the browser's developer tools. So it is also logged for the
 * operator, once for each origin.
 */
export function useCsrfPrevention({ origins, logger }: CsrfPreventionOptions): Plugin {
  const logged = new Set<string | null>();

  /** Null: the request is allowed. */
  function refusalOf(headers: Headers, urlHost: string): string | null {
    const origin = headers.get('origin');
    if (origin !== null && origins.includes(origin)) return null;
    if (isSameOrigin(headers.get('sec-fetch-site'), origin, headers.get('host') ?? urlHost)) return null;
    const sender = origin === null ? 'another site' : `another site (Origin: ${quote(origin)})`;
    const message = `A page of ${sender} sent this request, which might cost money. ${adviceFor(origin)}`;
    if (!logged.has(origin) && logged.size < mostLoggedOrigins) {
      logged.add(origin);
      logger.warn(`Refused: ${message} This is logged once for each origin.`);
    }
    return message;
  }

  return {
    onRequest({ request, serverContext, endResponse, fetchAPI }) {
      if (!isPrefetch(request.headers)) return;
      const message =
        'Prefetches are refused, because they might cost money. Send the request when its response is needed.';
      endResponse(forbiddenResponse(message, serverContextIn(serverContext).record, fetchAPI));
    },
    onRequestParse({ request: { headers }, url }) {
      const message = refusalOf(headers, url.host);
      if (message === null) return;
      throw createGraphQLError(message, {
        extensions: { code: 'FORBIDDEN', retryable: false, http: { status: 403, headers: noStore } },
      });
    },
    /** Yoga answers a preflight itself, with a bare 204 for any origin. */
    onResponse({ request: { method, headers, url }, serverContext, setResponse, fetchAPI }) {
      if (method !== 'OPTIONS' || !headers.has('access-control-request-method')) return;
      const message = refusalOf(headers, new URL(url).host);
      if (message !== null)
        setResponse(forbiddenResponse(message, serverContextIn(serverContext).record, fetchAPI));
    },
  };
}

/** The origin `null` is sent by every file and every sandboxed frame, so it can't be listed. */
function adviceFor(origin: string | null): string {
  return origin === 'null'
    ? 'A page without an origin, such as a file, cannot be allowed: serve it over HTTP, and add its origin to CORS_ORIGINS.'
    : 'To allow it, add its origin to CORS_ORIGINS.';
}

function isPrefetch(headers: Headers): boolean {
  return ['sec-purpose', 'purpose', 'x-moz'].some((name) =>
    headers.get(name)?.toLowerCase().includes('prefetch'),
  );
}

/** `same-site` is not enough: another port of this machine belongs to another program. */
function isSameOrigin(site: string | null, origin: string | null, host: string): boolean {
  if (site !== null) return site === 'none' || site === 'same-origin';
  return origin === null || hasHost(origin, host);
}

/** Ignores the scheme, because TLS may end at a proxy, but not the default port that it implies. */
function hasHost(origin: string, host: string): boolean {
  const scheme = /^https?:\/\//.exec(origin)?.[0];
  if (scheme === undefined || !URL.canParse(origin) || !URL.canParse(scheme + host)) return false;
  return new URL(origin).host === new URL(scheme + host).host;
}
