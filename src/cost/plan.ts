import type { ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { PlannedSize } from '../answerSize/plannedSize.js';
import { createScales } from '../answerSize/weight.js';
import type { Loaders } from '../loaders.js';
import type { Client, UpstreamStatus } from '../upstream/client.js';
import { type Call, callOf } from '../upstream/endpoints/call.js';
import { isSectionOf, type Section, type SectionRequest } from '../upstream/section.js';

/** Every section that an operation asks for, by its call's key: each once, with the strictest age asked of it. */
export type Plan = ReadonlyMap<string, SectionRequest>;

export interface Planning {
  readonly plan: Plan;
  /** Why there can be no data, whatever upstream says, so that nothing is called. Null: there can be data. */
  readonly refusal: ExecutionResult | null;
  /** What executing gives, if memory had all that is planned and nothing else was asked for that changes. */
  readonly answer: PlannedAnswer | null;
}

/** An operation's result, and the sections that it was made from, by their calls' keys. */
export interface PlannedAnswer {
  readonly result: ExecutionResult;
  readonly sections: ReadonlyMap<string, Section>;
}

/** An incremental result: the first one has data, or there would be no others. */
interface IncrementalResult {
  readonly incremental?: readonly (ExecutionResult & { readonly items?: readonly unknown[] | null })[];
}

/** What resolvers find while an operation is planned. */
interface PlanningContext {
  readonly loaders: Loaders;
  readonly upstreamStatus: () => UpstreamStatus;
}

/**
 * What an operation would ask for, found by executing it with loaders that take notes and load only what memory has. So
 * fragments, directives, variables and defaults mean in the plan what they mean to the executor, and what is deferred
 * counts. If memory has everything and the answer is not large, that was the execution. `size` is told of each mention of a
 * section; once it is too large, nothing more is looked at.
 */
export async function planOf(
  execute: (context: PlanningContext) => unknown,
  { ttlSecondsOf, peek }: Pick<Client, 'ttlSecondsOf' | 'peek'>,
  size: PlannedSize,
): Promise<Planning> {
  const plan = new Map<string, SectionRequest>();
  const sections = new Map<string, Section>();
  const weightOf = createScales();
  let isComplete = true;
  const planned = (call: Call, maxAgeSeconds: number | null): SectionRequest => {
    const sooner = plan.get(call.key);
    const request = {
      call,
      maxAgeSeconds: atMost(sooner?.maxAgeSeconds, maxAgeSeconds ?? ttlSecondsOf(call.endpoint.name)),
      awaitedFromSeconds: atMost(sooner?.awaitedFromSeconds, maxAgeSeconds ?? Number.POSITIVE_INFINITY),
    };
    plan.set(call.key, request);
    return request;
  };
  const loaders: Loaders = {
    of: (name) => ({
      load: (args, maxAgeSeconds, info) => {
        const call = callOf(name, args);
        const request = planned(call, maxAgeSeconds);
        if (size.isTooLarge) return null;
        const section = peek(request);
        size.note(call.key, section, weightOf(info));
        // From the first section on that memory lacks, all is executed again later; and a large answer, piece by piece.
        isComplete &&= section !== null && !size.isLarge;
        if (!isComplete || !section || !isSectionOf(section, name)) return null;
        sections.set(call.key, section);
        return section;
      },
    }),
  };
  const upstreamStatus = () => {
    isComplete = false;
    return unknownStatus;
  };
  const result = execute({ loaders, upstreamStatus });
  if (result instanceof Promise) {
    throw new TypeError('Only sections and the status of upstream may be waited for.');
  }
  if (isAsyncIterable(result)) {
    const refusal = await refusalIn(result as AsyncIterable<IncrementalResult>);
    return refusal ? refused(refusal) : { plan, refusal, answer: null };
  }
  const whole = result as ExecutionResult;
  if (whole.data == null) return refused(whole);
  return { plan, refusal: null, answer: isComplete ? { result: whole, sections } : null };
}

function refused(refusal: ExecutionResult): Planning {
  return { plan: new Map(), refusal, answer: null };
}

/** What is deferred and can't have data refuses the whole operation, as it would if it were not deferred. */
async function refusalIn(results: AsyncIterable<IncrementalResult>): Promise<ExecutionResult | null> {
  for await (const { incremental = [] } of results) {
    const refused = incremental.find(({ data, items }) => data === null || items === null);
    if (refused) return { data: null, errors: refused.errors ?? [] };
  }
  return null;
}

/** A plan does not depend on it. */
const unknownStatus: UpstreamStatus = {
  isSandbox: false,
  environment: '',
  endpoints: [],
  stop: null,
  callsToday: 0,
  callsTotal: 0,
  dailyLimit: null,
};

function atMost(limit: number | undefined, value: number): number {
  return limit === undefined ? value : Math.min(limit, value);
}
