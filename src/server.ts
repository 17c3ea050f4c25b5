import { getHeapStatistics } from 'node:v8';
import { crc32 } from 'node:zlib';
import { GraphQLError } from 'graphql';
import { createYoga, type YogaServerOptions } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { AnswerSize } from './answerSize/answerSize.js';
import { HeldSections } from './answerSize/heldSections.js';
import { Room } from './answerSize/room.js';
import { Turns } from './answerSize/turns.js';
import type { Config } from './config.js';
import type { Context } from './context.js';
import { CodedError } from './errors.js';
import type { Logger } from './logger.js';
import type { PersistedDocuments } from './persistedDocuments.js';
import { useApiKeys } from './plugins/useApiKeys.js';
import { useClearRefusals } from './plugins/useClearRefusals.js';
import { useCost } from './plugins/useCost.js';
import { useOwnPages } from './plugins/useCsrfPrevention.js';
import { type DocumentLimits, useDocumentLimits } from './plugins/useDocumentLimits.js';
import { useExactPath } from './plugins/useExactPath.js';
import { useGraphiql } from './plugins/useGraphiql.js';
import { useIncremental } from './plugins/useIncremental.js';
import { useKnownHosts } from './plugins/useKnownHosts.js';
import { useMetrics } from './plugins/useMetrics.js';
import { useNestingLimit } from './plugins/useNestingLimit.js';
import { useOperationName } from './plugins/useOperationName.js';
import { usePersistedDocuments } from './plugins/usePersistedDocuments.js';
import { useReadiness } from './plugins/useReadiness.js';
import { useExactIds } from './plugins/useRoundedNumberCheck.js';
import { useSandboxMark } from './plugins/useSandboxMark.js';
import { useShortMessages } from './plugins/useShortMessages.js';
import { useTally } from './plugins/useTally.js';
import { SecondSight } from './response/doorkeeper.js';
import type { ResponseMemo } from './response/memo.js';
import type { Respond } from './response/message.js';
import { type AnswerTally, createResponder, type ServerContext } from './response/responder.js';
import { useMergedRules } from './response/useFastValidation.js';
import { useLocations } from './response/useLazyLocations.js';
import { schema } from './schema/index.js';
import type { MetricsText } from './telemetry/metrics.js';
import type { After, Clock } from './time.js';
import type { Client } from './upstream/client.js';
import type { Store } from './upstream/store/store.js';

export const graphqlPath = '/graphql';

const metricsPath = '/metrics';

const readinessPath = '/ready';

/** Room for 200 creators and a section of each under names of their own, and for every field behind `@include`. */
const documentLimits: DocumentLimits = {
  tokens: 5_000,
  depth: 15,
  aliases: 400,
  introspectionAliases: 4,
  parts: 100,
  directives: 400,
};

/** Brackets within brackets. Introspection may be deep, which is far from what the parser's stack bears, about 1,500. */
const mostNested = 500;

type CorsOptions = Exclude<YogaServerOptions<object, object>['cors'], undefined | true | CallableFunction>;

/** What parsed documents may take, by the length of their texts; a tree takes some hundred times its text. */
const maxParsedCharacters = 262_144;

/** Of the heap: one for large answers, one for what they are made from. */
const heapParts = 8;

export interface ServerOptions {
  readonly client: Client;
  /** What of the store an operator is told. */
  readonly store: Pick<Store, 'lostBecause'>;
  readonly metrics: MetricsText;
  /** Null: no answer is kept whole. */
  readonly memo: ResponseMemo | null;
  /** Counted here. */
  readonly tally: AnswerTally;
  /** What clients may ask by its id. The same for the life of the server. */
  readonly documents: PersistedDocuments;
  readonly config: Pick<
    Config,
    | 'apiKeys'
    | 'corsOrigins'
    | 'allowedHosts'
    | 'queryMaxCalls'
    | 'queryTimeoutMs'
    | 'maxResponseBytes'
    | 'callPrice'
    | 'isPersistedOnly'
  >;
  readonly logger: Logger;
  readonly now: Clock;
  readonly after: After;
}

/** GraphQL over HTTP as a function from request to response. `http.ts` puts it on a port. */
export function createServer(options: ServerOptions): Respond {
  const { client, store, metrics, documents, memo, tally, config, logger, now, after } = options;
  const maskError = masking(logger);
  const yoga = createYoga<ServerContext, Context>({
    schema,
    graphqlEndpoint: graphqlPath,
    plugins: [
      useKnownHosts({ hosts: hostsFor(config), except: readinessPath }),
      useOwnPages({ origins: config.corsOrigins, logger }),
      useGraphiql({
        endpoint: graphqlPath,
        title: () => (client.isSandbox() ? 'Xingtu GraphQL (sandbox)' : 'Xingtu GraphQL'),
        isKeyWanted: config.apiKeys.length > 0,
      }),
      useApiKeys({ keys: config.apiKeys, alsoGuards: metricsPath }),
      useReadiness({
        endpoint: readinessPath,
        status: () => client.status(),
        isStoreLost: () => store.lostBecause !== null,
        isEnding: client.isClosed,
      }),
      useMetrics({ endpoint: metricsPath, metrics }),
      useExactPath(graphqlPath),
      usePersistedDocuments({ documents, isOnly: config.isPersistedOnly, limits: documentLimits, logger }),
      useOperationName(),
      useExactIds(),
      useDocumentLimits(documentLimits),
      useMergedRules(),
      useSandboxMark(client.isSandbox),
      useTally(tally),
      useCost({ client, now, maxCalls: config.queryMaxCalls, callPrice: config.callPrice }),
      useIncremental(maskError),
      useLocations({ maxTokens: documentLimits.tokens }),
      useNestingLimit(mostNested),
      useClearRefusals(),
      useShortMessages(),
    ],
    maskedErrors: { maskError },
    cors: (request) => corsFor(request.headers.get('origin'), config.corsOrigins),
    parserAndValidationCache: { documentCache: documentCache(), errorCache: documentCache() },
    logging: {
      debug: (...args) => logger.debug(args.join(' ')),
      info: (...args) => logger.info(args.join(' ')),
      warn: (...args) => logger.warn(args.join(' ')),
      // Each error that is masked, a client's mistake as well, and twice. `maskError` has logged what is the server's.
      error: () => {},
    },
    // Both are replaced: by useGraphiql, which needs no network, and by http.ts, which bounds bodies for less.
    graphiql: false,
    maxRequestBodySize: false,
    multipart: false,
    landingPage: false,
  });
  const { maxResponseBytes: maxBytes, queryTimeoutMs: enterWithinMs } = config;
  const shareBytes = getHeapStatistics().heap_size_limit / heapParts;
  const room = new Room({ maxBytes: shareBytes, after });
  const held = new HeldSections(shareBytes);
  const turns = new Turns();
  const newAnswerSize = (hangUp: AbortSignal) =>
    new AnswerSize({ maxBytes, room, held, turns, enterWithinMs }, hangUp);
  return createResponder({ yoga, memo, tally, newAnswerSize, turns, logger, now, after });
}

/** A key is something that no page made to look like the server's own can bring. */
function hostsFor({ apiKeys, allowedHosts }: ServerOptions['config']): readonly string[] | null {
  return apiKeys.length > 0 && allowedHosts.length === 0 ? null : allowedHosts;
}

/** How long a browser need not ask again whether a page may ask; none keeps it for longer. */
const corsMaxAgeSeconds = 86_400;

/**
 * Yoga would answer `null` to a strange origin, which is just what a sandboxed frame calls itself, and would let cookies
 * along, which nothing here looks at.
 */
function corsFor(origin: string | null, allowed: readonly string[]): CorsOptions {
  if (origin === null || !allowed.includes(origin)) return false;
  return { origin: [origin], methods: ['GET', 'POST'], credentials: false, maxAge: corsMaxAgeSeconds };
}

/** Takes a document in when it is asked for again: most of those that aren't would be long-lived garbage. */
function documentCache<T extends object>() {
  const asked = new SecondSight();
  const parsed = new LRUCache<string, T>({
    maxSize: maxParsedCharacters,
    sizeCalculation: (_, text) => text.length + 1,
  });
  return {
    get: (text: string) => parsed.get(text),
    set: (text: string, document: T) => {
      if (asked.isSecond(crc32(text) | 0)) parsed.set(text, document);
    },
  };
}

/** Lets GraphQL's own refusals and the failures of our table through; all else is a bug, which is logged, and says nothing. */
function masking(logger: Pick<Logger, 'error'>): (error: unknown) => GraphQLError {
  return (error) => {
    if (error instanceof GraphQLError) {
      const original = error.originalError;
      if (!original || original instanceof GraphQLError || original instanceof CodedError) return error;
    }
    logger.error(error);
    const place =
      error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
    return new GraphQLError('The server made a mistake. It has been logged.', {
      ...place,
      originalError: error instanceof Error ? error : null,
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
  };
}
