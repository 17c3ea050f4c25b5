import type { Language } from '../columns/columns.js';
import { csvCreator, csvHeader } from '../columns/csvTable.js';
import { failuresOf, type ResponseError } from '../columns/failures.js';
import { columnsNamed, defaultFields, type TableColumn } from '../columns/fields.js';
import { selectionOf } from '../columns/selection.js';
import type { Cost } from '../cost/report.js';
import { BadUserInputError } from '../errors.js';
import { type RequestHead, type Respond, type ResponseMessage, textOf } from './message.js';

const path = '/creators.csv';

/** What a spreadsheet may send in the URL. */
interface CsvRequest {
  readonly ids: readonly string[];
  readonly columns: readonly TableColumn[];
  /** Null: no header and no parameter has a key. */
  readonly authorization: string | null;
}

/**
 * Adds `GET /creators.csv?ids=…&fields=…&language=…`: creators as CSV, for spreadsheets that load a URL. The server answers it
 * with the response to an operation of its own, `CreatorsCsv`, sent in the name of the same client: the same key, limits,
 * budgets and checks of who asks.
 */
export function withCreatorsCsv(respond: Respond, graphqlPath: string): Respond {
  return (request, body, hangUp) =>
    request.url?.startsWith(path) && /^(\?|$)/.test(request.url.slice(path.length))
      ? answer(request, hangUp)
      : respond(request, body, hangUp);

  async function answer(request: RequestHead, hangUp: () => AbortSignal): Promise<ResponseMessage> {
    if (request.method !== 'GET') return plain(405, `Expected GET ${path}.`, ['allow', 'GET']);
    const asked = read(request);
    if (asked instanceof BadUserInputError) return plain(400, asked.message);
    const { ids, columns, authorization } = asked;
    const query = `query CreatorsCsv($ids: [ID!]!) { creators(ids: $ids) { ${selectionOf(columns)} } }`;
    // The response is read here, and is of this moment.
    const { 'accept-encoding': _, 'if-none-match': __, ...kept } = request.headers;
    const headers = {
      ...kept,
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(authorization !== null && { authorization }),
    };
    const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
    const message = await respond(
      { method: 'POST', url: graphqlPath, headers, rawHeaders },
      Buffer.from(JSON.stringify({ query, variables: { ids } })),
      hangUp,
    );
    return csvMessage(JSON.parse(await textOf(message)), message.status, { ids, columns });
  }
}

function read({ url = '', headers }: RequestHead): CsvRequest | BadUserInputError {
  const { searchParams } = new URL(url, 'http://server');
  const language: Language = searchParams.get('language') === 'en' ? 'en' : 'zh';
  const ids = (searchParams.get('ids') ?? '').split(/[\s,;，；、]+/).filter((id) => id !== '');
  if (ids.length === 0) {
    return new BadUserInputError(
      `Expected ids or Xingtu links of creators, such as ${path}?ids=6629722295873044494,6712345678901234502.`,
    );
  }
  try {
    const columns = columnsNamed(searchParams.get('fields') ?? defaultFields, language);
    return { ids, columns, authorization: authorizationOf(headers.authorization, searchParams.get('key')) };
  } catch (error) {
    if (error instanceof BadUserInputError) return error;
    throw error;
  }
}

/** Excel sends Basic credentials, of which the password is the key. Google Sheets can send no header at all. */
function authorizationOf(header: string | undefined, key: string | null): string | null {
  const [, credentials] = /^Basic +(\S+)$/i.exec(header ?? '') ?? [];
  if (credentials === undefined) return header ?? (key === null ? null : `Bearer ${key}`);
  const text = Buffer.from(credentials, 'base64').toString();
  return `Bearer ${text.slice(text.indexOf(':') + 1)}`;
}

interface GraphqlResponse {
  readonly data?: { readonly creators: readonly unknown[] } | null;
  readonly errors?: readonly ResponseError[];
  readonly extensions?: { readonly cost?: Cost };
}

function csvMessage(
  { data, errors = [], extensions }: GraphqlResponse,
  status: number,
  { ids, columns }: Pick<CsvRequest, 'ids' | 'columns'>,
): ResponseMessage {
  if (!data) {
    const [error] = errors;
    const challenge = status === 401 ? ['www-authenticate', 'Basic realm="Xingtu GraphQL", Bearer'] : [];
    return plain(status >= 400 ? status : 400, error?.message ?? 'The server has no answer.', challenge);
  }
  const failures = failuresOf(errors, 'creators', ids);
  const records = ids.map((id, at) =>
    csvCreator(
      columns,
      data.creators[at] ?? { id },
      failures.filter((failure) => failure.id === id),
    ),
  );
  const { paidCalls, cachedCalls, failedCalls } = extensions?.cost ?? {};
  const cost = Object.entries({ paidCalls, cachedCalls, failedCalls }).flatMap(([name, calls]) =>
    calls === undefined ? [] : [`x-${name.replace('Calls', '-calls')}`, String(calls)],
  );
  return textMessage(200, csvHeader(columns) + records.join(''), [
    ...['content-type', 'text/csv; charset=utf-8'],
    ...['content-disposition', 'inline; filename="creators.csv"'],
    ...cost,
  ]);
}

/** A sentence, which spreadsheets show where the table would be. */
function plain(status: number, sentence: string, headers: readonly string[] = []): ResponseMessage {
  return textMessage(status, `${sentence}\n`, ['content-type', 'text/plain; charset=utf-8', ...headers]);
}

function textMessage(status: number, text: string, headers: readonly string[]): ResponseMessage {
  const bytes = Buffer.from(text);
  return {
    status,
    headers: [
      ...headers,
      ...['content-length', String(bytes.length)],
      ...['cache-control', 'private, no-store'],
      ...['x-content-type-options', 'nosniff'],
    ],
    body: bytes.toString('latin1'),
  };
}
