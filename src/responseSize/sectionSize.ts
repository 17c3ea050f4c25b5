import type { SectionFacts } from '../upstream/section.js';

/** How much one field of a section contains, at all depths. */
export interface FieldSize {
  /** Items of all its lists. */
  readonly rows: number;
  /** UTF-8 bytes of all its strings. */
  readonly textBytes: number;
}

/** How much a section contains that an operation can select. */
export interface SectionSize {
  /** Of upstream's body, from which the section was decoded. */
  readonly bodyBytes: number;
  of(field: string): FieldSize;
}

const sizes = new WeakMap<SectionFacts, SectionSize>();

/** Memoized for each section. A field is measured when it is first asked for. */
export function sectionSizeOf(section: SectionFacts): SectionSize {
  const known = sizes.get(section);
  if (known) return known;
  const fields = new Map<string, FieldSize>();
  const size: SectionSize = {
    bodyBytes: section.raw?.byteLength ?? 0,
    of: (name) => {
      // The id is made of the key, and takes at most twice its bytes and some more.
      const field = fields.get(name) ?? sizeOf(name === 'id' ? section.key : Reflect.get(section, name));
      fields.set(name, field);
      return field;
    },
  };
  sizes.set(section, size);
  return size;
}

/** How much a value contains, at all depths. */
export function sizeOf(value: unknown): FieldSize {
  let rows = 0;
  let textBytes = 0;
  const measure = (inner: unknown) => {
    if (typeof inner === 'string') textBytes += Buffer.byteLength(inner);
    if (typeof inner !== 'object' || inner === null) return;
    if (Array.isArray(inner)) rows += inner.length;
    for (const member of Object.values(inner)) measure(member);
  };
  measure(value);
  return { rows, textBytes };
}
