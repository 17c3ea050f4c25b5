/** The known keys of one of upstream's objects. Any other key is drift. */
export interface Shape {
  /** The keys that the decoder reads. */
  readonly reads: readonly string[];
  /** Those of them that every body should have. */
  readonly expected: readonly string[];
  /** Every key that may occur, read or not. */
  readonly known: ReadonlySet<string>;
  /** The shapes of nested objects, by key. */
  readonly objects: Readonly<Record<string, Shape>>;
  /** The shapes of the objects in nested lists, by key. A single object counts as a list of one. */
  readonly rows: Readonly<Record<string, Shape>>;
}

export function shape<Key extends string>(parts: {
  /** The decoder's readers, by key. The shape takes its keys from them, so that none is listed twice. */
  readonly reads?: Readonly<Record<Key, unknown>>;
  /** Keys that are read but not expected in every body. */
  readonly optional?: readonly NoInfer<Key>[];
  /** Keys known from the vendor's samples or pages, served only in `raw`. */
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

/** Xingtu's own status, which every `data` has in addition to the envelope's code. */
export const baseResp = shape({ unread: ['status_code', 'status_message'] });
