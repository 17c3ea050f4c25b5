import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Config } from '../../config.js';
import { errorCodes } from '../../errors.js';
import type { Section } from '../client.js';
import type { Endpoint, Platform } from '../endpoints/endpoint.js';
import { UpstreamError } from '../errors.js';
import { withWholeCharacters } from '../json.js';

/** A paid answer, as it is kept: what upstream sent, so that a better decoder mends old ones, too. */
export interface Answer {
  /** Upstream's answer as plain JSON text; null when upstream has nothing on it, which is knowledge too. */
  readonly body: string | null;
  readonly fetchedAtMs: number;
  /** A stand-in gave it. */
  readonly isSandbox: boolean;
}

/** The same with the section that its endpoint's decoder made of it, as that is while it is fresh. */
export interface Entry extends Answer {
  readonly section: Section;
  /** No other entry of this process has it. */
  readonly serial: number;
  /** In the store. Null: it is in none. Of two under one name the one with the higher version is the later. */
  readonly version: number | null;
}

/** The same as it came out of the store. */
export interface KeptAnswer extends Answer {
  readonly version: number;
}

/** How a call ended that others waited for, or must not make again so soon. */
export interface KeptFailure {
  /** Of the lease that it was made under. */
  readonly version: number;
  readonly error: UpstreamError;
  /** Until then nobody calls again. Null: they may. */
  readonly heldUntilMs: number | null;
}

/** What one call is about. */
export interface Subject {
  readonly endpoint: Endpoint;
  readonly creatorId: string;
  readonly platform: Platform;
}

/** Answers of one realm are of one world: what is real, what the sandbox made up, what another base URL says. */
export function realmOf({ token, baseUrl }: Pick<Config, 'token' | 'baseUrl'>): string {
  if (token === null) return 'sandbox';
  return baseUrl === null
    ? 'live'
    : `custom-${createHash('sha256').update(baseUrl).digest('hex').slice(0, 16)}`;
}

/** What belongs together in the store. Two versions of an endpoint stand side by side, as their servers may. */
export function nameOf(realm: string, { endpoint, creatorId, platform }: Subject): string {
  return `${realm}:${creatorId}:${endpoint.name}:${platform}:${versionOf(endpoint)}`;
}

/** Where the store has what belongs to a name. */
export const keys = {
  answer: (name: string) => `answer:${name}`,
  failure: (name: string) => `failure:${name}`,
  lease: (name: string) => `lease:${name}`,
} as const;

/** The name in any of those keys. */
export function nameIn(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}

const answerHead = z.object({
  fetchedAtMs: z.number(),
  endpointVersion: z.string(),
  isSandbox: z.boolean(),
  version: z.number(),
});

/** A line of facts, then the body as it is, so that neither is written into the other's text. */
export function textOfAnswer({ endpoint }: Subject, answer: KeptAnswer): string {
  const { body, fetchedAtMs, isSandbox, version } = answer;
  const endpointVersion = versionOf(endpoint);
  const head: z.infer<typeof answerHead> = { fetchedAtMs, endpointVersion, isSandbox, version };
  return `${JSON.stringify(head)}\n${body ?? ''}`;
}

/** Null: of an endpoint's earlier version, which its decoder doesn't know. Throws when it is no such text. */
export function answerOfText({ endpoint }: Subject, text: string): KeptAnswer | null {
  const end = text.indexOf('\n');
  const { endpointVersion, ...facts } = answerHead.parse(JSON.parse(text.slice(0, end)));
  if (endpointVersion !== versionOf(endpoint)) return null;
  // What an earlier version kept had not been looked at for half characters.
  return { ...facts, body: withWholeCharacters(text.slice(end + 1)) || null };
}

const failure = z.object({
  version: z.number(),
  heldUntilMs: z.number().nullable(),
  code: z.enum(errorCodes),
  message: z.string(),
  endpoint: z.string(),
  billed: z.enum(['no', 'maybe', 'yes']),
  upstreamCode: z.number().exactOptional(),
  retryAfterSeconds: z.number().exactOptional(),
});

export function textOfFailure({ version, error, heldUntilMs }: KeptFailure): string {
  const { code, message, endpoint, billed, upstreamCode, retryAfterSeconds } = error;
  const facts = { code, message, endpoint, billed, upstreamCode, retryAfterSeconds };
  return JSON.stringify({ version, heldUntilMs, ...facts });
}

export function failureOfText(text: string): KeptFailure {
  const { version, heldUntilMs, code, message, ...facts } = failure.parse(JSON.parse(text));
  return { version, heldUntilMs, error: new UpstreamError(code, message, facts) };
}

/** The vendor's own: the end of the path. */
export function versionOf({ path }: Pick<Endpoint, 'path'>): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
