import type { ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { PlannedSize } from '../answerSize/plannedSize.js';
import { createScales } from '../answerSize/weight.js';
import type { Context } from '../context.js';
import { type Loader, loadersOf, type SectionKey } from '../loaders.js';
import type { Client, Section, SectionRequest, UpstreamStatus } from '../upstream/client.js';
import type { EndpointName } from '../upstream/endpoints/table.js';

/** Every section that an operation asks for, each once and with the strictest age asked of it, by `plannedName`. */
export type Plan = ReadonlyMap<string, SectionRequest>;

export interface Planning {
  readonly plan: Plan;
  /** Why there can be no data, whatever upstream says, so that nothing is asked for. Null: there can. */
  readonly refusal: ExecutionResult | null;
  /** What executing gives, if all that is planned was at hand, and nothing else was asked for that changes. */
  readonly answer: Answer | null;
}

/** An operation's result, and the sections that it was made from, by `plannedName`. */
export interface Answer {
  readonly result: ExecutionResult;
  readonly sections: ReadonlyMap<string, Section>;
}

/** One of an answer's. The first has data, or there would be no others. */
interface Part {
  readonly incremental?: readonly (ExecutionResult & { readonly items?: readonly unknown[] | null })[];
}

/** Executes as it will be done in earnest. */
type Execute<Args> = (args: Args & { readonly contextValue: Context }) => unknown;

/** The same for all who mean the same section in one operation. */
export function plannedName(endpoint: EndpointName, { creatorId, platform }: SectionKey): string {
  return `${endpoint}:${creatorId}:${platform}`;
}

/**
 * What an operation would ask for, found by executing it with loaders that write down, and load nothing but what is at
 * hand. So fragments, directives, variables and defaults mean in the plan just what they mean to the executor, and what is
 * deferred counts. If all is at hand, and the answer is not large, that was the execution. `size` is told of each mention of
 * a section; once it is too large, nothing is looked at any more.
 */
export async function planOf<Args extends object>(
  execute: Execute<Args>,
  operation: Args,
  { ttlSecondsOf, peek }: Pick<Client, 'ttlSecondsOf' | 'peek'>,
  size: PlannedSize,
): Promise<Planning> {
  const plan = new Map<string, SectionRequest>();
  const sections = new Map<string, Section>();
  const weightOf = createScales();
  let isComplete = true;
  const note = (endpoint: EndpointName, key: SectionKey): SectionRequest => {
    const { creatorId, platform, maxAgeSeconds } = key;
    const name = plannedName(endpoint, key);
    const sooner = plan.get(name);
    const request = {
      endpoint,
      creatorId,
      platform,
      maxAgeSeconds: atMost(sooner?.maxAgeSeconds, maxAgeSeconds ?? ttlSecondsOf(endpoint)),
      awaitedFromSeconds: atMost(sooner?.awaitedFromSeconds, maxAgeSeconds ?? Number.POSITIVE_INFINITY),
    };
    plan.set(name, request);
    return request;
  };
  const loaders = loadersOf(
    (endpoint): Loader<EndpointName> => ({
      load: (key, info) => {
        const request = note(endpoint, key);
        if (size.isTooLarge) return null;
        const name = plannedName(endpoint, key);
        const section = peek(request);
        size.note(name, section, weightOf(info));
        // From the first on that is not at hand all will be executed again; and a large answer, piece by piece.
        isComplete &&= section !== null && !size.isLarge;
        if (!isComplete || !section) return null;
        sections.set(name, section);
        return section;
      },
    }),
  );
  const upstreamStatus = () => {
    isComplete = false;
    return unknownStatus;
  };
  const contextValue: Context = { loaders, upstreamStatus };
  const result = execute({ ...operation, contextValue });
  if (result instanceof Promise)
    throw new TypeError('Only sections and the state of upstream may be waited for');
  if (isAsyncIterable(result)) {
    const refusal = await refusalIn(result as AsyncIterable<Part>);
    return refusal ? refused(refusal) : { plan, refusal, answer: null };
  }
  const whole = result as ExecutionResult;
  if (whole.data == null) return refused(whole);
  return { plan, refusal: null, answer: isComplete ? { result: whole, sections } : null };
}

function refused(refusal: ExecutionResult): Planning {
  return { plan: new Map(), refusal, answer: null };
}

/** What is deferred and can't have data refuses the whole, as it would if it were not deferred. */
async function refusalIn(parts: AsyncIterable<Part>): Promise<ExecutionResult | null> {
  for await (const { incremental = [] } of parts) {
    const refused = incremental.find(({ data, items }) => data === null || items === null);
    if (refused) return { data: null, errors: refused.errors ?? [] };
  }
  return null;
}

/** What a plan has no need to know. */
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
