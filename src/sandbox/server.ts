import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Behaviours, behaviourFor } from './behaviour.js';
import { isBilled } from './billing.js';
import { type SandboxBody, stringify } from './bodies/body.js';
import { bodies } from './bodies/table.js';
import { drawFault, type FaultRates, faultIds, temporaryFaultIds } from './faults.js';
import { drawLatency } from './latency.js';
import { isDuringOutage, type Outage } from './outage.js';
import { type Reply, reset, send } from './replies.js';

export const sandboxEndpointNames: readonly string[] = Object.keys(bodies);

const byPath = new Map(
  Object.entries(bodies).map(
    ([endpoint, body]): [string, { readonly endpoint: string; readonly body: SandboxBody }] => [
      body.path,
      { endpoint, body },
    ],
  ),
);

/**
 * How long an idle connection stays open. With Node's five seconds, a sandbox that gets no processor time would close
 * connections on which a request waits already.
 */
export const keepAliveTimeout = 75_000;

/** A request that the sandbox received. */
export interface SandboxCall {
  readonly path: string;
  readonly creatorId: string | null;
  readonly platform: string;
  /** All parameters but the token, as they were sent: with the path, they tell calls apart. */
  readonly query: string;
}

export interface SandboxOptions extends Behaviours {
  /** 0: any free port. */
  readonly port?: number;
  /** When every connection is reset. Default: never. */
  readonly outage?: Outage;
  /** Called for every request, also for one that fails. */
  readonly onCall?: (call: SandboxCall) => void;
  /** Called on the arrival of every call that will fail, with its fault. Not for outages. */
  readonly onFault?: (call: SandboxCall, fault: NonNullable<Reply['fault']>) => void;
  /**
   * Called for every call that the vendor would bill, when its answer starts, even if the client has disconnected. The
   * sandbox never bills a `timeout`, though upstream may.
   */
  readonly onBilled?: (call: SandboxCall) => void;
  /** Chooses latencies and faults. Returns numbers in [0, 1). Default: Math.random. */
  readonly random?: () => number;
  /** The clock for outages, in milliseconds. Default: Date.now. */
  readonly now?: () => number;
}

export interface Sandbox {
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** Starts a stand-in for the vendor's API on loopback: real HTTP, the vendor's JSON, made-up creators, no bill. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, outage, onCall, onFault, onBilled, random = Math.random, now = Date.now } = options;
  const startedMs = now();
  const requestCounts = new Map<string, number>();
  const closing = new AbortController();
  // Every delayed answer adds a listener, and Node warns of many as of a leak.
  setMaxListeners(0, closing.signal);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const call: SandboxCall = {
      path: url.pathname,
      creatorId: url.searchParams.get('oAuthorId') ?? url.searchParams.get('starAuthorId'),
      platform: url.searchParams.get('platform') ?? 'SHORT_VIDEO',
      query: withoutToken(url.searchParams),
    };
    onCall?.(call);
    if (isOutNow()) return reset(response);
    const endpoint = byPath.get(call.path)?.endpoint ?? null;
    const { latency, faultRates = [] } = behaviourFor({ creatorId: call.creatorId, endpoint }, options);
    // Both are chosen on arrival, so they depend on the order of the calls, and not on how long each one takes.
    const waitMs = latency ? drawLatency(latency, random) : 0;
    const reply = replyTo(call, url.searchParams, faultRates);
    if (reply.fault !== undefined) onFault?.(call, reply.fault);
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: closing.signal });
    if (isOutNow()) return reset(response);
    if (isBilled(reply)) onBilled?.(call);
    await send(response, reply);
  }

  function isOutNow(): boolean {
    return outage !== undefined && isDuringOutage(outage, now() - startedMs);
  }

  function replyTo(call: SandboxCall, query: URLSearchParams, faultRates: FaultRates): Reply {
    const known = byPath.get(call.path);
    if (!known) return { body: '', fault: 'unknownPath' };
    if (!query.get('token')) return { body: '', fault: 100 };
    const data = known.body.data(query);
    if (!data) return { body: '', fault: 400 };

    const body = stringify({ code: 0, data });
    const temporary = temporaryFaultIds.get(call.creatorId ?? '');
    if (temporary) return { body, ...(isAmongFirst(call, temporary.times) ? temporary : {}) };
    const fault = faultIds.get(call.creatorId ?? '') ?? drawFault(faultRates, random());
    return { body, ...(fault === undefined ? {} : { fault }) };
  }

  function isAmongFirst({ path, creatorId, platform }: SandboxCall, times: number): boolean {
    const key = `${creatorId} ${path} ${platform}`;
    const earlier = requestCounts.get(key) ?? 0;
    requestCounts.set(key, earlier + 1);
    return earlier < times;
  }

  const server = createServer({ keepAliveTimeout }, (request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        closing.abort();
      }),
  };
}

function withoutToken(parameters: URLSearchParams): string {
  const others = new URLSearchParams(parameters);
  others.delete('token');
  return others.toString();
}
