import type { ExecutionResult } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { HistoryLoader } from '../history.js';
import type { Loaders } from '../loaders.js';
import type { PlannedSize } from '../responseSize/plannedSize.js';
import { createSelectionSizes } from '../responseSize/selectionSize.js';
import type { Client, UpstreamStatus } from '../upstream/client.js';
import { type Call, callOf } from '../upstream/endpoints/call.js';
import { isSectionOf, type Section, type SectionRequest } from '../upstream/section.js';

/** Every section that an operation asks for, once, with the strictest age asked of it. By the call's key. */
export type Plan = ReadonlyMap<string, SectionRequest>;

export interface PlanningResult {
  readonly plan: Plan;
  /** The plan has calls about made-up creators: as many as an answer can name that is not known. */
  readonly isUpperBound: boolean;
  /** The result of an operation that has no data whatever upstream answers, so no call is made. Null: it may have data. */
  readonly refusal: ExecutionResult | null;
  /** Null: memory did not have every section, or the result is large or holds more than sections. */
  readonly planned: PlannedResult | null;
}

/** An operation's result, and the sections that it was made from, by their calls' keys. */
export interface PlannedResult {
  readonly result: ExecutionResult;
  readonly sections: ReadonlyMap<string, Section>;
}

/** Answers that name creators, looked up before the rest of an operation. By the call's key. */
export type Pages = ReadonlyMap<string, PageResult>;

export const noPages: Pages = new Map();

export type PageResult = PromiseSettledResult<Section>;

/** A subsequent result of an incremental delivery. The first one has data, or there would be no other. */
interface IncrementalResult {
  readonly incremental?: readonly (ExecutionResult & { readonly items?: readonly unknown[] | null })[];
}

/** The context of resolvers while an operation is planned. */
interface PlanningContext {
  readonly loaders: Loaders;
  readonly history: HistoryLoader;
  readonly allowsPersonalData: boolean;
  readonly upstreamStatus: () => UpstreamStatus;
  readonly spend: () => readonly [];
}

/**
 * Plans an operation: executes it with loaders that note each request and answer only what memory has. So the plan treats
 * fragments, directives, variables and defaults as the executor does, and includes deferred fields. If memory has every
 * section and the response is not large, the result is final. `size` counts each selection of a section; once it is too
 * large, sections are only noted. `pages` are taken instead of what memory has.
 */
export async function planOf(
  execute: (context: PlanningContext) => unknown,
  { ttlSecondsOf, peek, allowsPersonalData }: Pick<Client, 'ttlSecondsOf' | 'peek' | 'allowsPersonalData'>,
  size: PlannedSize,
  pages: Pages = noPages,
): Promise<PlanningResult> {
  const plan = new Map<string, SectionRequest>();
  const unknownPages = new Map<string, Section>();
  const madeUpIds = new Set<string>();
  let isUpperBound = false;
  const sections = new Map<string, Section>();
  const selectionSizeOf = createSelectionSizes();
  let isComplete = true;
  const addToPlan = (call: Call, maxAgeSeconds: number | null): SectionRequest => {
    const earlier = plan.get(call.key);
    const request = {
      call,
      maxAgeSeconds: atMost(earlier?.maxAgeSeconds, maxAgeSeconds ?? ttlSecondsOf(call.endpoint.name)),
      awaitedFromSeconds: atMost(earlier?.awaitedFromSeconds, maxAgeSeconds ?? Number.POSITIVE_INFINITY),
    };
    plan.set(call.key, request);
    return request;
  };
  const loaders: Loaders = {
    of: (name) => ({
      load: (args, maxAgeSeconds, info) => {
        // Before the call is planned, since an invalid selection must not be paid for.
        const selection = selectionSizeOf(info);
        const call = callOf(name, args);
        const request = addToPlan(call, maxAgeSeconds);
        isUpperBound ||= madeUpIds.has(call.endpoint.subject(call.args) ?? '');
        if (size.isTooLarge) return null;
        const page = pages.get(call.key);
        const section = page ? sectionIn(page) : peek(request);
        size.add(call.key, section, selection);
        // Once a section is missing, or the response is large, the operation will be executed again.
        isComplete &&= section !== null && !page && !size.isLarge;
        if (section && isSectionOf(section, name)) {
          sections.set(call.key, section);
          // What a page names must be planned in any case.
          return isComplete || call.endpoint.upperBound ? section : null;
        }
        if (page || !call.endpoint.upperBound) return null;
        const known = unknownPages.get(call.key);
        const unknown = known ?? unknownPageOf(call, unknownPages.size + 1, madeUpIds);
        unknownPages.set(call.key, unknown);
        return isSectionOf(unknown, name) ? unknown : null;
      },
    }),
  };
  const history: HistoryLoader = {
    // It is read from the store, which takes a promise.
    load: () => {
      isComplete = false;
      return [];
    },
  };
  const upstreamStatus = () => {
    isComplete = false;
    return placeholderStatus;
  };
  const result = execute({ loaders, history, allowsPersonalData, upstreamStatus, spend: () => [] });
  if (result instanceof Promise) {
    throw new TypeError(
      'Expected resolvers to await only sections, their history, the status of upstream, and spend.',
    );
  }
  if (isAsyncIterable(result)) {
    const refusal = await refusalIn(result as AsyncIterable<IncrementalResult>);
    return refusal ? refused(refusal) : { plan, isUpperBound, refusal, planned: null };
  }
  const whole = result as ExecutionResult;
  if (whole.data == null) return refused(whole);
  return {
    plan,
    isUpperBound,
    refusal: null,
    planned: isComplete ? { result: whole, sections } : null,
  };
}

/** The requests of a plan whose answers name creators. The rest of the plan depends on them. */
export function pageRequestsOf(plan: Plan): SectionRequest[] {
  return [...plan.values()].filter(({ call }) => call.endpoint.upperBound !== undefined);
}

/** Null: its call failed. */
function sectionIn(page: PageResult): Section | null {
  return page.status === 'fulfilled' ? page.value : null;
}

/** A section that names as many creators as an answer can, with ids that no creator has. They are added to `ids`. */
function unknownPageOf({ endpoint, args, key }: Call, nth: number, ids: Set<string>): Section {
  const idOf = (item: number) => {
    const id = `item-${item}-of-page-${nth}`;
    ids.add(id);
    return id;
  };
  return {
    endpoint: endpoint.name,
    args,
    key,
    hasData: true,
    fetchedAt: new Date(0),
    isStale: false,
    raw: null,
    ...endpoint.upperBound?.(idOf),
  } as Section;
}

/** Whether memory still has the sections that the result was made from. */
export function isStillCurrent(
  { sections }: PlannedResult,
  plan: Plan,
  hit: (request: SectionRequest) => Section | null,
): boolean {
  for (const [key, request] of plan) if (hit(request) !== sections.get(key)) return false;
  return true;
}

function refused(refusal: ExecutionResult): PlanningResult {
  return { plan: new Map(), isUpperBound: false, refusal, planned: null };
}

/** A deferred part that can't have data refuses the whole operation, as the same fields would if they were not deferred. */
async function refusalIn(results: AsyncIterable<IncrementalResult>): Promise<ExecutionResult | null> {
  for await (const { incremental = [] } of results) {
    const refused = incremental.find(({ data, items }) => data === null || items === null);
    if (refused) return { data: null, errors: refused.errors ?? [] };
  }
  return null;
}

/** No plan depends on the status, or on what was spent. */
const placeholderStatus: UpstreamStatus = {
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
