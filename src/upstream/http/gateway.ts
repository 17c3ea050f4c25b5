import { UpstreamError } from '../errors.js';

/** What the operator can do, by HTTP status. */
const advice: Readonly<Record<number, string>> = {
  401: 'Check JUSTONEAPI_BASE_URL and how its server authenticates callers.',
  403: 'Check JUSTONEAPI_BASE_URL and which callers its server accepts.',
  404: 'Check JUSTONEAPI_BASE_URL: its server does not have this path.',
  407: 'A proxy on the way requires authentication.',
};

/** The gateway stopped waiting for upstream, which may still answer and bill the call. */
const gatewayTimeouts: ReadonlySet<number> = new Set([504, 524]);

/** Cloudflare's status when a server took the request but sent no valid answer. */
const cloudflareUnknownError = 520;

/**
 * The error of an answer without upstream's code. Such an answer comes from a gateway in front of upstream, and only
 * its HTTP status says what happened. Null: the status is a success, so the body is at fault.
 */
export function gatewayError(
  endpoint: string,
  httpStatus: number,
  { retryAfterSeconds }: { readonly retryAfterSeconds?: number },
): UpstreamError | null {
  if (httpStatus < 300) return null;
  const facts = { endpoint, httpStatus, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
  if (gatewayTimeouts.has(httpStatus)) {
    return new UpstreamError(
      'UPSTREAM_TIMEOUT',
      `A gateway in front of upstream got no answer in time (HTTP ${httpStatus}). The call may have been billed; try again in a minute.`,
      { ...facts, billed: 'maybe' },
    );
  }
  if (httpStatus === 429) {
    return new UpstreamError(
      'UPSTREAM_RATE_LIMITED',
      'A gateway in front of upstream limits the rate of calls (HTTP 429). Try again later, with fewer calls at once.',
      { ...facts, billed: 'no' },
    );
  }
  const whatToDo = httpStatus < 400 ? 'Check JUSTONEAPI_BASE_URL: it redirects.' : advice[httpStatus];
  return new UpstreamError(
    'UPSTREAM_UNAVAILABLE',
    `Upstream answered HTTP ${httpStatus} without a code of its own. ${whatToDo ?? 'Try again in a moment.'}`,
    { ...facts, billed: httpStatus === cloudflareUnknownError ? 'maybe' : 'no' },
  );
}
