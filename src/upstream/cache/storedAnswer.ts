import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Config } from '../../config.js';
import { errorCodes } from '../../errors.js';
import { type Call, callWithKey } from '../endpoints/call.js';
import { versionOf } from '../endpoints/endpoint.js';
import { UpstreamError } from '../errors.js';
import { withoutUnsafeCharacters } from '../json.js';

/** A paid answer: what upstream sent, so that a better decoder also mends earlier ones. */
export interface Answer {
  /** Upstream's answer as plain JSON text. Null: upstream has nothing, which is knowledge too. */
  readonly body: string | null;
  readonly fetchedAtMs: number;
  /** The sandbox gave it. */
  readonly isSandbox: boolean;
}

/** The same as it is in the store. Of two answers to one call the one with the higher version is the later. */
export interface StoredAnswer extends Answer {
  readonly version: number;
}

/** How a call ended that other processes waited for, or must not repeat so soon. */
export interface StoredFailure {
  /** Of the lease under which the call was made. */
  readonly version: number;
  readonly error: UpstreamError;
  /** Until then nobody repeats the call. Null: anybody may. */
  readonly rememberedUntilMs: number | null;
}

/** Separates what must never mix: live answers, the sandbox's, and those of another base URL. */
export function namespaceOf({ token, baseUrl }: Pick<Config, 'token' | 'baseUrl'>): string {
  if (token === null) return 'sandbox';
  return baseUrl === null
    ? 'live'
    : `custom-${createHash('sha256').update(baseUrl).digest('hex').slice(0, 16)}`;
}

/** What the store has about a call. `history`: a series of the answers so far. */
export type Kind = 'answer' | 'failure' | 'lease' | 'history';

/**
 * Where the store has what belongs to a call: `answer:live:v1:profile{"creatorId":…}`. Two versions of an endpoint stand
 * side by side, as their servers may. No part but the last holds a colon.
 */
export function storeKey(kind: Kind, namespace: string, { endpoint, key }: Call): string {
  return `${kind}:${namespace}:${versionOf(endpoint)}:${key}`;
}

/** What the store's keys of a kind begin with. */
export function keyPrefix(kind: Kind): string {
  return `${kind}:`;
}

const keyForm = /^(answer|failure|lease|history):([^:]+):([^:]+):(.*)$/s;

/** A change of what a look-up may find in the store. */
export interface StoredChange {
  readonly kind: Exclude<Kind, 'history'>;
  readonly callKey: string;
}

/** What the change of a store's key says. Null: the key is of another namespace, or no look-up reads it. */
export function parseChange(storeKey: string, namespace: string): StoredChange | null {
  const [, kind, of, , callKey] = keyForm.exec(storeKey) ?? [];
  if (of !== namespace || callKey === undefined || kind === 'history') return null;
  return { kind: kind as StoredChange['kind'], callKey };
}

/** What a store's key is about. Null: a call of another version, or to an endpoint that is not known here. */
export function parseStoreKey(storeKey: string): { readonly namespace: string; readonly call: Call } | null {
  const [, , namespace, version] = keyForm.exec(storeKey) ?? [];
  const call = callOfAnyVersion(storeKey);
  return namespace !== undefined && call && versionOf(call.endpoint) === version ? { namespace, call } : null;
}

/** The call that a store's key is about, in whichever namespace and version of its endpoint. Null: it is not known here. */
export function callOfAnyVersion(storeKey: string): Call | null {
  const [, , , , callKey] = keyForm.exec(storeKey) ?? [];
  return callKey === undefined ? null : callWithKey(callKey);
}

const answerHead = z.object({
  fetchedAtMs: z.number(),
  endpointVersion: z.string(),
  isSandbox: z.boolean(),
  version: z.number(),
});

/** A line of facts, then the body as it is: neither is written into the other's text. */
export function encodeAnswer({ endpoint }: Call, answer: StoredAnswer): string {
  const { body, fetchedAtMs, isSandbox, version } = answer;
  const endpointVersion = versionOf(endpoint);
  const head: z.infer<typeof answerHead> = { fetchedAtMs, endpointVersion, isSandbox, version };
  return `${JSON.stringify(head)}\n${body ?? ''}`;
}

/** Null: of another version of the endpoint, which its decoder does not know. Throws when the text is no answer. */
export function decodeAnswer({ endpoint }: Call, text: string): StoredAnswer | null {
  const end = text.indexOf('\n');
  const { endpointVersion, ...facts } = answerHead.parse(JSON.parse(text.slice(0, end)));
  if (endpointVersion !== versionOf(endpoint)) return null;
  // Servers of an earlier version let half characters in.
  return { ...facts, body: withoutUnsafeCharacters(text.slice(end + 1)) || null };
}

const failure = z.object({
  version: z.number(),
  rememberedUntilMs: z.number().nullable(),
  code: z.enum(errorCodes),
  message: z.string(),
  endpoint: z.string(),
  billed: z.enum(['no', 'maybe', 'yes']),
  upstreamCode: z.number().exactOptional(),
  retryAfterSeconds: z.number().exactOptional(),
});

export function encodeFailure({ version, error, rememberedUntilMs }: StoredFailure): string {
  const { code, message, endpoint, billed, upstreamCode, retryAfterSeconds } = error;
  const facts = { code, message, endpoint, billed, upstreamCode, retryAfterSeconds };
  return JSON.stringify({ version, rememberedUntilMs, ...facts });
}

/** Throws when the text is no failure. */
export function decodeFailure(text: string): StoredFailure {
  const { version, rememberedUntilMs, code, message, ...facts } = failure.parse(JSON.parse(text));
  return { version, rememberedUntilMs, error: new UpstreamError(code, message, facts) };
}
