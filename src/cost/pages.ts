import type { Operation } from '../upstream/cache/operation.js';
import type { Client } from '../upstream/client.js';
import type { SectionRequest } from '../upstream/section.js';
import { type PageResult, type Pages, type Plan, pageRequestsOf } from './plan.js';

/** What was called for an operation that is refused after its searches. */
export const searchesAreStored = 'Only its searches were called, and what they found is stored.';

/** Looks up the pages of an operation. Each result is one look-up of the operation. */
export async function lookUpPages(
  client: Pick<Client, 'hit' | 'lookUp'>,
  requests: readonly SectionRequest[],
  operation: Operation,
): Promise<Pages> {
  const pages = new Map<string, PageResult>();
  const missing: SectionRequest[] = [];
  for (const request of requests) {
    const value = client.hit(request, operation);
    if (value) pages.set(request.call.key, { status: 'fulfilled', value });
    else missing.push(request);
  }
  const results = await Promise.allSettled(client.lookUp(missing, operation));
  for (const [nth, { call }] of missing.entries()) {
    const result = results[nth];
    if (result) pages.set(call.key, result);
  }
  return pages;
}

/** The pages of a plan that would be served from the cache now. */
export async function storedPagesOf(client: Pick<Client, 'forecast'>, plan: Plan): Promise<Pages> {
  const requests = pageRequestsOf(plan);
  const pages = new Map<string, PageResult>();
  for (const [nth, { entry }] of (await client.forecast(requests)).entries()) {
    const request = requests[nth];
    if (request && entry) pages.set(request.call.key, { status: 'fulfilled', value: entry.section });
  }
  return pages;
}
