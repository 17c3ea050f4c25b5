import type { Call } from './endpoints/call.js';
import type { ArgsOf, EndpointName, ValueOf } from './endpoints/table.js';
import type { JsonText } from './jsonText.js';

/** What every section has besides its values. */
export interface SectionFacts<Args extends object = object> {
  readonly endpoint: EndpointName;
  readonly args: Args;
  /** Unique to the section: the call's key. Of an earlier answer: that, and when it was fetched. */
  readonly key: string;
  /** False: upstream has no data. All values are then null or empty lists. */
  readonly hasData: boolean;
  readonly fetchedAt: Date;
  /** It is older than the operation accepts, and is served because the call failed or while it is renewed. */
  readonly isStale: boolean;
  /** Upstream's `data`, with every digit of its numbers. Null: upstream has no data. */
  readonly raw: JsonText | null;
}

/** The decoded answer to one call. */
export type Section<Name extends EndpointName = EndpointName> = SectionFacts<ArgsOf<Name>> & ValueOf<Name>;

/** A call that an operation needs, and how old a stored answer to it may be. */
export interface SectionRequest {
  readonly call: Call;
  /** A stored answer younger than this is fresh enough. 0: a call is always made. */
  readonly maxAgeSeconds: number;
  /**
   * The age from which an operation waits for a new answer. A stored answer below it that is not fresh enough is served
   * at once while it is renewed.
   */
  readonly awaitedFromSeconds: number;
}

export function isSectionOf<Name extends EndpointName>(
  section: Section | Section<Name>,
  name: Name,
): section is Section<Name> {
  return section.endpoint === name;
}
