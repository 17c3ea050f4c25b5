import type { ErrorCode } from '../../errors.js';
import { untilChinaMidnight } from '../../time.js';
import type { Endpoint } from '../endpoints/endpoint.js';
import { isFiller } from '../endpoints/reader.js';
import { type Billed, UpstreamError, unusableAnswer } from '../errors.js';
import {
  isDeeperThan,
  isObject,
  type Json,
  type JsonObject,
  mayHoldMoreThan,
  type PlainJson,
  readJson,
} from '../json.js';
import { gatewayError } from './gateway.js';

/** An HTTP answer, received whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** The header of this name: seconds, or a date. */
  readonly retryAfter: string | null;
  /** The stand-in upstream says of itself that it is one. */
  readonly isSandbox: boolean;
}

/** What upstream has on a creator, paid for. */
export interface Body {
  readonly data: JsonObject;
  /** The whole answer as plain JSON, with the same `data` in it. */
  readonly text: string;
}

/** The `data` of such a text. */
export function dataOf(text: string): JsonObject {
  return JSON.parse(text).data;
}

interface Failure {
  readonly code: ErrorCode;
  readonly billed: Billed;
  readonly message: string;
}

const unauthenticated: Failure = {
  code: 'UPSTREAM_UNAUTHENTICATED',
  billed: 'no',
  message: 'Upstream does not accept the token. Check JUSTONEAPI_TOKEN.',
};
const collectionFailed: Failure = {
  code: 'UPSTREAM_COLLECTION_FAILED',
  billed: 'no',
  message: 'Upstream could not collect the data this time. Ask again in a moment.',
};

/** What upstream's business codes mean, but for 400, whose message is the endpoint's. Any other code may have been billed. */
const failures: Readonly<Record<number, Failure>> = {
  100: unauthenticated,
  101: unauthenticated,
  300: collectionFailed,
  301: collectionFailed,
  302: {
    code: 'UPSTREAM_RATE_LIMITED',
    billed: 'no',
    message: 'Upstream limits the rate of calls. Ask again later, and for less at once.',
  },
  303: {
    code: 'UPSTREAM_QUOTA_EXCEEDED',
    billed: 'no',
    message: "The token's daily quota is used up. It starts anew at midnight in China.",
  },
  500: {
    code: 'UPSTREAM_UNAVAILABLE',
    billed: 'no',
    message: 'Upstream had an internal error. Ask again in a moment.',
  },
  503: {
    code: 'UPSTREAM_UNAVAILABLE',
    billed: 'no',
    message: 'Upstream is unavailable. Ask again in a moment.',
  },
  600: {
    code: 'UPSTREAM_FORBIDDEN',
    billed: 'no',
    message: 'The token may not call this endpoint. Ask Just One API to allow it.',
  },
  601: {
    code: 'UPSTREAM_BALANCE_EXHAUSTED',
    billed: 'no',
    message: "The account's balance is used up. Top it up at Just One API.",
  },
  602: {
    code: 'UPSTREAM_BALANCE_EXHAUSTED',
    billed: 'no',
    message: "The token's spending cap is reached. Raise it at Just One API.",
  },
};

/** Answers that say "there is nothing", which is knowledge, paid for, and kept like a success. */
const noData: ReadonlySet<number> = new Set([201, 202, 404]);

const deepestNesting = 64;

/** The samples have up to 300. Reading what 8 MB can hold would stop everything else for half a minute. */
const mostValues = 50_000;

/**
 * What upstream has, or null where it has nothing. The body's code counts, whatever the HTTP status; a success needs
 * both `code` 0 and `base_resp.status_code` 0. Throws UpstreamError for everything else.
 */
export function readAnswer(endpoint: Endpoint, answer: HttpAnswer, nowMs: number): Body | null {
  const invalid = (what: string, billed: Billed) => unusableAnswer({ endpoint: endpoint.name, billed }, what);

  const isTooMuch = mayHoldMoreThan(answer.body, mostValues);
  const json = isTooMuch ? undefined : jsonOf(answer.body);
  const envelope = json?.value;
  const code = isObject(envelope) ? codeOf(envelope['code']) : null;
  if (!json || !isObject(envelope) || code === null) {
    const refusal = gatewayError(endpoint.name, answer.status, retryAfterOf(answer, nowMs));
    if (refusal) throw refusal;
    if (isTooMuch) throw invalid(`it has over ${mostValues} values`, 'maybe');
    throw invalid(json ? 'it has no code' : 'it is not JSON', 'maybe');
  }
  if (noData.has(code)) return null;
  if (code !== 0) throw businessError(endpoint, code, answer, nowMs);
  if (isDeeperThan(envelope, deepestNesting)) {
    throw invalid(`it is nested over ${deepestNesting} deep`, 'yes');
  }

  const { data } = envelope;
  if (isEmpty(data)) return null;
  if (!isObject(data)) throw invalid('its data is not an object', 'yes');
  throwIfRefusedWithin(endpoint, data['base_resp']);
  // A Thrift backend leaves out what is empty, or writes filler: nothing else, but for its own status, means that there
  // is nothing.
  const keys = Object.keys(data).filter((key) => key !== 'base_resp');
  const isKnown = (key: string) => endpoint.shape.known.has(key);
  if (keys.every((key) => isFiller(data[key])) && (keys.length === 0 || keys.some(isKnown))) return null;
  if (!keys.some((key) => endpoint.shape.reads.includes(key))) {
    throw invalid('its data has none of the expected keys', 'yes');
  }
  return { data, text: json.text };
}

/** What begins as the vendor's successes do. Only reading tells for sure. */
export function isPlainSuccess({ status, body }: HttpAnswer): boolean {
  return status === 200 && plainSuccess.test(body);
}

const plainSuccess = /^\s*\{\s*"code"\s*:\s*"?0"?\s*,/;

function jsonOf(body: string): PlainJson | undefined {
  try {
    return readJson(body);
  } catch {
    return undefined;
  }
}

/** An integer since July 2026, a string before. */
function codeOf(raw: Json | undefined): number | null {
  const code = typeof raw === 'string' && /^\s*-?\d+\s*$/.test(raw) ? Number(raw) : raw;
  return typeof code === 'number' && Number.isSafeInteger(code) ? code : null;
}

/** An object is asked for its keys first. */
function isEmpty(data: Json | undefined): boolean {
  return !isObject(data) && isFiller(data);
}

/** The second status, inside `data`. One that is missing or empty says nothing; one that is there must be 0. */
function throwIfRefusedWithin(endpoint: Endpoint, inner: Json | undefined): void {
  const status = isObject(inner) ? inner['status_code'] : inner;
  if (isFiller(status)) return;
  const upstreamCode = codeOf(status);
  if (upstreamCode === 0) return;
  throw new UpstreamError(
    'UPSTREAM_REJECTED',
    `Xingtu refused the request behind upstream (base_resp.status_code ${upstreamCode ?? 'unreadable'}). The call was billed; ask again in a minute.`,
    { endpoint: endpoint.name, billed: 'yes', ...(upstreamCode === null ? {} : { upstreamCode }) },
  );
}

function businessError(
  endpoint: Endpoint,
  upstreamCode: number,
  answer: HttpAnswer,
  nowMs: number,
): UpstreamError {
  const failure = failureOf(endpoint, upstreamCode);
  return new UpstreamError(failure.code, failure.message, {
    endpoint: endpoint.name,
    billed: failure.billed,
    upstreamCode,
    ...(failure.code === 'UPSTREAM_QUOTA_EXCEEDED'
      ? { retryAfterSeconds: Math.ceil(untilChinaMidnight(nowMs) / 1000) }
      : retryAfterOf(answer, nowMs)),
  });
}

function failureOf({ badInputMessage }: Endpoint, upstreamCode: number): Failure {
  if (upstreamCode === 400) return { code: 'BAD_USER_INPUT', billed: 'no', message: badInputMessage };
  return (
    failures[upstreamCode] ?? {
      code: 'UPSTREAM_REJECTED',
      billed: 'maybe',
      message: `Upstream answered with the unknown code ${upstreamCode}. It may have been billed; ask again in a minute.`,
    }
  );
}

const dayInSeconds = 86_400;

/** Whole seconds from now, a day at most: more is a slip of somebody's clock. */
function retryAfterOf({ retryAfter }: HttpAnswer, nowMs: number): { retryAfterSeconds?: number } {
  const text = retryAfter?.trim() ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - nowMs) / 1000);
  return seconds > 0 ? { retryAfterSeconds: Math.min(seconds, dayInSeconds) } : {};
}
