import { UpstreamError } from '../errors.js';

/** What a gateway's status means where it says more than that it refused. */
const advice: Readonly<Record<number, string>> = {
  401: 'Check JUSTONEAPI_BASE_URL and what it wants of its callers.',
  403: 'Check JUSTONEAPI_BASE_URL and what it wants of its callers.',
  404: 'Check JUSTONEAPI_BASE_URL: nothing is there.',
  407: 'A proxy on the way wants to be told who asks.',
};

/** It waited for upstream, and gave up: that may answer all the same, and bill. */
const gaveUp: ReadonlySet<number> = new Set([504, 524]);

/** Cloudflare got something else than an answer, of a request that had arrived. */
const unknownError = 520;

/**
 * What an answer without a code of upstream's means: it is from something in front of it, and its HTTP status is all there
 * is. Null: it is none of a refusal, but a success that can't be read.
 */
export function gatewayError(
  endpoint: string,
  httpStatus: number,
  { retryAfterSeconds }: { readonly retryAfterSeconds?: number },
): UpstreamError | null {
  if (httpStatus < 300) return null;
  const facts = { endpoint, httpStatus, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
  if (gaveUp.has(httpStatus)) {
    return new UpstreamError(
      'UPSTREAM_TIMEOUT',
      `What stands in front of upstream gave up waiting for it (HTTP ${httpStatus}). The call may have been billed; ask again in a minute.`,
      { ...facts, billed: 'maybe' },
    );
  }
  if (httpStatus === 429) {
    return new UpstreamError(
      'UPSTREAM_RATE_LIMITED',
      'What stands in front of upstream limits the rate of calls (HTTP 429). Ask again later, and for less at once.',
      { ...facts, billed: 'no' },
    );
  }
  const what = httpStatus < 400 ? 'Check JUSTONEAPI_BASE_URL: it redirects.' : advice[httpStatus];
  return new UpstreamError(
    'UPSTREAM_UNAVAILABLE',
    `Upstream answered HTTP ${httpStatus} without a code of its own. ${what ?? 'Ask again in a moment.'}`,
    { ...facts, billed: httpStatus === unknownError ? 'maybe' : 'no' },
  );
}
