import { createHash, timingSafeEqual } from 'node:crypto';
import { createGraphQLError, type Plugin } from 'graphql-yoga';
import type { ApiKey, Payer } from '../apiKeys.js';

interface ApiKeysOptions {
  /** With an empty list, requests need no key. */
  readonly keys: readonly ApiKey[];
  /** A path that only keys of the roles `admin` and `metrics` may read. */
  readonly metricsPath: string;
}

/** What this plugin adds to an operation's context. */
export interface Paying {
  /** The owner of the request's key. Null: the server has no keys. */
  readonly payer: Payer | null;
}

interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
  readonly challenge: string;
}

/**
 * Requires `Authorization: Bearer KEY` with one of the keys. Other requests get 401 before their body is parsed. Keys are
 * compared as hashes, in constant time.
 */
export function useApiKeys({ keys, metricsPath }: ApiKeysOptions): Plugin<Paying> {
  const known = keys.map(({ key, name, dailyMaxCalls, role }) => ({
    hash: hash(key),
    payer: { name, dailyMaxCalls, role },
  }));
  const payers = new WeakMap<Request, Payer>();

  /** Compares with every key, so that the time taken does not tell which one it was. */
  function payerOf(request: Request): Payer | Refusal {
    const given = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    if (given === undefined) return noKey;
    const givenHash = hash(given);
    return known.filter((one) => timingSafeEqual(one.hash, givenHash))[0]?.payer ?? unknownKey;
  }

  return {
    onRequest({ url, request, endResponse, fetchAPI }) {
      if (known.length === 0 || url.pathname !== metricsPath) return;
      const payer = payerOf(request);
      const refusal = 'status' in payer ? payer : payer.role === 'client' ? adminsOnly : null;
      if (!refusal) return;
      const { status, message, challenge } = refusal;
      endResponse(new fetchAPI.Response(message, { status, headers: { 'www-authenticate': challenge } }));
    },
    onRequestParse({ request }) {
      if (known.length === 0) return;
      const payer = payerOf(request);
      const refusal = 'status' in payer ? payer : payer.role === 'metrics' ? metricsOnly : null;
      if (!('status' in payer)) payers.set(request, payer);
      if (!refusal) return;
      const { status, message, challenge } = refusal;
      const http = { status, headers: { 'www-authenticate': challenge } };
      throw createGraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', retryable: false, http } });
    },
    onContextBuilding({ context, extendContext }) {
      const payer = payers.get(context.request) ?? null;
      if (known.length > 0 && !payer) throw new Error('Expected the API key of an operation to be checked');
      extendContext({ payer });
    },
  };
}

const challenge = 'Bearer realm="Xingtu GraphQL"';

const noKey: Refusal = {
  status: 401,
  message: 'This server requires an API key. Send it as "Authorization: Bearer KEY".',
  challenge,
};

const unknownKey: Refusal = {
  status: 401,
  message: 'This server does not know the API key. Ask its operator for one.',
  challenge: `${challenge}, error="invalid_token"`,
};

const adminsOnly: Refusal = {
  status: 403,
  message:
    "This page shows every key's spend, so it requires a key for metrics, API_KEYS=name:key:metrics, or an admin's.",
  challenge: `${challenge}, error="insufficient_scope"`,
};

const metricsOnly: Refusal = {
  status: 403,
  message: 'This API key may only read the metrics. Ask the operator of the server for another one.',
  challenge: `${challenge}, error="insufficient_scope"`,
};

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
