import { createHash, timingSafeEqual } from 'node:crypto';
import { createGraphQLError, type Plugin } from 'graphql-yoga';
import type { ApiKey } from '../config.js';

/**
 * Lets only operations through that bring `Authorization: Bearer KEY` with one of the keys; others get 401 before
 * anything is parsed. No keys: everybody may ask. Keys are compared as hashes, in constant time.
 */
export function useApiKeys(keys: readonly ApiKey[]): Plugin {
  const hashes = keys.map(({ key }) => hash(key));

  return {
    onRequestParse({ request }) {
      if (hashes.length === 0) return;
      const given = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
      if (given !== undefined && isAmong(hash(given), hashes)) return;
      throw createGraphQLError(
        given === undefined
          ? 'This server wants an API key. Send it as "Authorization: Bearer KEY".'
          : 'The API key is not known here. Ask the operator for one.',
        {
          extensions: {
            code: 'UNAUTHENTICATED',
            retryable: false,
            http: { status: 401, headers: { 'www-authenticate': 'Bearer' } },
          },
        },
      );
    },
  };
}

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Looks at every key, so that the time taken tells nothing about which one it was. */
function isAmong(given: Buffer, hashes: readonly Buffer[]): boolean {
  return hashes.map((known) => timingSafeEqual(given, known)).includes(true);
}
