import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Shot } from './attack.js';
import type { Received, WireResponse } from './wire.js';

/** What `docs/reliability.md` lists, but INTERNAL_SERVER_ERROR, which is a fault. */
const codes: ReadonlySet<unknown> = new Set([
  'UPSTREAM_COLLECTION_FAILED',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_INVALID_RESPONSE',
  'UPSTREAM_REJECTED',
  'QUERY_TOO_EXPENSIVE',
  'BUDGET_EXCEEDED',
  'RESPONSE_TOO_LARGE',
  'DRY_RUN',
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'PERSISTED_QUERY_NOT_FOUND',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
  'REQUEST_ENTITY_TOO_LARGE',
  'REQUEST_TIMEOUT',
  'FORBIDDEN',
]);

/** Any other status of a server that works is a fault, above all 500. */
const statuses: ReadonlySet<number> = new Set([
  200, 204, 302, 304, 400, 401, 403, 404, 405, 406, 408, 413, 414, 415, 417, 431, 501, 505,
]);

/** The parser of node:http answers these itself, without a body. */
const ofParser: ReadonlySet<number> = new Set([400, 408, 413, 417, 431]);

/** The ids that may come back to clients, in a header and in logs. */
const harmlessRequestId = /^[\w.:+/=@-]{1,128}$/;

/** What the checks find in the responses to one shot. */
export interface Verdict {
  /** Null: nothing is wrong. */
  readonly fault: string | null;
  /** Calls that the responses say were paid. */
  readonly paidCalls: number;
}

/** Checks what holds for every response, whatever was sent. `secrets`: texts that no response may have. */
export function check(
  shot: Shot,
  { responses, fault, isClosed }: Received,
  secrets: readonly string[],
): Verdict {
  let paidCalls = 0;
  const isComplete = responses.length > 0 || shot.mayBeDropped;
  const faults = [
    fault,
    isComplete ? null : `No response${isClosed ? ', and the connection was closed' : ''}`,
    shot.responses > 0 && responses.length > shot.responses
      ? `${responses.length} responses to ${shot.responses} requests`
      : null,
  ];
  for (const response of responses) {
    const { headers, body } = response;
    const head = [...headers].flat().join('\n');
    if (secrets.some((secret) => head.includes(secret) || body.includes(secret)))
      faults.push('A secret is in the response');
    const requestId = headers.get('x-request-id');
    if (requestId !== undefined && !harmlessRequestId.test(requestId))
      faults.push(`The request id ${JSON.stringify(requestId)}`);
    if (!statuses.has(response.status)) faults.push(`Status ${response.status}: ${body.subarray(0, 300)}`);
    if (!/json|multipart|event-stream/.test(headers.get('content-type') ?? '')) {
      if (shot.kind === 'graphql' && !shot.isHead && !(ofParser.has(response.status) && body.length === 0)) {
        faults.push(`Status ${response.status} without a GraphQL response: ${body.subarray(0, 100)}`);
      }
      continue;
    }
    if (shot.isHead) continue;
    try {
      const results = resultsIn(response);
      if (results.length === 0 && response.status !== 304) faults.push('No result in the response');
      for (const result of results) {
        paidCalls += paidCallsOf(result);
        if (shot.kind === 'graphql') faults.push(faultOf(result, response));
      }
    } catch (error) {
      faults.push(`${error}: ${body.subarray(0, 300)}`);
    }
  }
  if (paidCalls > 0 && !shot.mayCost) faults.push(`${paidCalls} calls were paid`);
  faults.push(shot.check?.(responses) ?? null);
  return { fault: faults.find((one) => one !== null) ?? null, paidCalls };
}

/** None for a dry run, whose cost is a forecast. */
function paidCallsOf({ errors, extensions }: Result): number {
  const isDryRun = (errors as { extensions?: { code?: unknown } }[] | undefined)?.some(
    (error) => error.extensions?.code === 'DRY_RUN',
  );
  const { cost } = (extensions ?? {}) as { cost?: { paidCalls?: number } };
  return isDryRun ? 0 : (cost?.paidCalls ?? 0);
}

type Result = Readonly<Record<string, unknown>>;

/** The result in a JSON body, or all results of a delivery in parts. */
function resultsIn({ headers, body }: WireResponse): Result[] {
  const type = headers.get('content-type') ?? '';
  const text = decoded(body, headers.get('content-encoding')).toString();
  if (type.includes('json')) return text === '' ? [] : [JSON.parse(text)];
  const lines =
    text.split('\r\n').length > 1 && type.startsWith('multipart') ? text.split('\r\n') : text.split('\n');
  const written = type.startsWith('multipart')
    ? lines.filter((line) => line.startsWith('{'))
    : lines.filter((line) => line.startsWith('data: {')).map((line) => line.slice('data: '.length));
  return written.map((line) => JSON.parse(line));
}

function decoded(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'br') return brotliDecompressSync(body);
  return encoding === 'gzip' ? gunzipSync(body) : body;
}

/** What makes a result no well-formed GraphQL response (GraphQL, 7.1; GraphQL over HTTP, 6.4). */
function faultOf(result: Result, { status, headers }: WireResponse): string | null {
  const { data, errors, incremental, hasNext } = result;
  if (data === undefined && errors === undefined && incremental === undefined && hasNext === undefined) {
    return 'A result without data and errors';
  }
  if (data !== undefined && data !== null && typeof data !== 'object') return 'data is no object';
  if (errors !== undefined && (!Array.isArray(errors) || errors.length === 0))
    return 'errors is no list, or empty';
  const nested = Array.isArray(incremental) ? incremental.flatMap((one) => one.errors ?? []) : [];
  for (const error of [...((errors as unknown[]) ?? []), ...nested]) {
    const { message, extensions } = error as {
      message?: unknown;
      extensions?: { code?: unknown; requestId?: unknown };
    };
    if (typeof message !== 'string' || message === '') return 'An error without a message';
    if (message.length > 2_000) return `A message of ${message.length} characters`;
    if (/\bat .+:\d+:\d+|node_modules/.test(message)) return `A stack in a message: ${message.slice(0, 300)}`;
    if (!codes.has(extensions?.code))
      return `An error with the code ${extensions?.code}: ${message.slice(0, 300)}`;
    if (extensions?.requestId !== headers.get('x-request-id'))
      return `An error with the request id ${extensions?.requestId}, but the header is ${headers.get('x-request-id')}`;
  }
  const isGraphqlType = headers.get('content-type')?.includes('application/graphql-response+json');
  if (
    isGraphqlType &&
    data === undefined &&
    errors !== undefined &&
    status === 200 &&
    hasNext === undefined
  ) {
    return 'Status 200 for an operation that was not executed';
  }
  return null;
}
