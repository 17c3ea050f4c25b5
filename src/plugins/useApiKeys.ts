import { createHash, timingSafeEqual } from 'node:crypto';
import { createGraphQLError, type Plugin } from 'graphql-yoga';
import type { ApiKey } from '../config.js';

export interface ApiKeysOptions {
  /** None: everybody may ask. */
  readonly keys: readonly ApiKey[];
  /** What needs a key beside operations, by path. */
  readonly alsoGuards: string;
}

/**
 * Lets only those through that bring `Authorization: Bearer KEY` with one of the keys; others get 401 before anything is
 * parsed. Keys are compared as hashes, in constant time.
 */
export function useApiKeys({ keys, alsoGuards }: ApiKeysOptions): Plugin {
  const hashes = keys.map(({ key }) => hash(key));

  function refusal(request: Request): string | null {
    if (hashes.length === 0) return null;
    const given = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    if (given === undefined) return 'This server wants an API key. Send it as "Authorization: Bearer KEY".';
    return isAmong(hash(given), hashes) ? null : 'The API key is not known here. Ask the operator for one.';
  }

  return {
    onRequest({ url, request, endResponse, fetchAPI }) {
      const message = url.pathname === alsoGuards ? refusal(request) : null;
      if (message !== null) {
        endResponse(new fetchAPI.Response(message, { status: 401, headers: wantsKey }));
      }
    },
    onRequestParse({ request }) {
      const message = refusal(request);
      if (message === null) return;
      throw createGraphQLError(message, {
        extensions: { code: 'UNAUTHENTICATED', retryable: false, http: { status: 401, headers: wantsKey } },
      });
    },
  };
}

const wantsKey = { 'www-authenticate': 'Bearer' } as const;

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Looks at every key, so that the time taken tells nothing about which one it was. */
function isAmong(given: Buffer, hashes: readonly Buffer[]): boolean {
  return hashes.map((known) => timingSafeEqual(given, known)).includes(true);
}
