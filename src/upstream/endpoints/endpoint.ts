import type { z } from 'zod';
import type { JsonObject } from '../json.js';
import type { Tell } from './reader.js';
import type { Shape } from './shape.js';

/**
 * One of upstream's endpoints, as data: where it is, what it is asked for, how long its answers stay fresh, how a body is
 * read. Nothing outside this folder knows what an endpoint's arguments mean.
 */
export interface Endpoint<
  Name extends string = string,
  Args extends object = object,
  Value extends object = object,
> {
  /** Its name in the schema, errors, settings and statistics. */
  readonly name: Name;
  /** Under the base URL. The last segment is the vendor's version. */
  readonly path: string;
  /** Answers are fresh for this long, unless configured otherwise. */
  readonly ttlSeconds: number;
  /** The arguments of a call: plain JSON. Checks those that come out of the store or an exported file. */
  readonly args: z.ZodType<Args>;
  /** Upstream's own parameters for the arguments, in the order in which they are sent. */
  query(args: Args): Readonly<Record<string, string>>;
  /** What the arguments are about, such as a creator's id: an operator finds stored answers by it. Null: nothing in particular. */
  subject(args: Args): string | null;
  /** What a client is told when upstream answers 400. */
  readonly badInputMessage: string;
  /** The known keys of `data`. A body that has none of those that `decode` reads is no answer. */
  readonly shape: Shape;
  /** Whether all of `shape` is to be expected for these arguments, so that a key can be missing. */
  isShapeExpected(args: Args): boolean;
  /** What drift says of a body that is about something else than was asked. Null: it is not, or does not say. */
  mismatch(args: Args, data: JsonObject): string | null;
  /**
   * From upstream's names, units and fillers to ours. Never throws: an unreadable key costs only its own value, and `{}`
   * gives the section without data. `onDrift` is told the key of what could not be read. What depends on a moment, such
   * as whether a price is in force, is decided as of `fetchedAtMs`, when upstream gave the body.
   */
  decode(data: JsonObject, onDrift: Tell, fetchedAtMs: number): Value;
}

/** The vendor's version of an endpoint: the end of its path. */
export function versionOf({ path }: Pick<Endpoint, 'path'>): string {
  return encodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
}
