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
    readonly plannedCalls?: number;
    readonly maxCalls?: number;
  };
}

/** A creator beside the id that was asked for. Null: the id is malformed; `errors` says why, and which sections failed. */
export interface Row<Creator> {
  readonly id: string;
  readonly creator: Creator | null;
  readonly errors: readonly AnswerError[];
}

/** Sends one operation; for a dry run with `{'x-dry-run': '1'}`, and with a key, `{authorization: 'Bearer …'}`. */
export async function ask<Data>(
  url: string,
  query: string,
  variables: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer<Data>;
}

/**
 * Any number of creators, by a query that gives `$ids` to `creators`. An operation takes 100 ids, or fewer if they would be
 * too many calls. One with errors that may pass is sent up to three times, which pays for the failed sections only.
 * Throws when an operation has no data.
 */
export async function askForCreators<Creator>(
  url: string,
  query: string,
  ids: readonly string[],
  onCost: (cost: Cost) => void = () => {},
): Promise<Row<Creator>[]> {
  const rows: Row<Creator>[] = [];
  for (let size = 100, tries = 1; rows.length < ids.length; ) {
    const chunk = ids.slice(rows.length, rows.length + size);
    const {
      data,
      errors = [],
      extensions,
    } = await ask<{ creators: (Creator | null)[] }>(url, query, { ids: chunk });
    if (extensions?.cost) onCost(extensions.cost);
    const { plannedCalls = 0, maxCalls = 0 } = errors[0]?.extensions ?? {};
    const waits = errors.flatMap(({ extensions: { retryable, retryAfterSeconds = 1 } }) =>
      retryable ? [retryAfterSeconds] : [],
    );
    if (plannedCalls > maxCalls && chunk.length > 1) {
      size = Math.max(1, Math.floor((chunk.length * maxCalls) / plannedCalls));
    } else if (waits.length > 0 && Math.max(...waits) <= 60 && tries < 3) {
      tries += 1;
      await new Promise((resolve) => setTimeout(resolve, Math.max(...waits) * 1000));
    } else if (data === null) {
      throw new Error(errors[0]?.message);
    } else {
      tries = 1;
      rows.push(
        ...chunk.map((id, at) => ({
          id,
          creator: data.creators[at] ?? null,
          errors: errors.filter(({ path }) => path?.[1] === at),
        })),
      );
    }
  }
  return rows;
}
