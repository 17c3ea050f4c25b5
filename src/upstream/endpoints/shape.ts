/** What is known of the keys of one of upstream's objects. Everything that is not here is news. */
export interface Shape {
  /** The keys that a decoder looks at. */
  readonly reads: readonly string[];
  /** Those of them whose lasting absence is news. */
  readonly expected: readonly string[];
  /** Every key that may be there, read or not. */
  readonly known: ReadonlySet<string>;
  /** By key: the objects within. */
  readonly objects: Readonly<Record<string, Shape>>;
  /** By key: the lists of objects within. A single object counts as a list of one. */
  readonly rows: Readonly<Record<string, Shape>>;
}

export function shape<Key extends string>(parts: {
  /** The decoder's own readers, by key, so that no key is listed twice. */
  readonly reads?: Readonly<Record<Key, unknown>>;
  /** Read where they are there, but not expected to be. */
  readonly optional?: readonly NoInfer<Key>[];
  /** Known from the vendor's samples or pages, and only served in `raw`. */
  readonly unread?: readonly string[];
  readonly objects?: Readonly<Record<string, Shape>>;
  readonly rows?: Readonly<Record<string, Shape>>;
}): Shape {
  const { optional = [], unread = [], objects = {}, rows = {} } = parts;
  const reads = Object.keys(parts.reads ?? {}) as Key[];
  return {
    reads,
    expected: reads.filter((key) => !optional.includes(key)),
    known: new Set([...reads, ...unread, ...Object.keys(objects), ...Object.keys(rows)]),
    objects,
    rows,
  };
}

/** The status that every body has within itself, beside the envelope's. */
export const baseResp = shape({ unread: ['status_code', 'status_message'] });
