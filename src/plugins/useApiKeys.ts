import { createHash, timingSafeEqual } from 'node:crypto';
import { createGraphQLError, type Plugin } from 'graphql-yoga';
import type { ApiKey, Payer } from '../apiKeys.js';

export interface ApiKeysOptions {
  /** None: everybody may ask. */
  readonly keys: readonly ApiKey[];
  /** What needs an admin's key beside operations, by path. */
  readonly alsoGuards: string;
}

/** What this plugin adds to an operation's context. */
export interface Paying {
  /** Whose key the request came with. Null: there are no keys. */
  readonly payer: Payer | null;
}

interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
  readonly challenge: string;
}

/**
 * Lets only those through that bring `Authorization: Bearer KEY` with one of the keys; others get 401 before anything is
 * parsed. Keys are compared as hashes, in constant time.
 */
export function useApiKeys({ keys, alsoGuards }: ApiKeysOptions): Plugin<Paying> {
  const known = keys.map(({ key, name, dailyMaxCalls, isAdmin }) => ({
    hash: hash(key),
    payer: { name, dailyMaxCalls, isAdmin },
  }));
  const payers = new WeakMap<Request, Payer>();

  /** Whose key it is, or why it is none. Looks at every key, so that the time taken tells nothing of which it was. */
  function payerOf(request: Request): Payer | Refusal {
    const given = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    if (given === undefined) return noKey;
    const givenHash = hash(given);
    return known.filter((one) => timingSafeEqual(one.hash, givenHash))[0]?.payer ?? unknownKey;
  }

  return {
    onRequest({ url, request, endResponse, fetchAPI }) {
      if (known.length === 0 || url.pathname !== alsoGuards) return;
      const payer = payerOf(request);
      const refusal = 'status' in payer ? payer : payer.isAdmin ? null : adminsOnly;
      if (!refusal) return;
      const { status, message, challenge } = refusal;
      endResponse(new fetchAPI.Response(message, { status, headers: { 'www-authenticate': challenge } }));
    },
    onRequestParse({ request }) {
      if (known.length === 0) return;
      const payer = payerOf(request);
      if (!('status' in payer)) {
        payers.set(request, payer);
        return;
      }
      const { status, message, challenge } = payer;
      const http = { status, headers: { 'www-authenticate': challenge } };
      throw createGraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', retryable: false, http } });
    },
    onContextBuilding({ context, extendContext }) {
      const payer = payers.get(context.request) ?? null;
      if (known.length > 0 && !payer) throw new Error('An operation came past the check of its key');
      extendContext({ payer });
    },
  };
}

const realm = 'Bearer realm="Xingtu GraphQL"';

const noKey: Refusal = {
  status: 401,
  message: 'This server wants an API key. Send it as "Authorization: Bearer KEY".',
  challenge: realm,
};

const unknownKey: Refusal = {
  status: 401,
  message: 'The API key is not known here. Ask the operator for one.',
  challenge: `${realm}, error="invalid_token"`,
};

const adminsOnly: Refusal = {
  status: 403,
  message: "This shows what everybody spends, so it wants an admin's key: API_KEYS=name:key:admin.",
  challenge: `${realm}, error="insufficient_scope"`,
};

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
