import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { CallCost, Cost } from '../../src/cost/report.js';
import { randomFrom } from '../../src/sandbox/random.js';
import type { SectionRequest } from '../../src/upstream/client.js';
import { type Answer, sandboxUpstream, startTestServer, type TestServer } from '../harness.js';
import { allPartsOf, merged } from '../incrementalParts.js';
import { type Model, modelledCalls } from './modelledCalls.js';
import { type Operation, operationsOf } from './randomOperation.js';
import { smallestFailing } from './smallerOperation.js';

const operationCount = Number(process.env['PLAN_OPERATIONS'] ?? 2_000);
const atOnce = 50;

/** Each costs as much as an operation. */
const dryRunEvery = 20;

/** PLAN_SEED makes the operations of an earlier run again. */
const seed = process.env['PLAN_SEED'] ?? String(Date.now() % 1_000_000_000);

/** As served, whatever plugins add to it. */
const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const randomOperation = operationsOf(schema);

describe('the calls of an operation', () => {
  it(`are planned, made and told just as its text says, in ${operationCount} random operations (seed ${seed})`, {
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
    // Or what is deferred and streamed was not tried.
    expect(run.inParts()).toBeGreaterThan(operationCount / 50);
  });
});

/** One operation, by all that tell of its calls. Whatever else comes to tell of them has its place here, and below. */
interface Accounts {
  readonly model: Model;
  /** What a dry run said that it would ask for: its plan. Null: none was made. */
  readonly dryRun: Cost | null;
  /** What was asked for in earnest, and of which age. */
  readonly requests: readonly SectionRequest[];
  /** What upstream saw. */
  readonly calls: readonly string[];
  readonly answer: Answer;
}

/** In what the accounts differ, in words. None: they agree. */
function disagreementsOf({ model, dryRun, requests, calls, answer }: Accounts): string[] {
  const { data, errors = [], extensions } = answer;
  const modelled = [...model.calls.values()];
  const unexpected = errors.filter(({ extensions }) => extensions?.['code'] !== 'BAD_USER_INPUT');
  const paid = extensions?.cost ?? { requestedCalls: 0, paidCalls: 0 };
  return [
    ...(dryRun ? differences('The dry run', (dryRun.calls ?? []).map(callLine), modelled.map(callLine)) : []),
    ...[dryRun ?? paid, paid].flatMap(({ requestedCalls, paidCalls }) =>
      requestedCalls === modelled.length && paidCalls === modelled.length
        ? []
        : [`The cost should be ${modelled.length} paid calls, but is ${paidCalls} of ${requestedCalls}.`],
    ),
    ...differences('Resolvers', requests.map(requestLine), modelled.map(requestLine)),
    ...differences('Upstream', calls, modelled.map(callLine)),
    ...unexpected.map(({ message }) => `The answer has the error "${message}".`),
    ...(Boolean(data) === model.isRefused ? [`The answer has ${data ? 'data' : 'no data'}.`] : []),
  ];
}

function requestLine(request: SectionRequest): string {
  const { maxAgeSeconds, awaitedFromSeconds } = request;
  return `${callLine(request)} of at most ${maxAgeSeconds} s, awaited from ${awaitedFromSeconds} s`;
}

function callLine({
  endpoint,
  creatorId,
  platform,
}: Pick<CallCost, 'endpoint' | 'creatorId' | 'platform'>): string {
  return `${endpoint} ${creatorId} ${platform}`;
}

/** Both are lists, so that a call made twice is one too many. */
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

/** Its number is in the ids of its creators, which are its own, so that no other operation's answers serve it. */
interface Numbered {
  readonly operation: Operation;
  readonly nth: number;
}

/** The same seed and number give the same operation. */
function operationOf(nth: number): Operation {
  const random = randomFrom(`${seed} ${nth}`);
  // The first ones again and again, and in a long list many.
  return randomOperation(random, () => creatorId(nth, random.logarithmic(1, 99)));
}

/** 15 to 20 digits, some with a zero in front. */
function creatorId(nth: number, place: number): string {
  const random = randomFrom(`${seed} ${nth} ${place}`);
  const end = String(random.whole(0, 99_999)).padStart(random.whole(5, 10), '1');
  return `${random.whole(0, 8)}${tagOf(nth)}${String(place).padStart(2, '0')}${end}`;
}

/** Follows the first digit of an id. */
function tagOf(nth: number): string {
  return String(nth).padStart(7, '0');
}

/** The same about other creators, of whom nothing is kept yet. */
function renumbered({ query, variables, operationName }: Operation, from: number, to: number): Operation {
  const renumber = (text: string) => text.replaceAll(tagOf(from), tagOf(to));
  return {
    query: renumber(query),
    variables: JSON.parse(renumber(JSON.stringify(variables))),
    operationName,
  };
}

/** One server for all operations, and what it is asked for and asks for, by the number of the operation. */
async function startRun() {
  const server = await startTestServer({
    upstream: await sandboxUpstream(),
    env: { UPSTREAM_QUEUE_MAX: '100000', QUERY_MAX_CALLS: '100000', CACHE_MAX_BYTES: '1048576' },
  });
  const requests = recordedRequests(server);
  const unread = { requests: new Map<string, SectionRequest[]>(), calls: new Map<string, string[]>() };
  let next = operationCount;
  let inParts = 0;

  /** Takes what has come since, each to its own operation. */
  function sort(): void {
    for (const request of requests.splice(0)) append(unread.requests, request.creatorId.slice(1, 8), request);
    for (const call of server.calls.splice(0))
      append(unread.calls, call.split(' ')[1]?.slice(1, 8) ?? '', call);
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
      model: modelledCalls(operation),
      dryRun: foretold?.extensions?.cost ?? null,
      requests: unread.requests.get(tag) ?? [],
      calls: unread.calls.get(tag) ?? [],
      answer,
    };
    unread.requests.delete(tag);
    unread.calls.delete(tag);
    return disagreementsOf(accounts);
  }

  return {
    disagreements,
    /** How many answers came in more than one part. */
    inParts: () => inParts,
    /** The same operation about creators that nobody asked for yet. */
    anew: ({ operation, nth }: Numbered): Numbered => {
      next += 1;
      return { operation: renumbered(operation, nth, next), nth: next };
    },
    /** Those that came after their operation was answered, or that are nobody's. */
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

/** Every request to the client from now on. */
function recordedRequests({ client }: TestServer): SectionRequest[] {
  const requests: SectionRequest[] = [];
  const { get } = client;
  client.get = (request, asker) => {
    requests.push(request);
    return get(request, asker);
  };
  return requests;
}

/** Its answer, however it came. */
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

/** What a person needs to see the fault: how to make it again, and the least that shows it. */
async function explained({ operation, nth }: Numbered, run: Run): Promise<string> {
  const smallest = await smallestFailing(schema, operation, async (smaller) => {
    return (await run.disagreements(run.anew({ operation: smaller, nth }))).length > 0;
  });
  const shown = run.anew({ operation: smallest, nth });
  const { query, variables, operationName } = shown.operation;
  return [
    `Operation ${nth} of PLAN_SEED=${seed} disagrees. The least that does:`,
    query,
    `operationName: ${operationName}, variables: ${JSON.stringify(variables)}`,
    ...(await run.disagreements(shown)),
  ].join('\n');
}
