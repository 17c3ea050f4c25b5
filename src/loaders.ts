import DataLoader from 'dataloader';
import type { GraphQLResolveInfo } from 'graphql';
import type { SectionSelectionSize } from './responseSize/selectionSize.js';
import { type Call, callOf } from './upstream/endpoints/call.js';
import type { ArgsOf, EndpointName } from './upstream/endpoints/table.js';
import { isSectionOf, type Section } from './upstream/section.js';

export interface Loader<Name extends EndpointName> {
  /**
   * `maxAgeSeconds`: how old the section may be; null: the endpoint's TTL. `info`: what is selected of it. Returns a
   * section that memory has without a promise. Null: the operation is only being planned.
   */
  load(
    args: ArgsOf<Name>,
    maxAgeSeconds: number | null,
    info: GraphQLResolveInfo,
  ): Section<Name> | Promise<Section<Name>> | null;
}

/** The loaders of one operation. */
export interface Loaders {
  of<Name extends EndpointName>(name: Name): Loader<Name>;
}

/** Where the loaders of an operation get its sections. */
export interface SectionSource {
  /** Null: memory does not have the section, so it must be looked up. */
  hit(call: Call): Section | null;
  /** Looks up all keys that one loader collected in one tick. Each promise settles with its own call. */
  lookUp(calls: readonly Call[]): readonly Promise<Section>[];
  /** What is selected of a section. Throws before the section is loaded if that is invalid. */
  selectionOf(info: GraphQLResolveInfo): SectionSelectionSize;
  /** Called for each selection of a section. Returns the section when resolvers may have it. */
  add(section: Section | Promise<Section>, selection: SectionSelectionSize): Section | Promise<Section>;
}

export function createLoaders(source: SectionSource): Loaders {
  const loaders = new Map<EndpointName, SectionLoader>();
  return {
    of: (name) => {
      const loader = loaders.get(name) ?? new SectionLoader(source);
      loaders.set(name, loader);
      return {
        load: (args, _maxAgeSeconds, info) => {
          const selection = source.selectionOf(info);
          const section = source.add(loader.load(callOf(name, args)), selection);
          return section instanceof Promise
            ? section.then((resolved) => sectionOf(resolved, name))
            : sectionOf(section, name);
        },
      };
    },
  };
}

/** One endpoint's sections for one operation. */
class SectionLoader {
  readonly #source: SectionSource;
  readonly #hits = new Map<string, Section>();
  readonly #loader: DataLoader<Call, Promise<Section>, string>;

  constructor(source: SectionSource) {
    this.#source = source;
    // A key's value is the promise of its own call, so no section waits for another one or fails with it.
    this.#loader = new DataLoader(async (calls) => source.lookUp(calls), {
      cacheKeyFn: ({ key }) => key,
    });
  }

  /** A hit is returned without a promise, so an operation with nothing but hits is executed synchronously. */
  load(call: Call): Section | Promise<Section> {
    const hit = this.#hits.get(call.key) ?? this.#source.hit(call);
    if (!hit) return this.#loader.load(call).then((section) => section);
    this.#hits.set(call.key, hit);
    return hit;
  }
}

function sectionOf<Name extends EndpointName>(section: Section, name: Name): Section<Name> {
  if (isSectionOf(section, name)) return section;
  throw new TypeError(`Expected a section of ${name}, but got one of ${section.endpoint}.`);
}
