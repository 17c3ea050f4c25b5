import { type ExecutionResult, type GraphQLError, getOperationAST } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { type Context, createContext } from '../context.js';
import { costHeadersOf } from '../cost/costHeaders.js';
import { forecastOf, summariesOf } from '../cost/forecast.js';
import { lookUpPages, searchesAreStored, storedPagesOf } from '../cost/pages.js';
import { isStillCurrent, noPages, type Pages, pageRequestsOf, planOf } from '../cost/plan.js';
import { dryRunError, sizeError, sizeRefusal, tooExpensiveError } from '../cost/refusals.js';
import { type CostSettings, costOf, type LookupSummary, withCost } from '../cost/report.js';
import { selectsSections } from '../cost/selectsSections.js';
import { acceptsAnyOf, singleResultTypes } from '../protocol/acceptHeader.js';
import { incrementalOf } from '../protocol/incrementalDirectives.js';
import { type ServerContext, writeLater } from '../response/responder.js';
import { PlannedSize } from '../responseSize/plannedSize.js';
import { noMemoryError, nothingCalled, tooLargeError } from '../responseSize/responseTooLargeError.js';
import { admit, sizeWithoutSections } from '../responseSize/sizeWithoutSections.js';
import type { Observer } from '../telemetry/observer.js';
import type { Clock } from '../time.js';
import type { Client } from '../upstream/client.js';
import type { Paying } from './useApiKeys.js';

export interface CostOptions extends CostSettings {
  readonly client: Client;
  readonly observer: Pick<Observer, 'lookups'>;
  readonly now: Clock;
}

/**
 * Plans each operation, and refuses one whose cost or response would be too large, or answers what it would cost
 * (`x-dry-run: 1`). Otherwise gives the operation the loaders that make only planned calls, and reports
 * `extensions.cost`.
 */
export function useCost({
  client,
  observer,
  now,
  ...settings
}: CostOptions): Plugin<Paying & ServerContext & Context> {
  return {
    async onExecute({ executeFn, args, extendContext, setExecuteFn, setResultAndStopExecution: stopWith }) {
      const { request, params, payer, provenance, record } = args.contextValue;
      const { size } = provenance;
      // To a client that accepts no JSON, Yoga sends also a single result as a part or an event, and writes it at once.
      const isSentInParts = !acceptsAnyOf(request, singleResultTypes);
      size.isIncremental = isSentInParts || incrementalOf({ ...args, text: params.query ?? '' }).length > 0;
      const bare = sizeWithoutSections(args);
      const tooLarge = await admit(bare, size);
      if (tooLarge) return stopWith({ errors: [sizeRefusal(tooLarge)] });

      const execute = (context: Context) => executeFn({ ...args, contextValue: context });
      const planWith = async (pages: Pages = noPages) => {
        const plannedSize = new PlannedSize(size.maxBytes, bare.bytes);
        return { ...(await planOf(execute, client, plannedSize, pages)), plannedSize };
      };
      let planning = await planWith();
      const headers = costHeadersOf(request, args);
      const report = (lookups: readonly LookupSummary[]) => {
        const { plan, isUpperBound } = planning;
        return costOf(lookups, { ...settings, ...headers, requestedCalls: plan.size, isUpperBound, now });
      };
      const hasCost =
        planning.plan.size > 0 || selectsSections(args.schema, args.document, args.operationName);
      const refuse = (error: GraphQLError, lookups: readonly LookupSummary[] = []) =>
        stopWith(withCost({ errors: [error] }, report(lookups)));
      /** Stops with the result of an operation that has no data whatever its sections are. */
      const stopAsRefused = (refusal: ExecutionResult, lookups: readonly LookupSummary[] = []) => {
        const result = refusal.data !== undefined && hasCost ? withCost(refusal, report(lookups)) : refusal;
        // The plugin that masks errors does not see a result that stops the execution.
        setExecuteFn(() => result);
      };

      /** Stops if the plan says that the operation can't be executed. `calledSentence`: what was called for it so far. */
      const isStopped = (calledSentence: string, lookups: readonly LookupSummary[] = []): boolean => {
        const { plan, isUpperBound, refusal, plannedSize } = planning;
        const tooMany = !headers.isDryRun && plan.size > settings.maxCalls;
        if (refusal) stopAsRefused(refusal, lookups);
        else if (plannedSize.isTooLarge) {
          refuse(sizeRefusal(tooLargeError(size.maxBytes, calledSentence)), lookups);
        } else if (tooMany) {
          refuse(tooExpensiveError(plan.size, settings.maxCalls, isUpperBound, calledSentence), lookups);
        }
        return refusal !== null || plannedSize.isTooLarge || tooMany;
      };

      if (planning.isUpperBound && (headers.isDryRun || planning.plan.size > settings.maxCalls)) {
        const stored = await storedPagesOf(client, planning.plan);
        if (stored.size > 0) planning = await planWith(stored);
      }
      if (isStopped(nothingCalled)) return;
      if (headers.isDryRun) {
        const cost = report(await forecastOf(client, planning.plan, payer));
        return stopWith(withCost({ data: null, errors: [dryRunError(cost)] }, cost));
      }

      const operationName = getOperationAST(args.document, args.operationName)?.name?.value ?? null;
      const { requestId, trace } = record;
      const newOperation = () =>
        client.newOperation({ signal: request.signal, payer, operationName, requestId, trace });
      let operation = newOperation();
      const { planned } = planning;
      if (planned && isStillCurrent(planned, planning.plan, (section) => client.hit(section, operation))) {
        setExecuteFn(() => planned.result);
      } else {
        if (planned) operation = newOperation();
        const pageRequests = pageRequestsOf(planning.plan);
        const pages = pageRequests.length > 0 ? await lookUpPages(client, pageRequests, operation) : noPages;
        const calledSentence = pages.size > 0 ? searchesAreStored : nothingCalled;
        if (pages.size > 0) {
          // Another page may have come than the one that was planned with.
          planning = await planWith(pages);
          if (isStopped(calledSentence, await summariesOf(client, operation))) return;
        }
        const { plan, plannedSize } = planning;
        if (plannedSize.isLarge && !(await size.reserve(plannedSize.bytesToReserve))) {
          return refuse(sizeRefusal(noMemoryError(calledSentence)), await summariesOf(client, operation));
        }
        extendContext(createContext(client, plan, operation, size, pages));
      }
      if (!hasCost) return;
      return {
        async onExecuteDone({ result, setResult }) {
          const reportNow = async () => {
            observer.lookups(operation.lookups);
            return report(await summariesOf(client, operation));
          };
          if (isAsyncIterable(result)) {
            return {
              async onNext({ result: part, setResult: setPart }) {
                if ('hasNext' in part && !part.hasNext) setPart(withCost(part, await reportNow()));
              },
            };
          }
          const cost = await reportNow();
          if (size.refusal) {
            return setResult(withCost({ data: null, errors: [sizeError(size.refusal)] }, cost));
          }
          setResult({
            ...withCost(result, cost),
            ...(size.isLarge && !isSentInParts && { stringify: writeLater(provenance) }),
          });
          if (!result.errors && !headers.isDetailed) provenance.freshness = client.freshnessOf(operation);
        },
      };
    },
  };
}
