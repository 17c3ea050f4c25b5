import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import {
  largeBytes,
  noRoomError,
  type ResponseTooLargeError,
  tooLargeError,
  tooManyError,
} from '../answerSize/answerSize.js';
import { isOutlineTooLarge, outlineOf, PlannedSize, takesTurn } from '../answerSize/plannedSize.js';
import { type Context, createContext } from '../context.js';
import { findingsOf, forecastOf } from '../cost/forecast.js';
import { namesSections } from '../cost/namesSections.js';
import { type Plan, type PlannedAnswer, planOf } from '../cost/plan.js';
import { type Cost, type CostTerms, callsOf, costOf, type Finding } from '../cost/report.js';
import { incrementalOf } from '../protocol/incrementalDirectives.js';
import type { Provenance, ServerContext } from '../response/responder.js';
import type { Clock } from '../time.js';
import type { Client } from '../upstream/client.js';
import type { Section, SectionRequest } from '../upstream/section.js';
import type { Paying } from './useApiKeys.js';

export interface CostOptions extends CostTerms {
  readonly client: Client;
  readonly now: Clock;
}

/**
 * What an operation costs, in calls: planned before it is executed, refused when that is too much, told without executing
 * (`x-dry-run: 1`), and reported in `extensions.cost`. It gives the operation what it loads with, so that nothing is
 * called but what was planned.
 */
export function useCost({ client, now, ...terms }: CostOptions): Plugin<Paying & ServerContext & Context> {
  return {
    async onExecute({ executeFn, args, extendContext, setExecuteFn, setResultAndStopExecution: stopWith }) {
      const { request, params, payer, provenance } = args.contextValue;
      const { size } = provenance;
      size.isInParts = incrementalOf({ ...args, text: params.query ?? '' }).length > 0;
      const refuse = (error: ResponseTooLargeError) => stopWith({ errors: [refusalFor(error)] });
      const outline = outlineOf(args);
      if (isOutlineTooLarge(outline, size.maxBytes)) {
        return refuse(tooManyError(nothingCalled));
      }
      if (takesTurn(outline)) await size.takeTurn();
      if (outline.bytes > largeBytes && !(await size.enter(size.maxBytes))) {
        return refuse(noRoomError(nothingCalled));
      }
      const planned = new PlannedSize(size.maxBytes, outline.bytes);
      const execute = (context: Context) => executeFn({ ...args, contextValue: context });
      const { plan, refusal, answer } = await planOf(execute, client, planned);
      const isDry = isOn(request, 'x-dry-run') && !asksForSchemaOnly(args);
      const isDetailed = isOn(request, 'x-cost-debug');
      const reportOf = (findings: readonly Finding[]): Cost => ({
        ...(isDry && { dryRun: true }),
        ...costOf(plan.size, findings, terms),
        ...(isDetailed && { calls: callsOf(findings, now()) }),
      });
      const namesAny = plan.size > 0 || namesSections(args.schema, args.document, args.operationName);

      if (refusal) {
        // Stopping here would let errors past the plugin that masks them.
        const isAnswer = refusal.data !== undefined;
        return setExecuteFn(() => (isAnswer && namesAny ? withCost(refusal, reportOf([])) : refusal));
      }
      if (planned.isTooLarge) {
        const error = refusalFor(tooLargeError(size.maxBytes, nothingCalled));
        return stopWith(withCost({ errors: [error] }, reportOf([])));
      }
      if (isDry) {
        const cost = reportOf(await forecastOf(client, plan, payer));
        return stopWith(withCost({ data: null, errors: [dryRunError(cost)] }, cost));
      }
      if (plan.size > terms.maxCalls) {
        return stopWith(withCost({ errors: [tooExpensiveError(plan.size, terms.maxCalls)] }, reportOf([])));
      }
      if (planned.isLarge && !(await size.enter(planned.claimBytes))) {
        return stopWith(withCost({ errors: [refusalFor(noRoomError(nothingCalled))] }, reportOf([])));
      }

      const newOperation = () => client.newOperation({ signal: request.signal, payer });
      let operation = newOperation();
      if (answer && isStillSo(answer, plan, (wanted) => client.hit(wanted, operation))) {
        setExecuteFn(() => answer.result);
      } else {
        operation = newOperation();
        extendContext(createContext(client, plan, operation, size));
      }
      if (!namesAny) return;
      return {
        async onExecuteDone({ result, setResult }) {
          const report = async () => reportOf(await findingsOf(client, operation));
          if (!isAsyncIterable(result)) {
            const cost = await report();
            if (size.refusal) {
              setResult(withCost({ data: null, errors: [toGraphQLError(size.refusal)] }, cost));
              return;
            }
            setResult({ ...withCost(result, cost), ...(size.isLarge && { stringify: laterBy(provenance) }) });
            if (!result.errors && !isDetailed) provenance.freshness = client.freshnessOf(operation);
            return;
          }
          return {
            async onNext({ result: part, setResult: setPart }) {
              if ('hasNext' in part && !part.hasNext) setPart(withCost(part, await report()));
            },
          };
        },
      };
    },
  };
}

/** Whether memory still has the sections that an answer was made from. */
function isStillSo(
  { sections }: PlannedAnswer,
  plan: Plan,
  hit: (request: SectionRequest) => Section | null,
): boolean {
  for (const [key, request] of plan) if (hit(request) !== sections.get(key)) return false;
  return true;
}

/** A header that is there means yes, however it is spelt: who asks what something costs must not be made to pay for it. */
function isOn(request: Request, header: string): boolean {
  return !['', '0', 'false'].includes(request.headers.get(header)?.toLowerCase() ?? '');
}

/** So GraphiQL keeps its documentation, whatever headers are set in it. */
function asksForSchemaOnly({ document, operationName }: ExecutionArgs): boolean {
  const { selections = [] } = getOperationAST(document, operationName)?.selectionSet ?? {};
  return selections.every((node) => node.kind === 'Field' && node.name.value.startsWith('__'));
}

function withCost<Result extends ExecutionResult>(result: Result, cost: Cost): Result {
  return { ...result, extensions: { ...result.extensions, cost } };
}

const nothingCalled = 'Nothing was called.';

function toGraphQLError(originalError: ResponseTooLargeError): GraphQLError {
  return new GraphQLError(originalError.message, { originalError, extensions: originalError.extensions });
}

/** Before anything is executed. */
function refusalFor(error: ResponseTooLargeError): GraphQLError {
  const { message, extensions, isPassing } = error;
  const http = { spec: true, status: isPassing ? 503 : 400 };
  return new GraphQLError(message, { originalError: error, extensions: { ...extensions, http } });
}

/** A large answer is not written here, but piece by piece as it leaves. */
function laterBy(provenance: Provenance): (result: ExecutionResult) => string {
  return (result) => {
    provenance.unwritten = result;
    return '';
  };
}

function dryRunError({ paidCalls, renewalCalls }: Cost): GraphQLError {
  const renewals = renewalCalls === 0 ? '' : ` and ${renewalCalls} to renew what is stale`;
  return new GraphQLError(`Dry run: ${paidCalls} paid calls${renewals}; nothing was executed.`, {
    extensions: { code: 'DRY_RUN', retryable: false, http: { status: 200 } },
  });
}

function tooExpensiveError(plannedCalls: number, maxCalls: number): GraphQLError {
  return new GraphQLError(
    `This operation names ${plannedCalls} paid calls, and one may have ${maxCalls} (QUERY_MAX_CALLS). Nothing was called. Ask for fewer creators or sections, in several operations.`,
    {
      extensions: {
        code: 'QUERY_TOO_EXPENSIVE',
        plannedCalls,
        maxCalls,
        retryable: false,
        http: { spec: true, status: 400 },
      },
    },
  );
}
