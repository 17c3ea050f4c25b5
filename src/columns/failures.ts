/** An entry of `errors` in a response, as far as tables need it. */
export interface ResponseError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** Why a section of a creator is missing. */
export interface Failure {
  readonly id: string;
  /** The key of the section in the response. Null: the creator itself is missing. */
  readonly section: string | null;
  readonly code: string;
  readonly message: string;
  /** Whether the same may succeed later. */
  readonly isRetryable: boolean;
  /** Null: upstream did not say. */
  readonly retryAfterSeconds: number | null;
}

/** `key`: of the list of creators in the response, whose items are in the order of `ids`. */
export function failuresOf(
  errors: readonly ResponseError[],
  key: string,
  ids: readonly string[],
): readonly Failure[] {
  const failures = new Map<string, Failure>();
  for (const error of errors) {
    const [root, at, section = null] = error.path ?? [];
    const failed = root === key && typeof at === 'number' ? ids.slice(at, at + 1) : ids;
    for (const id of failed) {
      const name = section === null ? null : String(section);
      // A section may fail at several of its fields.
      const place = `${id} ${name}`;
      if (!failures.has(place)) failures.set(place, failureOf(error, id, name));
    }
  }
  return [...failures.values()];
}

/** What the last column of a CSV file says: `prices: UPSTREAM_TIMEOUT; cpMetrics: UPSTREAM_TIMEOUT`. */
export function failuresText(failures: readonly Failure[]): string {
  return failures.map(({ section, code }) => `${section ?? 'id'}: ${code}`).join('; ');
}

function failureOf({ message, extensions = {} }: ResponseError, id: string, section: string | null): Failure {
  const { code, retryable, retryAfterSeconds } = extensions;
  return {
    id,
    section,
    code: typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR',
    message,
    isRetryable: retryable === true,
    retryAfterSeconds: typeof retryAfterSeconds === 'number' ? retryAfterSeconds : null,
  };
}
