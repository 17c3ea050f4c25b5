import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { audienceTouch } from './bodies/audienceTouch.js';
import { type SandboxBody, stringify } from './bodies/body.js';
import { cpMetrics } from './bodies/cpMetrics.js';
import { prices } from './bodies/prices.js';
import { profile } from './bodies/profile.js';
import { recommendedVideos } from './bodies/recommendedVideos.js';
import { createSandboxCreator, type SandboxPlatform, sampleCreatorId, sandboxPlatforms } from './creators.js';
import { drawFault, type Fault, type FaultRates, faultIds } from './faults.js';
import { drawLatency, type Latency } from './latency.js';

const bodies: readonly SandboxBody[] = [profile, prices, cpMetrics, recommendedVideos, audienceTouch];

/** A request as the sandbox saw it. */
export interface SandboxCall {
  readonly path: string;
  readonly creatorId: string | null;
  readonly platform: string;
}

export interface SandboxOptions {
  /** 0: any that is free. */
  readonly port?: number;
  /** How long an answer takes. Default: none. */
  readonly latency?: Latency;
  /** How often a call fails, and how. Default: never, but for the ids that always do. */
  readonly faultRates?: FaultRates;
  /** Hears of every request, failing ones too. */
  readonly onCall?: (call: SandboxCall) => void;
  /** What latency and faults are drawn with: at least 0, less than 1. Default: Math.random. */
  readonly random?: () => number;
}

export interface Sandbox {
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** A stand-in for the vendor's API on loopback: real HTTP, the vendor's raw shapes, made-up creators, no bill. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, latency, faultRates = [], onCall, random = Math.random } = options;
  const closing = new AbortController();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const creatorId = url.searchParams.get('oAuthorId');
    const platform = url.searchParams.get('platform') ?? 'SHORT_VIDEO';
    onCall?.({ path: url.pathname, creatorId, platform });
    if (latency) await sleep(drawLatency(latency, random), undefined, { signal: closing.signal });

    const body = bodies.find(({ path }) => path === url.pathname);
    if (!body) return answer(response, 404, { code: 404, message: 'No such endpoint', data: null });
    if (!url.searchParams.get('token')) return fail(response, 100);
    if (!creatorId || !/^\d{15,20}$/.test(creatorId) || !isPlatform(platform)) return fail(response, 400);
    const fault = faultIds.get(creatorId) ?? drawFault(faultRates, random());
    if (fault !== undefined) return fail(response, fault);
    const isSample = creatorId === sampleCreatorId && platform === 'SHORT_VIDEO';
    const data = isSample ? body.sample : body.data(createSandboxCreator(creatorId, platform));
    answer(response, 200, { code: 0, data });
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

function isPlatform(platform: string): platform is SandboxPlatform {
  return sandboxPlatforms.some((known) => known === platform);
}

const headers = { 'content-type': 'application/json; charset=utf-8', 'x-justoneapi-sandbox': '1' };

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, headers).end(stringify(body));
}

function fail(response: ServerResponse, fault: Fault): void {
  switch (fault) {
    case 'timeout':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'half':
      response.writeHead(200, { ...headers, 'content-length': 1_000 }).write('{"code":0,"data":{', () => {
        response.socket?.destroy();
      });
      return;
    case 'broken':
      response.writeHead(200, headers).end('{"code":0,"data":{"base_resp":{"status_code":0');
      return;
    case 'html':
      response
        .writeHead(200, { ...headers, 'content-type': 'text/html' })
        .end('<html><body>502</body></html>');
      return;
    case 'base_resp':
      answer(response, 200, {
        code: 0,
        data: { base_resp: { status_code: 1, status_message: 'system error' } },
      });
      return;
    default:
      answer(response, 200, { code: fault, message: `Sandbox: code ${fault}`, data: null });
  }
}
