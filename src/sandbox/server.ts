import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Behaviours, behaviourFor } from './behaviour.js';
import { isBilled } from './billing.js';
import { type SandboxBody, stringify } from './bodies/body.js';
import { loadBodies } from './bodies/load.js';
import { drawFault, type FaultRates, faultIds, passingFaultIds } from './faults.js';
import { drawLatency } from './latency.js';
import { isOut, type Outage } from './outage.js';
import { type Reply, reset, send } from './replies.js';

const bodies = await loadBodies();

export const sandboxEndpointNames: readonly string[] = [...bodies.keys()];

const byPath = new Map(
  [...bodies].map(([endpoint, body]): [string, { readonly endpoint: string; readonly body: SandboxBody }] => [
    body.path,
    { endpoint, body },
  ]),
);

/** A request as the sandbox saw it. */
export interface SandboxCall {
  readonly path: string;
  readonly creatorId: string | null;
  readonly platform: string;
}

export interface SandboxOptions extends Behaviours {
  /** 0: any that is free. */
  readonly port?: number;
  /** When connections are reset, whatever is asked. Default: never. */
  readonly outage?: Outage;
  /** Hears of every request, failing ones too. */
  readonly onCall?: (call: SandboxCall) => void;
  /** Hears on arrival of every call that will fail, and how. Outages aside: they come unforeseen. */
  readonly onFault?: (call: SandboxCall, fault: NonNullable<Reply['fault']>) => void;
  /**
   * Hears of every call that the vendor would bill, when its answer begins, even if nobody waits for it any more. A
   * `timeout` may have been billed too; here it never is.
   */
  readonly onBilled?: (call: SandboxCall) => void;
  /** What latencies and faults are drawn with: at least 0, less than 1. Default: Math.random. */
  readonly random?: () => number;
  /** The clock that outages go by, in milliseconds. Default: Date.now. */
  readonly now?: () => number;
}

export interface Sandbox {
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** A stand-in for the vendor's API on loopback: real HTTP, the vendor's raw shapes, made-up creators, no bill. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, outage, onCall, onFault, onBilled, random = Math.random, now = Date.now } = options;
  const startedMs = now();
  const passedFaults = new Map<string, number>();
  const closing = new AbortController();
  // Every answer that waits listens, and Node would take many for a leak.
  setMaxListeners(0, closing.signal);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const call: SandboxCall = {
      path: url.pathname,
      creatorId: url.searchParams.get('oAuthorId'),
      platform: url.searchParams.get('platform') ?? 'SHORT_VIDEO',
    };
    onCall?.(call);
    if (isOutNow()) return reset(response);
    const endpoint = byPath.get(call.path)?.endpoint ?? null;
    const { latency, faultRates = [] } = behaviourFor({ creatorId: call.creatorId, endpoint }, options);
    // Both drawn on arrival: the same calls in the same order have the same luck, however long each of them takes.
    const waitMs = latency ? drawLatency(latency, random) : 0;
    const reply = replyTo(call, url.searchParams, faultRates);
    if (reply.fault !== undefined) onFault?.(call, reply.fault);
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: closing.signal });
    if (isOutNow()) return reset(response);
    if (isBilled(reply)) onBilled?.(call);
    await send(response, reply);
  }

  function isOutNow(): boolean {
    return outage !== undefined && isOut(outage, now() - startedMs);
  }

  function replyTo(call: SandboxCall, query: URLSearchParams, faultRates: FaultRates): Reply {
    const known = byPath.get(call.path);
    if (!known) return { body: '', fault: 'unknownPath' };
    if (!query.get('token')) return { body: '', fault: 100 };
    const data = known.body.data(query);
    if (!data) return { body: '', fault: 400 };

    const body = stringify({ code: 0, data });
    const passing = passingFaultIds.get(call.creatorId ?? '');
    if (passing) return { body, ...(isFirst(call, passing.times) ? passing : {}) };
    const fault = faultIds.get(call.creatorId ?? '') ?? drawFault(faultRates, random());
    return { body, ...(fault === undefined ? {} : { fault }) };
  }

  function isFirst({ path, creatorId, platform }: SandboxCall, times: number): boolean {
    const key = `${creatorId} ${path} ${platform}`;
    const passed = passedFaults.get(key) ?? 0;
    passedFaults.set(key, passed + 1);
    return passed < times;
  }

  const server = createServer((request, response) => {
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
