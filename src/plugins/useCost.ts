import { type GraphQLError, getOperationAST } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { type Context, createContext } from '../context.js';
import { costHeadersOf } from '../cost/costHeaders.js';
import { forecastOf, summariesOf } from '../cost/forecast.js';
import { isStillCurrent, planOf } from '../cost/plan.js';
import { dryRunError, sizeError, sizeRefusal, tooExpensiveError } from '../cost/refusals.js';
import { type CostSettings, costOf, type LookupSummary, withCost } from '../cost/report.js';
import { selectsSections } from '../cost/selectsSections.js';
import { incrementalOf } from '../protocol/incrementalDirectives.js';
import { type ServerContext, writeLater } from '../response/responder.js';
import { PlannedSize } from '../responseSize/plannedSize.js';
import { noMemoryError, nothingCalled, tooLargeError } from '../responseSize/responseTooLargeError.js';
import { admit, sizeWithoutSections } from '../responseSize/sizeWithoutSections.js';
import type { Clock } from '../time.js';
import type { Client } from '../upstream/client.js';
import type { Paying } from './useApiKeys.js';

export interface CostOptions extends CostSettings {
  readonly client: Client;
  readonly now: Clock;
}

/**
 * Plans each operation, and refuses one whose cost or response would be too large, or answers what it would cost
 * (`x-dry-run: 1`). Otherwise gives the operation the loaders that make only planned calls, and reports
 * `extensions.cost`.
 */
export function useCost({ client, now, ...settings }: CostOptions): Plugin<Paying & ServerContext & Context> {
  return {
    async onExecute({ executeFn, args, extendContext, setExecuteFn, setResultAndStopExecution: stopWith }) {
      const { request, params, payer, provenance } = args.contextValue;
      const { size } = provenance;
      size.isIncremental = incrementalOf({ ...args, text: params.query ?? '' }).length > 0;
      const bare = sizeWithoutSections(args);
      const tooLarge = await admit(bare, size);
      if (tooLarge) return stopWith({ errors: [sizeRefusal(tooLarge)] });

      const plannedSize = new PlannedSize(size.maxBytes, bare.bytes);
      const execute = (context: Context) => executeFn({ ...args, contextValue: context });
      const { plan, refusal, planned } = await planOf(execute, client, plannedSize);
      const headers = costHeadersOf(request, args);
      const reportOptions = { ...settings, ...headers, requestedCalls: plan.size, now };
      const report = (lookups: readonly LookupSummary[]) => costOf(lookups, reportOptions);
      const hasCost = plan.size > 0 || selectsSections(args.schema, args.document, args.operationName);
      const refuse = (error: GraphQLError) => stopWith(withCost({ errors: [error] }, report([])));

      if (refusal) {
        const result = refusal.data !== undefined && hasCost ? withCost(refusal, report([])) : refusal;
        // The plugin that masks errors does not see a result that stops the execution.
        return setExecuteFn(() => result);
      }
      if (plannedSize.isTooLarge) return refuse(sizeRefusal(tooLargeError(size.maxBytes, nothingCalled)));
      if (headers.isDryRun) {
        const cost = report(await forecastOf(client, plan, payer));
        return stopWith(withCost({ data: null, errors: [dryRunError(cost)] }, cost));
      }
      if (plan.size > settings.maxCalls) return refuse(tooExpensiveError(plan.size, settings.maxCalls));
      if (plannedSize.isLarge && !(await size.reserve(plannedSize.bytesToReserve))) {
        return refuse(sizeRefusal(noMemoryError(nothingCalled)));
      }

      const operationName = getOperationAST(args.document, args.operationName)?.name?.value ?? null;
      const newOperation = () => client.newOperation({ signal: request.signal, payer, operationName });
      let operation = newOperation();
      if (planned && isStillCurrent(planned, plan, (section) => client.hit(section, operation))) {
        setExecuteFn(() => planned.result);
      } else {
        operation = newOperation();
        extendContext(createContext(client, plan, operation, size));
      }
      if (!hasCost) return;
      return {
        async onExecuteDone({ result, setResult }) {
          const reportNow = async () => report(await summariesOf(client, operation));
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
            ...(size.isLarge && { stringify: writeLater(provenance) }),
          });
          if (!result.errors && !headers.isDetailed) provenance.freshness = client.freshnessOf(operation);
        },
      };
    },
  };
}
