import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { expect } from 'vitest';
import { type Config, readConfig } from '../src/config.js';
import type { Cost } from '../src/cost/report.js';
import type { Logger } from '../src/logger.js';
import { readPersistedDocuments } from '../src/persistedDocuments.js';
import { ResponseMemo } from '../src/response/memo.js';
import type { RequestHead, Respond, ResponseMessage } from '../src/response/message.js';
import type { Behaviours } from '../src/sandbox/behaviour.js';
import { keepAliveTimeout, startSandbox } from '../src/sandbox/server.js';
import { createServer } from '../src/server.js';
import type { AnswerTally } from '../src/telemetry/answerTally.js';
import { addReadMetrics } from '../src/telemetry/metrics.js';
import { createTelemetry, type Telemetry } from '../src/telemetry/telemetry.js';
import { namespaceOf } from '../src/upstream/cache/storedAnswer.js';
import { fingerprintOf } from '../src/upstream/call/circuit/stopStore.js';
import { type Client, createClient } from '../src/upstream/client.js';
import { endpoints } from '../src/upstream/endpoints/table.js';
import { createTransport } from '../src/upstream/http/transport.js';
import type { Store } from '../src/upstream/store/store.js';
import {
  atEnd,
  type RecordLine,
  recordingLogger,
  type TestClock,
  testClock,
  testStore,
  testToken,
} from './fixtures.js';

/** A call as upstream saw it: `profile 6629722295873044494 SHORT_VIDEO`. */
export type SeenCall = string;

/** What a scripted upstream answers: a body (an object is sent as JSON), or anything else that HTTP can do. */
export type Reply =
  | {
      readonly body: string | Buffer | object;
      readonly status?: number;
      readonly headers?: Record<string, string>;
    }
  | ((response: ServerResponse) => void);

export interface Upstream {
  readonly baseUrl: string;
  /** Every request so far, in order of arrival. */
  readonly calls: SeenCall[];
}

export interface ScriptedUpstream extends Upstream {
  /**
   * Resolves when requests of its own have come back over the same way: a call that was made before has arrived. For tests
   * that expect no call.
   */
  caughtUp(): Promise<void>;
}

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test's own query gives it
  readonly data: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: Readonly<Record<string, unknown>> & { readonly cost?: Cost };
}

/** The project's own sandbox, on a port of its own. */
export async function sandboxUpstream(
  behaviours: Behaviours = {},
): Promise<Upstream & { readonly billed: readonly SeenCall[] }> {
  const calls: SeenCall[] = [];
  const billed: SeenCall[] = [];
  const sandbox = await startSandbox({
    ...behaviours,
    onCall: ({ path, creatorId, platform }) => calls.push(seen(path, creatorId, platform)),
    onBilled: ({ path, creatorId, platform }) => billed.push(seen(path, creatorId, platform)),
  });
  atEnd(() => sandbox.close());
  return { baseUrl: sandbox.baseUrl, calls, billed };
}

/** One whose answers wait until it is open. */
export async function gatedUpstream(
  script: (call: SeenCall, nth: number) => Reply,
): Promise<ScriptedUpstream & { open(): void; shut(): void }> {
  let isOpen = false;
  let waiting: (() => void)[] = [];
  const upstream = await scriptedUpstream((seen, nth) => (response) => {
    const reply = script(seen, nth);
    const answer = () => response.end(JSON.stringify('body' in reply ? reply.body : null));
    if (isOpen) answer();
    else waiting.push(answer);
  });
  return {
    ...upstream,
    open: () => {
      isOpen = true;
      for (const answer of waiting) answer();
      waiting = [];
    },
    shut: () => {
      isOpen = false;
    },
  };
}

/** A real HTTP server that answers what the test says. */
export async function scriptedUpstream(
  script: (call: SeenCall, nth: number) => Reply,
): Promise<ScriptedUpstream> {
  const calls: SeenCall[] = [];
  const server = createHttpServer({ keepAliveTimeout }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://upstream');
    if (pathname === roundTripPath) return response.end();
    const call = seen(pathname, searchParams.get('oAuthorId'), searchParams.get('platform'));
    const reply = script(call, calls.push(call));
    if (typeof reply === 'function') return reply(response);
    const { body, status = 200, headers = {} } = reply;
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(isRaw ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  atEnd(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const caughtUp = async () => {
    for (let trip = 0; trip < roundTrips; trip += 1) {
      await (await fetch(baseUrl + roundTripPath)).arrayBuffer();
    }
  };
  return { baseUrl, calls, caughtUp };
}

/**
 * The environment of a test in which upstream never answers: its calls soon fail. The time must be enough to send a request,
 * and for an upstream in the same process to see it.
 */
export const shortTimeout = { UPSTREAM_TIMEOUT_MS: '1000' };

/** One for each step that a call may take to the network by way of the store. */
const roundTrips = 3;
const roundTripPath = '/round-trip';

export interface TestServer {
  readonly calls: SeenCall[];
  readonly client: Client;
  readonly clock: TestClock;
  /** What was logged beside operations and calls that succeeded, as lines of JSON. */
  readonly logs: string[];
  /** What was logged of each operation and each call. */
  readonly records: readonly RecordLine[];
  readonly telemetry: Telemetry;
  /** Runs one operation in process, as HTTP would. */
  ask(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** For a real port. */
  readonly respond: Respond;
  /** Where answers came from so far. */
  readonly tally: Readonly<AnswerTally>;
  /** How many answers out of the memo were compared with executing again. */
  comparisons(): number;
}

/** The whole server in process, over real HTTP to `upstream` (default: the sandbox). */
export async function startTestServer(
  options: {
    readonly upstream?: Upstream;
    readonly env?: Record<string, string>;
    /** Of the built page. Default: there is no page. */
    readonly dashboardFolder?: URL;
    readonly isEnding?: () => boolean;
    readonly clock?: TestClock;
    /** What outlives a server; the next one may be given the same. */
    readonly store?: Store;
    /** Instead of the one that fills `logs`. */
    readonly logger?: Logger;
    /** A second environment, and what chooses between the two. */
    readonly other?: { readonly upstream: Upstream; readonly random: () => number };
  } = {},
): Promise<TestServer> {
  const upstream = options.upstream ?? (await sandboxUpstream());
  const config = testConfig(options.env);
  const clock = options.clock ?? testClock();
  const { logger: recording, logs, records } = recordingLogger();
  const logger = options.logger ?? recording;
  const routeTo = (name: string, { baseUrl }: Upstream) => {
    const transport = createTransport({
      baseUrl,
      token: config.token ?? '',
      timeoutMs: config.upstreamTimeoutMs,
    });
    atEnd(() => transport.close());
    return { name, transport };
  };
  const store = options.store ?? testStore(clock);
  const telemetry = createTelemetry({ logger, after: clock.after });
  const { register, tally, observer } = telemetry;
  const client = await createClient({
    routes: options.other
      ? [routeTo('first', upstream), routeTo('second', options.other.upstream)]
      : [routeTo('custom', upstream)],
    store,
    namespace: namespaceOf(config),
    fingerprint: fingerprintOf(config.token ?? '', config.baseUrl),
    observer,
    config,
    logger,
    now: clock.now,
    elapsed: clock.elapsed,
    after: clock.after,
    // The least of every random delay: retries follow at once.
    random: options.other?.random ?? (() => 0),
  });
  addReadMetrics({ register, client, store, tally, droppedLines: () => 0, version: '0.0.0' });
  const documents = await readPersistedDocuments(config.persistedDocuments);
  const dashboardFolder = options.dashboardFolder ?? null;
  const parts = {
    dashboardFolder,
    isEnding: options.isEnding ?? (() => false),
    client,
    store,
    metrics: register,
    documents,
    config,
    now: clock.now,
    elapsed: clock.elapsed,
    after: clock.after,
  };
  const memo = config.responseMemo ? new ResponseMemo({ maxBytes: config.cacheMaxBytes }) : null;
  const respond = createServer({ ...parts, memo, tally, observer, logger });
  const respondAnew = createServer({
    ...parts,
    memo: null,
    ...createTelemetry({ logger: recordingLogger().logger, after: clock.after }),
    logger: recordingLogger().logger,
  });
  let comparisons = 0;
  const fetch = async (path: string, init: RequestInit = {}) => {
    const { request, body } = messageOf(path, init);
    const hangUp = () => init.signal ?? new AbortController().signal;
    const [before, askedAtMs] = [tally.memo, clock.now()];
    const answer = respond(request, body, hangUp);
    if (tally.memo > before) {
      // Whatever a test is about, an answer out of the memo is the very one that would have been given without it,
      // unless something changed just while that was found out.
      const anew = await respondAnew(request, body, hangUp);
      if (memo?.get(request, body) && clock.now() === askedAtMs) {
        comparisons += 1;
        expect(answer).toMatchObject({ ...anew });
      }
    }
    const message = await answer;
    init.signal?.throwIfAborted();
    return responseOf(message);
  };
  return {
    calls: upstream.calls,
    client,
    clock,
    logs,
    records,
    telemetry,
    fetch,
    respond,
    tally,
    comparisons: () => comparisons,
    ask: async (query, variables, headers) => {
      const response = await fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return answerOf(response);
    },
  };
}

const testRequestId = 'test-request';

/** The body of a response. Whatever a test is about, each error names its request, so that need not be said again. */
export async function answerOf(response: Response): Promise<Answer> {
  const requestId = response.headers.get('x-request-id');
  const answer = (await response.json()) as Answer;
  const errors = answer.errors?.map((error) => {
    const { requestId: named, ...extensions } = error.extensions;
    expect(named).toBe(requestId);
    return { ...error, extensions };
  });
  return { ...answer, ...(errors && { errors }) };
}

function messageOf(
  path: string,
  { method = 'GET', headers: given, body }: RequestInit,
): { readonly request: RequestHead; readonly body: Buffer | null } {
  const headers = {
    host: '127.0.0.1',
    'x-request-id': testRequestId,
    ...Object.fromEntries(new Headers(given)),
  };
  const request = { method, url: path, headers, rawHeaders: Object.entries(headers).flat() };
  return { request, body: method === 'GET' ? null : Buffer.from((body as string | null | undefined) ?? '') };
}

function responseOf({ status, headers, body }: ResponseMessage): Response {
  const isEmpty = status === 204 || status === 304;
  const pairs = headers.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[name, headers[at + 1] ?? '']] : [],
  );
  const stream =
    typeof body === 'string'
      ? Buffer.from(body, 'latin1')
      : (Readable.toWeb(Readable.from(body)) as BodyInit);
  return new Response(isEmpty ? null : stream, { status, headers: pairs });
}

/** One store, and as many ways into it as there are servers: each hears what the others change. */
export function sharedStore(clock: TestClock = testClock()): { open(): Store } {
  const memory = testStore(clock);
  const listeners: { readonly of: object; readonly hear: (key: string) => void }[] = [];
  return {
    open: () => {
      const tell = (key: string) => {
        for (const { of, hear } of listeners) if (of !== view) hear(key);
      };
      const telling = async <T>(key: string, change: Promise<T>): Promise<T> => {
        const result = await change;
        tell(key);
        return result;
      };
      const view: Store = {
        ...memory,
        isShared: true,
        set: (key, value, options) => telling(key, memory.set(key, value, options)),
        forget: (key) => telling(key, memory.forget(key)),
        lease: async (key, options) => {
          const leasing = await memory.lease(key, options);
          if (!leasing.isGranted) return leasing;
          return { ...leasing, release: () => telling(key, leasing.release()) };
        },
        onChange: (hear) => void listeners.push({ of: view, hear }),
      };
      return view;
    },
  };
}

/** RESPONSE_MEMO=0 runs all tests without it but those that are about it: no answer must change. */
export function testConfig(env: Record<string, string> = {}): Config {
  const { RESPONSE_MEMO } = process.env;
  return readConfig({ JUSTONEAPI_TOKEN: testToken, RESPONSE_MEMO, ...env }, Object.values(endpoints));
}

/** `extensions.cost` as it must be: what isn't named is 0, each paid call took one attempt, and the outcomes add up. */
export function cost(some: Partial<Cost> = {}): Cost {
  const { paidCalls = 0, cachedCalls = 0, coalescedCalls = 0, failedCalls = 0 } = some;
  return {
    requestedCalls: paidCalls + cachedCalls + coalescedCalls + failedCalls,
    paidCalls,
    cachedCalls,
    coalescedCalls,
    failedCalls,
    uncertainCalls: 0,
    renewalCalls: 0,
    attempts: paidCalls,
    maxCalls: 200,
    ...some,
  };
}

/** Upstream's envelope around a success. */
export function success(data: object): Reply {
  return { body: { code: 0, data } };
}

function seen(path: string, creatorId: string | null, platform: string | null): SeenCall {
  const endpoint = Object.values(endpoints).find((known) => known.path === path);
  return `${endpoint?.name ?? path} ${creatorId} ${platform}`;
}
