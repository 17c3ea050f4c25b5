/** Where the values of an answer are, or an error is. */
export type Path = readonly (string | number)[];

/** Values that depend on the server or the time, and are checked by themselves. */
const checkedElsewhere: ReadonlySet<string> = new Set(['fetchedAt', 'isStale', 'history', 'upstream']);

/** Yields each value that differs from the expected one. A null is no difference where `isFailed` says that something has failed. */
export function* differences(
  actual: unknown,
  expected: unknown,
  isFailed: (path: Path) => boolean,
  path: Path = [],
): Generator<string> {
  if (actual === null && expected !== null && isFailed(path)) return;
  if (!isObject(actual) || !isObject(expected) || Array.isArray(actual) !== Array.isArray(expected)) {
    if (actual !== expected)
      yield `${path.join('.')}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`;
    return;
  }
  const [keys, expectedKeys] = [Object.keys(actual), Object.keys(expected)];
  if (keys.join() !== expectedKeys.join()) {
    yield `${path.join('.')} has ${keys} instead of ${expectedKeys}`;
    return;
  }
  for (const key of keys) {
    if (checkedElsewhere.has(key)) continue;
    const step = Array.isArray(actual) ? Number(key) : key;
    yield* differences(actual[key], expected[key], isFailed, [...path, step]);
  }
}

/** A section as far as it tells of its age. */
export interface DatedSection {
  readonly id: string;
  readonly fetchedAt: string;
  readonly isStale: boolean;
  readonly history?: readonly DatedSection[];
}

/** The sections in an answer, without those in histories. */
export function* sectionsIn(value: unknown): Generator<DatedSection> {
  if (!isObject(value)) return;
  if ('fetchedAt' in value && 'isStale' in value && 'id' in value) yield value as unknown as DatedSection;
  for (const [key, inner] of Object.entries(value)) if (key !== 'history') yield* sectionsIn(inner);
}

/** The value there. Undefined: there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce((value: unknown, key) => (isObject(value) ? value[key] : undefined), data);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
