import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Cost } from '../../src/cost/report.js';
import { stringify } from '../../src/sandbox/bodies/body.js';
import { bodies } from '../../src/sandbox/bodies/table.js';
import { randomFrom } from '../../src/sandbox/random.js';
import { type EndpointName, endpoints } from '../../src/upstream/endpoints/table.js';
import type { SectionRequest } from '../../src/upstream/section.js';
import { atEnd } from '../fixtures.js';
import { type Answer, startTestServer, type TestServer, type Upstream } from '../harness.js';
import { allPartsOf, merged } from '../incrementalParts.js';
import { seed } from '../seed.js';
import { type Ages, lineOf, type Model, modelledCalls, type PageOf } from './modelledCalls.js';
import { type Operation, operationsOf } from './randomOperation.js';
import { smallestFailing } from './smallerOperation.js';

const operationCount = Number(process.env['PLAN_OPERATIONS'] ?? 1_000);
const atOnce = 50;

/** A dry run takes as long as an operation. */
const dryRunEvery = 20;

/** As served, with what plugins add to it. */
const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const randomOperation = operationsOf(schema);

describe('the calls of an operation', () => {
  it(`are planned, made and reported as its text says, in ${operationCount} random operations (seed ${seed})`, {
    timeout: 120_000,
  }, async () => {
    const run = await startRun();
    const disagreeing: Numbered[] = [];
    const numbers = Array.from({ length: operationCount }, (_, nth) => nth).values();
    const work = async () => {
      for (const nth of numbers) {
        const numbered = { operation: operationOf(nth), nth };
        if ((await run.disagreements(numbered)).length > 0) disagreeing.push(numbered);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));

    const [failing] = disagreeing;
    if (failing) expect.fail(await explained(failing, run));
    expect(run.strayCalls()).toEqual([]);
    // Otherwise @defer and @stream were not tested.
    expect(run.inParts()).toBeGreaterThan(operationCount / 50);
    // Otherwise sections of creators that a search has found were not.
    expect(run.ledOnBySearches()).toBeGreaterThan(operationCount / 50);
  });
});

/** Everything that tells of one operation's calls. All of it must agree. */
interface Accounts {
  readonly model: Model;
  /** The same while no page of a search is known. */
  readonly bound: Model;
  /** What a dry run reported: the plan. Null: there was no dry run. */
  readonly dryRun: Cost | null;
  /** What was looked up. */
  readonly requests: readonly SectionRequest[];
  /** What upstream saw. */
  readonly calls: readonly string[];
  readonly answer: Answer;
}

/** In what the accounts differ, in words. */
function disagreementsOf({ model, bound, dryRun, requests, calls, answer }: Accounts): string[] {
  const { data, errors = [], extensions } = answer;
  const modelled = [...model.calls.keys()];
  const unexpected = errors.filter(({ extensions }) => extensions?.['code'] !== 'BAD_USER_INPUT');
  const paid = extensions?.cost ?? { requestedCalls: 0, paidCalls: 0 };
  const isBound = [...bound.calls.keys()].some((line) => line.includes('full-page'));
  const costs = [
    { cost: paid, expected: modelled.length },
    ...(dryRun ? [{ cost: dryRun, expected: bound.calls.size }] : []),
  ];
  return [
    ...(dryRun && !isBound ? differences('The dry run', (dryRun.calls ?? []).map(callLine), modelled) : []),
    ...(dryRun && (dryRun.isUpperBound ?? false) !== isBound
      ? ['The dry run is wrong about being a bound.']
      : []),
    ...(bound.calls.size < modelled.length ? ['The bound is less than the calls.'] : []),
    ...costs.flatMap(({ cost: { requestedCalls, paidCalls }, expected }) =>
      requestedCalls === expected && paidCalls === expected
        ? []
        : [`The cost should be ${expected} paid calls, but is ${paidCalls} of ${requestedCalls}.`],
    ),
    ...differences(
      'The look-ups',
      requests.map((request) => requestLine(lineOfRequest(request), request)),
      [...model.calls].map(([call, ages]) => requestLine(call, ages)),
    ),
    ...differences('Upstream', calls, modelled),
    ...unexpected.map(({ message }) => `The answer has the error "${message}".`),
    ...(Boolean(data) === model.isRefused ? [`The answer has ${data ? 'data' : 'no data'}.`] : []),
  ];
}

function requestLine(call: string, { maxAgeSeconds, awaitedFromSeconds }: Ages): string {
  return `${call} of at most ${maxAgeSeconds} s, awaited from ${awaitedFromSeconds} s`;
}

function lineOfRequest({ call: { endpoint, args } }: SectionRequest): string {
  return lineOf(endpoint.name, args);
}

function callLine({ endpoint, args }: { readonly endpoint: string; readonly args: object }): string {
  return lineOf(endpoint as EndpointName, args);
}

/** Compares lists, so that a call that is made twice is found. */
function differences(whose: string, seen: readonly string[], modelled: readonly string[]): string[] {
  const missing = [...modelled];
  const extra = seen.filter((line) => {
    const at = missing.indexOf(line);
    if (at >= 0) missing.splice(at, 1);
    return at < 0;
  });
  return [
    ...missing.map((line) => `${whose} should have: ${line}`),
    ...extra.map((line) => `${whose} should not have: ${line}`),
  ];
}

/** The ids of its creators hold its number, so that no answer to another operation serves it. */
interface Numbered {
  readonly operation: Operation;
  readonly nth: number;
}

/** Depends on the seed and the number alone. */
function operationOf(nth: number): Operation {
  const random = randomFrom(`${seed} ${nth}`);
  // Low places are drawn often, so that operations name a creator more than once.
  return randomOperation(random, () => creatorId(nth, random.logarithmic(1, 99)));
}

/** 15 to 20 digits, some of them after a zero. */
function creatorId(nth: number, place: number): string {
  const random = randomFrom(`${seed} ${nth} ${place}`);
  const end = String(random.whole(0, 99_999)).padStart(random.whole(5, 10), '1');
  return `${random.whole(0, 8)}${tagOf(nth)}${String(place).padStart(2, '0')}${end}`;
}

/** Follows the first digit of an id. */
function tagOf(nth: number): string {
  return String(nth).padStart(7, '0');
}

/** In the id of a creator, or the keyword of a search. */
function tagIn(line: string): string {
  return /\b(?:oAuthorId=\d|keyword=k)(\d{7})/.exec(line)?.[1] ?? '';
}

/** What a page of a search names. Often the same creators as other pages, or as the operation itself. */
const pageOf: PageOf = ({ filter: { keyword = '' }, page }) => {
  const random = randomFrom(`${keyword} ${page}`);
  const count = random.chance(0.05) ? 20 : random.whole(0, 3);
  const nth = Number(keyword.slice(1, 8));
  return Array.from({ length: count }, () => creatorId(nth, random.logarithmic(1, 99)));
};

/** As many as a page can name. */
const fullPageOf: PageOf = (args) =>
  Array.from({ length: 20 }, (_, nth) => `full-page ${JSON.stringify(args)} ${nth}`);

/** Answers searches as `pageOf` says, and all else as the sandbox does. */
async function startUpstream(): Promise<Upstream> {
  const calls: string[] = [];
  const nameOf = new Map(Object.values(endpoints).map(({ path, name }) => [path, name]));
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://upstream');
    const name = nameOf.get(pathname) ?? 'profile';
    searchParams.delete('token');
    searchParams.sort();
    calls.push(`${name} ${searchParams}`);
    const keyword = searchParams.get('keyword');
    const data =
      keyword === null
        ? bodies[name].data(searchParams)
        : searchBody(pageOf({ filter: { keyword }, sort: '', page: Number(searchParams.get('page')) }));
    response.end(stringify({ code: 0, data: data ?? {} }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

function searchBody(ids: readonly string[]): object {
  return {
    authors: ids.map((id) => ({ star_id: id, attribute_datas: { id } })),
    pagination: { page: 1, limit: 20, has_more: false, total_count: ids.length },
  };
}

/** The same operation about other creators, of whom nothing is stored. */
function renumbered({ query, variables, operationName }: Operation, from: number, to: number): Operation {
  const renumber = (text: string) => text.replaceAll(tagOf(from), tagOf(to));
  return {
    query: renumber(query),
    variables: JSON.parse(renumber(JSON.stringify(variables))),
    operationName,
  };
}

/** One server for all operations. What it looks up and calls is sorted by the operation's number. */
async function startRun() {
  const server = await startTestServer({
    upstream: await startUpstream(),
    env: { UPSTREAM_QUEUE_MAX: '100000', QUERY_MAX_CALLS: '100000', CACHE_MAX_BYTES: '1048576' },
  });
  const requests = recordedRequests(server);
  const unread = { requests: new Map<string, SectionRequest[]>(), calls: new Map<string, string[]>() };
  let next = operationCount;
  let inParts = 0;
  let ledOnBySearches = 0;

  function sort(): void {
    for (const request of requests.splice(0)) append(unread.requests, tagIn(lineOfRequest(request)), request);
    for (const call of server.calls.splice(0)) append(unread.calls, tagIn(call), call);
  }

  async function disagreements({ operation, nth }: Numbered): Promise<string[]> {
    const isDryRun = nth % dryRunEvery === 0;
    const foretold = isDryRun
      ? await ask(server, operation, { 'x-dry-run': '1', 'x-cost-debug': '1' })
      : null;
    const answer = await ask(server, operation);
    if (answer.isInParts) inParts += 1;
    sort();
    const tag = tagOf(nth);
    const accounts = {
      model: modelledCalls(operation, pageOf),
      bound: modelledCalls(operation, fullPageOf),
      dryRun: foretold?.extensions?.cost ?? null,
      requests: unread.requests.get(tag) ?? [],
      calls: unread.calls.get(tag) ?? [],
      answer,
    };
    if (accounts.bound.calls.size > accounts.model.calls.size) ledOnBySearches += 1;
    unread.requests.delete(tag);
    unread.calls.delete(tag);
    return disagreementsOf(accounts);
  }

  return {
    disagreements,
    /** How many answers came in several parts. */
    inParts: () => inParts,
    /** How many operations ask for sections of what a search finds. */
    ledOnBySearches: () => ledOnBySearches,
    /** The same operation about creators that no operation has named yet. */
    anew: ({ operation, nth }: Numbered): Numbered => {
      next += 1;
      return { operation: renumbered(operation, nth, next), nth: next };
    },
    /** Calls that came after the answer to their operation, or that belong to none. */
    strayCalls: () => {
      sort();
      return [...unread.calls.values()].flat();
    },
  };
}

type Run = Awaited<ReturnType<typeof startRun>>;

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

/** Every request that is looked up from now on. */
function recordedRequests({ client }: TestServer): SectionRequest[] {
  const recorded: SectionRequest[] = [];
  const { lookUp } = client;
  client.lookUp = (requests, operation) => {
    recorded.push(...requests);
    return lookUp(requests, operation);
  };
  return recorded;
}

/** The whole answer, in one part or several. */
async function ask(
  server: TestServer,
  operation: Operation,
  headers: object = {},
): Promise<Answer & { isInParts: boolean }> {
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(operation),
  });
  const parts = await allPartsOf(response);
  return { ...merged(parts), isInParts: parts.length > 1 };
}

/** How to repeat the failure, and the smallest operation that shows it. */
async function explained({ operation, nth }: Numbered, run: Run): Promise<string> {
  const smallest = await smallestFailing(schema, operation, async (smaller) => {
    const count = (word: string) => smaller.query.split(word).length;
    // Without its keyword, a search belongs to no operation.
    if (count('searchCreators') !== count('keyword:')) return false;
    return (await run.disagreements(run.anew({ operation: smaller, nth }))).length > 0;
  });
  const shown = run.anew({ operation: smallest, nth });
  const { query, variables, operationName } = shown.operation;
  return [
    `Operation ${nth} of SEED=${seed} disagrees. The smallest that does:`,
    query,
    `operationName: ${operationName}, variables: ${JSON.stringify(variables)}`,
    ...(await run.disagreements(shown)),
  ].join('\n');
}
