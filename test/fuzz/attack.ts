import type { Random } from '../../src/sandbox/random.js';
import type { Target } from './target.js';
import type { Request, WireResponse } from './wire.js';

/** Which server is attacked: `keyed` has API keys, persisted documents and a foreign origin that it allows. */
export type TargetName = 'open' | 'keyed';

/** One thing that a client does to the server. */
export interface Shot extends Request {
  /** A path, so that the response is checked as what this path answers. */
  readonly kind: 'graphql' | 'other';
  /** Whether it is fine to be answered by a closed connection. Default: no. */
  readonly mayBeDropped?: boolean;
  /** Whether `extensions.cost` says all that it cost. Otherwise it may cost nothing. Default: no. */
  readonly mayCost?: boolean;
  /** Beside what holds for every response. Returns what is wrong, or null. */
  readonly check?: (responses: readonly WireResponse[]) => string | null;
}

/** Requests of one kind. The same seed and number make the same bytes. */
export interface Attack {
  readonly name: string;
  readonly target: TargetName;
  readonly connections: number;
  shot(random: Random): Shot;
}

/** What an attack by connections has to work with. */
export interface Siege {
  readonly server: Target;
  readonly random: Random;
  /** Is aborted when the phase has had its time. */
  readonly signal: AbortSignal;
  /** Requests, connections, or whatever it makes. */
  count(status: string): void;
  violate(what: string, bytes?: Buffer): void;
}

/** Connections that are held, instead of requests that are answered. Resolves when all of them are closed. */
export interface ConnectionAttack {
  readonly name: string;
  readonly target: TargetName;
  hold(siege: Siege): Promise<void>;
}

export interface Head {
  readonly method?: string;
  readonly target?: string;
  /** `host` and, with a body, `content-length` are added if they are not there. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly version?: string;
}

/** A request's bytes. Header values are written as Latin-1, so that every byte can be sent. */
export function requestBytes(
  { method = 'GET', target = '/graphql', headers = [], version = '1.1' }: Head,
  body?: Buffer,
): Buffer {
  const has = (name: string) => headers.some(([given]) => given.toLowerCase() === name);
  const all = [
    ...(has('host') ? [] : [['host', '127.0.0.1'] as const]),
    ...headers,
    ...(body && !has('content-length') && !has('transfer-encoding')
      ? [['content-length', String(body.length)] as const]
      : []),
  ];
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = Buffer.from(`${method} ${target} HTTP/${version}\r\n${lines}\r\n`, 'latin1');
  return body ? Buffer.concat([head, body]) : head;
}

export const json = ['content-type', 'application/json'] as const;
/** An operation with it is priced, and nothing is called. */
export const dryRun = ['x-dry-run', '1'] as const;

/** A POST of an operation. */
export function operationBytes(
  params: object | string,
  headers: readonly (readonly [string, string])[] = [dryRun],
): Buffer {
  const text = typeof params === 'string' ? params : JSON.stringify(params);
  return requestBytes({ method: 'POST', headers: [json, ...headers] }, Buffer.from(text));
}

export function graphqlShot(bytes: Buffer, more: Partial<Shot> = {}): Shot {
  return { kind: 'graphql', pieces: [bytes], responses: 1, ...more };
}

export const times = (count: number, text: (nth: number) => string) =>
  Array.from({ length: count }, (_, nth) => text(nth)).join(' ');

/** The ids of small made-up creators. */
export function creatorIdFrom(random: Random): string {
  return `7${String(random.whole(0, 400)).padStart(18, '0')}`;
}
