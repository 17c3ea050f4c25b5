import { getHeapStatistics } from 'node:v8';
import { createYoga } from 'graphql-yoga';
import type { Config } from './config.js';
import type { Context } from './context.js';
import type { Logger } from './logger.js';
import type { PersistedDocuments } from './persistedDocuments.js';
import { useAcceptCheck } from './plugins/useAcceptCheck.js';
import { useAllowedHosts } from './plugins/useAllowedHosts.js';
import { useApiKeys } from './plugins/useApiKeys.js';
import { useCost } from './plugins/useCost.js';
import { useCreatorsCsv } from './plugins/useCreatorsCsv.js';
import { useCsrfPrevention } from './plugins/useCsrfPrevention.js';
import { useDashboard } from './plugins/useDashboard.js';
import { useDocumentLimits } from './plugins/useDocumentLimits.js';
import { useErrorCodes } from './plugins/useErrorCodes.js';
import { useExactPath } from './plugins/useExactPath.js';
import { useExecutionCount } from './plugins/useExecutionCount.js';
import { useExecutorLimits } from './plugins/useExecutorLimits.js';
import { useFragmentCycleCheck } from './plugins/useFragmentCycleCheck.js';
import { useGraphiql } from './plugins/useGraphiql.js';
import { useIncrementalDelivery } from './plugins/useIncrementalDelivery.js';
import { useMetrics } from './plugins/useMetrics.js';
import { useNestingLimit } from './plugins/useNestingLimit.js';
import { useOperationName } from './plugins/useOperationName.js';
import { useOperationRecord } from './plugins/useOperationRecord.js';
import { usePersistedDocuments } from './plugins/usePersistedDocuments.js';
import { useReadiness } from './plugins/useReadiness.js';
import { useRequestChecks } from './plugins/useRequestChecks.js';
import { useRoundedNumberCheck } from './plugins/useRoundedNumberCheck.js';
import { useSandboxExtension } from './plugins/useSandboxExtension.js';
import { useShortErrorMessages } from './plugins/useShortErrorMessages.js';
import { corsFor } from './protocol/cors.js';
import type { DocumentLimits } from './protocol/documentLimits.js';
import { createErrorMask } from './protocol/errorMask.js';
import { fastPath, standardPath } from './response/fastPath.js';
import type { ResponseMemo } from './response/memo.js';
import type { Respond } from './response/message.js';
import { createResponder, type ServerContext } from './response/responder.js';
import { MemoryBudget } from './responseSize/memoryBudget.js';
import { ResponseSize } from './responseSize/responseSize.js';
import { Scheduler } from './responseSize/scheduler.js';
import { SectionMemory } from './responseSize/sectionMemory.js';
import { withFederation } from './schema/federation.js';
import { schema } from './schema/index.js';
import type { AnswerTally } from './telemetry/answerTally.js';
import type { MetricsText } from './telemetry/metrics.js';
import type { Observer } from './telemetry/observer.js';
import type { After, Clock } from './time.js';
import type { Client } from './upstream/client.js';
import type { Store } from './upstream/store/store.js';

export const graphqlPath = '/graphql';
const metricsPath = '/metrics';
const readinessPath = '/ready';
const creatorsCsvPath = '/creators.csv';

/** Enough for 200 creators with a section each, all under aliases, and for every field with an `@include`. */
const documentLimits: DocumentLimits = {
  tokens: 5_000,
  depth: 15,
  aliases: 400,
  introspectionAliases: 4,
  incrementalDirectives: 100,
  directives: 400,
};

/** Levels of brackets. More than introspection needs, and far less than the 1,500 that the parser's stack bears. */
const mostNested = 500;

/** Large responses may take this share of the heap, and the sections that they are made from as much again. */
const heapShare = 1 / 8;

interface ServerOptions {
  readonly client: Client;
  readonly store: Pick<Store, 'lostBecause' | 'warnings'>;
  readonly metrics: MetricsText;
  /** Null: the fast path is off. */
  readonly memo: ResponseMemo | null;
  /** Is counted up by the server. */
  readonly tally: AnswerTally;
  readonly observer: Pick<Observer, 'executed' | 'repeated' | 'lookups'>;
  /** Documents that clients may name by an id. They do not change while the server runs. */
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
    | 'isSubgraph'
    | 'isStoreRequired'
  >;
  /** The folder of the page at `/`. Null: there is none. */
  readonly dashboardFolder: URL | null;
  readonly isEnding: () => boolean;
  readonly logger: Logger;
  readonly now: Clock;
  /** Monotonic. */
  readonly elapsed: Clock;
  readonly after: After;
}

/** GraphQL over HTTP as a function from request to response. `http.ts` puts it on a port. */
export function createServer(options: ServerOptions): Respond {
  const { client, store, metrics, documents, tally, observer, config, isEnding, logger } = options;
  const { now, elapsed, after } = options;
  const maskError = createErrorMask(logger);
  const { memo, plugins, documentCaches } = options.memo ? fastPath(options.memo) : standardPath();
  const yoga = createYoga<ServerContext, Context>({
    schema: config.isSubgraph ? withFederation(schema) : schema,
    graphqlEndpoint: graphqlPath,
    plugins: [
      useAllowedHosts({ hosts: hostsFor(config), exceptPath: readinessPath }),
      useAcceptCheck(),
      useCsrfPrevention({ origins: config.corsOrigins, logger }),
      useDashboard({ folder: options.dashboardFolder }),
      useGraphiql({
        endpoint: graphqlPath,
        title: () => (client.isSandbox() ? 'Xingtu GraphQL (sandbox)' : 'Xingtu GraphQL'),
      }),
      useApiKeys({ keys: config.apiKeys, metricsPath }),
      useReadiness({
        endpoint: readinessPath,
        status: () => client.status(),
        isStoreLost: () => store.lostBecause !== null,
        isStoreRequired: config.isStoreRequired,
        storeWarnings: () => store.warnings,
        isEnding,
      }),
      useMetrics({ endpoint: metricsPath, metrics }),
      useCreatorsCsv({ endpoint: creatorsCsvPath, graphqlEndpoint: graphqlPath }),
      useExactPath(graphqlPath),
      usePersistedDocuments({
        documents,
        isPersistedOnly: config.isPersistedOnly,
        maxTokens: documentLimits.tokens,
        logger,
      }),
      useOperationName(),
      useRoundedNumberCheck(),
      useDocumentLimits(documentLimits),
      useExecutorLimits(),
      useSandboxExtension(client.isSandbox),
      useExecutionCount(tally),
      useCost({ client, observer, now, maxCalls: config.queryMaxCalls, callPrice: config.callPrice }),
      useIncrementalDelivery(maskError),
      ...plugins,
      useNestingLimit(mostNested),
      useFragmentCycleCheck(),
      useRequestChecks(),
      useErrorCodes(),
      useShortErrorMessages(),
      useOperationRecord(),
    ],
    maskedErrors: { maskError },
    cors: (request) => corsFor(request.headers.get('origin'), config.corsOrigins),
    parserAndValidationCache: documentCaches,
    logging: {
      debug: (...args) => logger.debug(args.join(' ')),
      info: (...args) => logger.info(args.join(' ')),
      warn: (...args) => logger.warn(args.join(' ')),
      // Yoga logs each masked error twice, and clients' mistakes, too. `maskError` has logged the server's own.
      error: () => {},
    },
    // Replaced: GraphiQL by useGraphiql, which needs no CDN, and the limit by http.ts, where it costs less.
    graphiql: false,
    maxRequestBodySize: false,
    multipart: false,
    landingPage: false,
  });
  const { maxResponseBytes: maxBytes, queryTimeoutMs: waitForMemoryMs } = config;
  const shareBytes = getHeapStatistics().heap_size_limit * heapShare;
  const memory = new MemoryBudget({ maxBytes: shareBytes, after });
  const sectionMemory = new SectionMemory(shareBytes);
  const scheduler = new Scheduler();
  const newResponseSize = (hangUp: AbortSignal) =>
    new ResponseSize({ maxBytes, memory, sectionMemory, scheduler, waitForMemoryMs }, hangUp);
  return createResponder({
    yoga,
    memo,
    tally,
    observer,
    newResponseSize,
    scheduler,
    logger,
    now,
    elapsed,
    after,
  });
}

/** Null: any. A page under a false name has no key, so with keys the name matters only if ALLOWED_HOSTS is set. */
function hostsFor({ apiKeys, allowedHosts }: ServerOptions['config']): readonly string[] | null {
  return apiKeys.length > 0 && allowedHosts.length === 0 ? null : allowedHosts;
}
