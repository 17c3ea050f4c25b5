import type { Cost } from './cost.js';

export interface Answer<Data> {
  readonly data: Data | null;
  readonly errors?: readonly AnswerError[];
  readonly extensions?: { readonly cost?: Cost };
}

export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: {
    readonly code: string;
    readonly retryable?: boolean;
    readonly retryAfterSeconds?: number;
    /** With QUERY_TOO_EXPENSIVE. */
    readonly plannedCalls?: number;
    readonly maxCalls?: number;
  };
}

/** An id, its creator, and the errors below it. Null: the id is malformed. A section that is null has failed. */
export interface Row<Creator> {
  readonly id: string;
  readonly creator: Creator | null;
  readonly errors: readonly AnswerError[];
}

/** Sends one operation. `headers` are for `authorization: Bearer KEY`, and for a dry run, `x-dry-run: 1`. */
export async function ask<Data>(
  url: string,
  query: string,
  variables: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer<Data>;
}

/** Upstream may have billed the call that failed so, and may bill the next one. */
const maybeBilled = ['UPSTREAM_TIMEOUT', 'UPSTREAM_INVALID_RESPONSE', 'UPSTREAM_REJECTED'];

/**
 * Any number of creators, for a query with `creators(ids: $ids)`. Each operation has 100 ids, or as many as its calls allow.
 * If failures may pass within a minute, it is sent up to three times, which pays for the failed sections alone; but not if
 * one of them may have been billed. Throws when an operation has no data.
 */
export async function askForCreators<Creator>(
  send: (variables: { ids: readonly string[] }) => Promise<Answer<{ creators: (Creator | null)[] }>>,
  ids: readonly string[],
): Promise<Row<Creator>[]> {
  const rows: Row<Creator>[] = [];
  for (let size = 100, tries = 1; rows.length < ids.length; tries += 1) {
    const chunk = ids.slice(rows.length, rows.length + size);
    const { data, errors = [], extensions } = await send({ ids: chunk });
    const reasons = errors.map((error) => error.extensions);
    const tooMany = reasons.find(({ code }) => code === 'QUERY_TOO_EXPENSIVE');
    const waits = reasons.flatMap(({ retryable, retryAfterSeconds = 1 }) =>
      retryable ? retryAfterSeconds : [],
    );
    const isUnbilled =
      !extensions?.cost?.uncertainCalls && !reasons.some(({ code }) => maybeBilled.includes(code));
    if (tooMany && chunk.length > 1) {
      const { plannedCalls = 0, maxCalls = 0 } = tooMany;
      size = Math.max(1, Math.floor((chunk.length * maxCalls) / plannedCalls));
    } else if (waits.length > 0 && isUnbilled && Math.max(...waits) <= 60 && tries < 3) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(...waits) * 1000));
    } else {
      if (!data) throw new Error(errors[0]?.message ?? 'Expected data or errors, and got neither.');
      const below = (at: number) => errors.filter(({ path }) => path?.[1] === at);
      rows.push(...chunk.map((id, at) => ({ id, creator: data.creators[at] ?? null, errors: below(at) })));
      tries = 0;
    }
  }
  return rows;
}
