import type { EndpointName } from '../upstream/endpoints/table.js';
import type { SectionFacts } from '../upstream/section.js';
import { builder } from './builder.js';

/** A creator, or a section. */
export type NodeValue = { readonly id: string } | SectionFacts;

/** The types of sections, by endpoint. */
const sectionTypes = new Map<EndpointName, string>();

export function setSectionType(endpoint: EndpointName, type: string): void {
  sectionTypes.set(endpoint, type);
}

/** The name of the type of an endpoint's sections. */
export function sectionTypeOf(endpoint: EndpointName): string {
  const type = sectionTypes.get(endpoint);
  if (type === undefined) throw new TypeError(`Expected a type for the sections of ${endpoint}.`);
  return type;
}

export const Node = builder.interfaceRef<NodeValue>('Node').implement({
  description: 'An object that `node` finds by its id.',
  fields: (t) => ({
    // Each type has a field of its own.
    id: t.id({ nullable: false, description: 'Unique among all objects.', resolve: () => '' }),
  }),
  resolveType: (value) => ('endpoint' in value ? sectionTypeOf(value.endpoint) : 'Creator'),
});
