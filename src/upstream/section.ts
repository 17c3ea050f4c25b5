import type { Call } from './endpoints/call.js';
import type { ArgsOf, EndpointName, ValueOf } from './endpoints/table.js';
import type { JsonText } from './jsonText.js';

/** What every section has beside its values. */
export interface SectionFacts<Args extends object = object> {
  readonly endpoint: EndpointName;
  readonly args: Args;
  /** Of the call: it tells the section from all others. */
  readonly key: string;
  /** False: upstream says that it has nothing. Then the values are nulls and empty lists. */
  readonly hasData: boolean;
  readonly fetchedAt: Date;
  /** Older than the operation accepts: served because upstream gave nothing newer, or while it is renewed. */
  readonly isStale: boolean;
  /** Upstream's `data`, with no digit lost. Null without data. */
  readonly raw: JsonText | null;
}

/** The answer to one call, in our own terms. */
export type Section<Name extends EndpointName = EndpointName> = SectionFacts<ArgsOf<Name>> & ValueOf<Name>;

/** What an operation wants of a call. */
export interface SectionRequest {
  readonly call: Call;
  /** An answer younger than this will do. 0 always pays. */
  readonly maxAgeSeconds: number;
  /** An answer at least this old is waited to be replaced. A younger one is served while it is renewed. */
  readonly awaitedFromSeconds: number;
}

export function isSectionOf<Name extends EndpointName>(
  section: Section | Section<Name>,
  name: Name,
): section is Section<Name> {
  return section.endpoint === name;
}
