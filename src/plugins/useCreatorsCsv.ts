import type { FetchAPI, Plugin } from 'graphql-yoga';
import type { Language } from '../columns/columns.js';
import { csvCreator, csvHeader } from '../columns/csvTable.js';
import { type Failure, failuresOf, type ResponseError } from '../columns/failures.js';
import { columnsNamed, defaultFields, type TableColumn } from '../columns/fields.js';
import { selectionOf } from '../columns/selection.js';
import type { Cost } from '../cost/report.js';
import { BadUserInputError } from '../errors.js';
import { keyFor } from '../protocol/keyInRequest.js';
import { noStore } from '../protocol/refusalResponse.js';
import { quote } from '../quote.js';
import { type Provenance, type ServerContext, serverContextIn } from '../response/responder.js';

interface CreatorsCsvOptions {
  /** The path of the CSV. */
  readonly endpoint: string;
  /** The path of GraphQL, which executes it. */
  readonly graphqlEndpoint: string;
}

interface Result {
  readonly data?: { readonly creators?: readonly unknown[] } | null;
  readonly errors?: readonly ResponseError[];
  readonly extensions?: { readonly cost?: Cost };
}

/** What the query of the URL asks for. */
interface Asked {
  readonly ids: readonly string[];
  readonly columns: readonly TableColumn[];
}

/**
 * Answers `/creators.csv?ids=…&fields=…` for spreadsheets. It is executed as an operation at the path of GraphQL, with the
 * headers of the request, so that the same checks, limits and budgets hold. In particular, a page of another site is
 * refused as it is there.
 */
export function useCreatorsCsv({ endpoint, graphqlEndpoint }: CreatorsCsvOptions): Plugin<ServerContext> {
  return {
    async onRequest({ request, url, serverContext, requestHandler, endResponse, fetchAPI }) {
      if (url.pathname !== endpoint) return;
      const answer = (status: number, text: string, headers: Readonly<Record<string, string>> = {}) =>
        endResponse(new fetchAPI.Response(text, { status, headers: { ...textHeaders, ...headers } }));
      if (request.method === 'HEAD') return answer(200, '', csvHeaders);
      if (request.method !== 'GET') return answer(405, 'Expected GET.\n', { allow: 'GET, HEAD' });
      let asked: Asked;
      try {
        asked = askedIn(url.searchParams);
      } catch (error) {
        if (error instanceof BadUserInputError) return answer(400, `${error.message}\n`);
        throw error;
      }
      const { provenance: outer, ...others } = serverContextIn(serverContext);
      const provenance: Provenance = { freshness: null, unwritten: null, size: outer.size };
      const operation = operationFor(asked, request, url, graphqlEndpoint, fetchAPI);
      const context: typeof serverContext & ServerContext = { ...serverContext, ...others, provenance };
      const response = await requestHandler(operation, context);
      const { data, errors = [], extensions } = (provenance.unwritten ?? (await response.json())) as Result;
      const failures = failuresOf(errors, 'creators', asked.ids);
      const cost = extensions?.cost ? { 'x-cost': costHeader(extensions.cost) } : {};
      const creators = data?.creators ?? [];
      if (isAnswered(asked, creators, failures)) {
        return answer(200, csvOf(asked, creators, failures), { ...csvHeaders, ...cost });
      }
      const [failure] = errors;
      const retryAfter = failure?.extensions?.['retryAfterSeconds'];
      const challenge = response.headers.get('www-authenticate');
      answer(statusOf(response.status, failure), `${failure?.message ?? 'There is no answer.'}\n`, {
        ...cost,
        ...(typeof retryAfter === 'number' && { 'retry-after': String(retryAfter) }),
        ...(challenge !== null && { 'www-authenticate': challengesFor(request, challenge) }),
      });
    },
  };
}

const textHeaders = {
  ...noStore,
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
} as const;

const csvHeaders = {
  'content-type': 'text/csv; charset=utf-8; header=present',
  'content-disposition': 'attachment; filename="creators.csv"',
} as const;

/** Headers of the request that the operation has, too. */
const passedHeaders = ['host', 'origin', 'sec-fetch-site', 'x-dry-run'] as const;

function askedIn(parameters: URLSearchParams): Asked {
  const ids = (parameters.get('ids') ?? '').split(/[\s,;，；、]+/).filter((id) => id !== '');
  if (ids.length === 0) {
    throw new BadUserInputError(
      `Expected ids in the address, such as ?ids=6629722295873044494, but got none.`,
    );
  }
  return { ids, columns: columnsNamed(parameters.get('fields') || defaultFields, languageIn(parameters)) };
}

function languageIn(parameters: URLSearchParams): Language {
  const language = parameters.get('language') || 'zh';
  if (language === 'zh' || language === 'en') return language;
  throw new BadUserInputError(`Expected the language to be zh or en, but got ${quote(language)}.`);
}

function operationFor(
  { ids, columns }: Asked,
  request: Request,
  url: URL,
  path: string,
  fetchAPI: FetchAPI,
): Request {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
  };
  for (const name of passedHeaders) {
    const value = request.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  const key = keyFor(request.headers.get('authorization'), url.searchParams.get('key'));
  if (key !== null) headers['authorization'] = `Bearer ${key}`;
  const query = `query CreatorsCsv($ids: [ID!]!) { creators(ids: $ids) { ${selectionOf(columns)} } }`;
  return new fetchAPI.Request(new URL(path, url), {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables: { ids } }),
    signal: request.signal,
  });
}

/** Whether a row has more than its id. */
function isAnswered(
  { ids, columns }: Asked,
  creators: readonly unknown[],
  failures: readonly Failure[],
): boolean {
  const sections = new Set(columns.flatMap(({ path }) => (path.includes('.') ? path.split('.')[0] : [])));
  return ids.some((id, at) => {
    const failed = failures.filter((failure) => failure.id === id).length;
    return creators[at] != null && (failed === 0 || failed < sections.size);
  });
}

function csvOf({ ids, columns }: Asked, creators: readonly unknown[], failures: readonly Failure[]): string {
  const rows = ids.map((id, at) =>
    csvCreator(
      columns,
      creators[at] ?? { id },
      failures.filter((failure) => failure.id === id),
    ),
  );
  return csvHeader(columns) + rows.join('');
}

/** For failures of sections, which GraphQL answers with 200. */
const statuses: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  BUDGET_EXCEEDED: 429,
  UPSTREAM_RATE_LIMITED: 429,
  UPSTREAM_QUOTA_EXCEEDED: 429,
  DRY_RUN: 200,
  INTERNAL_SERVER_ERROR: 500,
};

function statusOf(status: number, failure: ResponseError | undefined): number {
  return status >= 400 ? status : (statuses[String(failure?.extensions?.['code'])] ?? 503);
}

/** As a dictionary of RFC 9651: `requested=6, paid=4, cached=2, coalesced=0, failed=0, uncertain=0, renewals=0`. */
function costHeader(cost: Cost): string {
  const { requestedCalls, paidCalls, cachedCalls, coalescedCalls, failedCalls, uncertainCalls } = cost;
  const spend = cost.estimatedSpend ? `, spend="${cost.estimatedSpend.amount} CNY"` : '';
  return `requested=${requestedCalls}, paid=${paidCalls}, cached=${cachedCalls}, coalesced=${coalescedCalls}, failed=${failedCalls}, uncertain=${uncertainCalls}, renewals=${cost.renewalCalls}${spend}`;
}

/**
 * Programs ask a person for a password after a challenge for Basic. A browser gets none: it would remember the password and
 * send it for the images of any other site, too.
 */
function challengesFor({ headers }: Request, challenge: string): string {
  const isBrowser = headers.has('sec-fetch-site') || headers.get('accept')?.includes('text/html');
  return isBrowser ? challenge : `${challenge}, Basic realm="Xingtu GraphQL", charset="UTF-8"`;
}
