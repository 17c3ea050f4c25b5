import type { JsonObject } from '../json.js';
import type { Shape } from './shape.js';

/** One of upstream's endpoints, as data: where it is, how long its answers stay fresh, how a body is read. */
export interface Endpoint<Name extends string = string, Value extends object = object> {
  /** The field of `Creator` it answers, and its name in errors, settings and statistics. */
  readonly name: Name;
  /** Under the base URL. */
  readonly path: string;
  /** Fresh for so long, unless configured otherwise. */
  readonly ttlSeconds: number;
  /** The known keys of `data`. A body without any that `decode` reads is no answer. */
  readonly shape: Shape;
  /**
   * From upstream's names, units and fillers to ours. Never throws: an odd key costs that value only, and `{}`
   * gives the section without data. `onDrift` hears of what it could not read, by key. What depends on a moment, such as
   * whether a price is in force, is told as of `fetchedAtMs`, when upstream gave the body.
   */
  decode(data: JsonObject, onDrift: (what: string) => void, fetchedAtMs: number): Value;
}

/** The vendor's platforms. SHORT_VIDEO is upstream's own default. */
export type Platform = 'SHORT_VIDEO' | 'LIVE_STREAMING' | 'PICTURE_TEXT' | 'SHORT_DRAMA';
