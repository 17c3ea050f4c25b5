import type { ErrorCode } from '../../errors.js';
import { untilChinaMidnight } from '../../time.js';
import type { Endpoint } from '../endpoints/endpoint.js';
import { isAllFiller } from '../endpoints/reader.js';
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

/** A complete HTTP answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** The `Retry-After` header: seconds, or a date. */
  readonly retryAfter: string | null;
  /** The answer is marked as made up by a sandbox. */
  readonly isSandbox: boolean;
}

/** A billed answer with data. */
export interface Body {
  readonly data: JsonObject;
  /** The whole envelope as plain JSON text, with the same `data` in it. */
  readonly text: string;
}

/** The `data` of a `Body.text`. */
export function dataOf(text: string): JsonObject {
  return JSON.parse(text).data;
}

/** What one of upstream's codes means. */
interface CodeMeaning {
  readonly code: ErrorCode;
  readonly billed: Billed;
  readonly message: string;
}

const unauthenticated: CodeMeaning = {
  code: 'UPSTREAM_UNAUTHENTICATED',
  billed: 'no',
  message: 'Upstream does not accept the token. Check JUSTONEAPI_TOKEN.',
};
const collectionFailed: CodeMeaning = {
  code: 'UPSTREAM_COLLECTION_FAILED',
  billed: 'no',
  message: 'Upstream could not collect the data this time. Try again in a moment.',
};

/**
 * Upstream's codes for failures, from the vendor's documentation. 400 is not here, since each endpoint has a message of
 * its own for it. A call with an unknown code may have been billed.
 */
const codeMeanings: Readonly<Record<number, CodeMeaning>> = {
  100: unauthenticated,
  101: unauthenticated,
  300: collectionFailed,
  301: collectionFailed,
  302: {
    code: 'UPSTREAM_RATE_LIMITED',
    billed: 'no',
    message: 'Upstream limits the rate of calls. Try again later, with fewer calls at once.',
  },
  303: {
    code: 'UPSTREAM_QUOTA_EXCEEDED',
    billed: 'no',
    message: "The token's daily quota is used up. It is reset at midnight in China.",
  },
  500: {
    code: 'UPSTREAM_UNAVAILABLE',
    billed: 'no',
    message: 'Upstream had an internal error. Try again in a moment.',
  },
  503: {
    code: 'UPSTREAM_UNAVAILABLE',
    billed: 'no',
    message: 'Upstream is unavailable. Try again in a moment.',
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

/** Upstream has no data. Such an answer is billed, and stored like a success. */
const noDataCodes: ReadonlySet<number> = new Set([201, 202, 404]);

const maxDepth = 64;

/** The vendor's samples have up to 300. Parsing as many as 8 MB can hold blocks the event loop for half a minute. */
const maxValues = 50_000;

/**
 * Reads a billed answer. Null: upstream has no data. A code in the body takes precedence over the HTTP status. A
 * success has `code` 0 and `base_resp.status_code` 0. Throws UpstreamError for everything else.
 */
export function readAnswer(endpoint: Endpoint, answer: HttpAnswer, nowMs: number): Body | null {
  const invalid = (why: string, billed: Billed) => unusableAnswer({ endpoint: endpoint.name, billed }, why);

  const hasTooManyValues = mayHoldMoreThan(answer.body, maxValues);
  const json = hasTooManyValues ? undefined : jsonOf(answer.body);
  const envelope = json?.value;
  const code = isObject(envelope) ? codeOf(envelope['code']) : null;
  if (!json || !isObject(envelope) || code === null) {
    const fromGateway = gatewayError(endpoint.name, answer.status, retryAfterOf(answer, nowMs));
    if (fromGateway) throw fromGateway;
    if (hasTooManyValues) throw invalid(`it has over ${maxValues} values`, 'maybe');
    throw invalid(json ? 'it has no code' : 'it is not JSON', 'maybe');
  }
  if (noDataCodes.has(code)) return null;
  if (code !== 0) throw codeError(endpoint, code, answer, nowMs);
  if (isDeeperThan(envelope, maxDepth)) {
    throw invalid(`it is nested over ${maxDepth} deep`, 'yes');
  }

  const { data } = envelope;
  if (!isObject(data)) {
    if (isAllFiller(data)) return null;
    throw invalid('its data is not an object', 'yes');
  }
  throwIfBaseRespFailed(endpoint, data['base_resp']);
  // A Thrift backend leaves empty fields out or fills them with filler. If there is nothing besides `base_resp`, there is
  // no data.
  const keys = Object.keys(data).filter((key) => key !== 'base_resp');
  const { reads, known } = endpoint.shape;
  // A body that is served as it is may have any keys.
  const isAsItIs = reads.length === 0;
  const isKnown = (key: string) => isAsItIs || known.has(key);
  if (keys.every((key) => isAllFiller(data[key])) && (keys.length === 0 || keys.some(isKnown))) return null;
  if (!isAsItIs && !keys.some((key) => reads.includes(key))) {
    throw invalid('its data has none of the expected keys', 'yes');
  }
  return { data, text: json.text };
}

/** Whether the answer begins like the vendor's successes. Only `readAnswer` knows for certain. */
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

/** An integer since July 2026, and a string before. */
function codeOf(raw: Json | undefined): number | null {
  const code = typeof raw === 'string' && /^\s*-?\d+\s*$/.test(raw) ? Number(raw) : raw;
  return typeof code === 'number' && Number.isSafeInteger(code) ? code : null;
}

/** `data.base_resp` holds Xingtu's own status. A missing or empty status counts as success. */
function throwIfBaseRespFailed(endpoint: Endpoint, baseResp: Json | undefined): void {
  const status = isObject(baseResp) ? baseResp['status_code'] : baseResp;
  if (isAllFiller(status)) return;
  const upstreamCode = codeOf(status);
  if (upstreamCode === 0) return;
  throw new UpstreamError(
    'UPSTREAM_REJECTED',
    `Xingtu refused upstream's request (base_resp.status_code ${upstreamCode ?? 'unreadable'}). The call was billed; try again in a minute.`,
    { endpoint: endpoint.name, billed: 'yes', ...(upstreamCode === null ? {} : { upstreamCode }) },
  );
}

function codeError(
  endpoint: Endpoint,
  upstreamCode: number,
  answer: HttpAnswer,
  nowMs: number,
): UpstreamError {
  const { code, message, billed } = meaningOf(endpoint, upstreamCode);
  return new UpstreamError(code, message, {
    endpoint: endpoint.name,
    billed,
    upstreamCode,
    ...(code === 'UPSTREAM_QUOTA_EXCEEDED'
      ? { retryAfterSeconds: Math.ceil(untilChinaMidnight(nowMs) / 1000) }
      : retryAfterOf(answer, nowMs)),
  });
}

function meaningOf({ badInputMessage }: Endpoint, upstreamCode: number): CodeMeaning {
  if (upstreamCode === 400) return { code: 'BAD_USER_INPUT', billed: 'no', message: badInputMessage };
  return (
    codeMeanings[upstreamCode] ?? {
      code: 'UPSTREAM_REJECTED',
      billed: 'maybe',
      message: `Upstream answered with the unknown code ${upstreamCode}. The call may have been billed; try again in a minute.`,
    }
  );
}

const dayInSeconds = 86_400;

/** Whole seconds from now, at most a day: a longer time comes from a wrong clock. */
function retryAfterOf({ retryAfter }: HttpAnswer, nowMs: number): { retryAfterSeconds?: number } {
  const text = retryAfter?.trim() ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - nowMs) / 1000);
  return seconds > 0 ? { retryAfterSeconds: Math.min(seconds, dayInSeconds) } : {};
}
