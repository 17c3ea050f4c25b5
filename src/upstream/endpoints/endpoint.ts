import type { z } from 'zod';
import type { JsonObject } from '../json.js';
import type { OnDrift } from './reader.js';
import type { Shape } from './shape.js';

/**
 * One of upstream's endpoints: its path, its arguments, how long its answers are fresh, and how a body is decoded.
 * Nothing outside this folder knows what an endpoint's arguments mean.
 */
export interface Endpoint<
  Name extends string = string,
  Args extends object = object,
  Value extends object = object,
> {
  /** Its name in the schema, errors, settings and metrics. */
  readonly name: Name;
  /** Relative to the base URL. The last segment is the vendor's version. */
  readonly path: string;
  /** How long answers are fresh, unless a setting says otherwise. */
  readonly ttlSeconds: number;
  /** Validates the arguments of a call, which are plain JSON, when they come from the store or an exported file. */
  readonly args: z.ZodType<Args>;
  /** Upstream's query parameters for the arguments, in the order in which they are sent. */
  query(args: Args): Readonly<Record<string, string>>;
  /**
   * What the arguments are about, such as a creator's id. The `store` command finds answers by it. Null: nothing in
   * particular.
   */
  subject(args: Args): string | null;
  /** The error message when upstream answers 400. */
  readonly badInputMessage: string;
  /** The known keys of `data`. A body with none of the keys that `decode` reads is invalid, if it reads any. */
  readonly shape: Shape;
  /** Whether the whole shape is expected for these arguments, so that an absent key is drift. */
  isShapeExpected(args: Args): boolean;
  /**
   * The drift of a body that is about something else than the arguments. Null: it is not, or does not say what it is
   * about.
   */
  mismatch(args: Args, data: JsonObject): string | null;
  /**
   * Converts upstream's names, units and filler to ours. Never throws: a value that cannot be read becomes null or an
   * empty list, and `onDrift` is called with its key. `{}` gives the section without data. `fetchedAtMs` is when
   * upstream gave the body. Values that depend on time, such as whether a price is in force, are as of then.
   */
  decode(data: JsonObject, onDrift: OnDrift, fetchedAtMs: number): Value;
  /**
   * Of an endpoint whose answers name creators: a value that names as many as an answer can. A plan counts their sections
   * while the answer is unknown. `id` gives the nth of them an id.
   */
  upperBound?(id: (nth: number) => string): Value;
  /** False: earlier answers are not kept. Default: true. */
  readonly hasHistory?: false;
  /** Its answers hold contact data of people, so they are in no history and no exported file. Default: false. */
  readonly isPersonal?: true;
}

/** Whether an endpoint's earlier answers are kept. */
export function keepsHistory({
  hasHistory,
  isPersonal,
}: Pick<Endpoint, 'hasHistory' | 'isPersonal'>): boolean {
  return hasHistory !== false && !isPersonal;
}

/** The vendor's version of an endpoint, which is the last segment of its path. */
export function versionOf({ path }: Pick<Endpoint, 'path'>): string {
  return encodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
}
