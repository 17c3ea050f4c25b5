import type { SectionFacts } from '../upstream/section.js';

/** What one field of a section holds. */
export interface FieldMeasure {
  /** Entries of all lists in it. */
  readonly rows: number;
  /** Of all texts in it. */
  readonly textBytes: number;
}

/** How much there is to select from in a section. */
export interface SectionMeasure {
  /** Of the body that it was read from. */
  readonly bodyBytes: number;
  of(field: string): FieldMeasure;
}

const measures = new WeakMap<SectionFacts, SectionMeasure>();

/** Each section is measured once, and of its fields those that are named. */
export function measureOf(section: SectionFacts): SectionMeasure {
  const known = measures.get(section);
  if (known) return known;
  const fields = new Map<string, FieldMeasure>();
  const measure: SectionMeasure = {
    bodyBytes: section.raw?.byteLength ?? 0,
    of: (name) => {
      const field = fields.get(name) ?? fieldMeasure(Reflect.get(section, name));
      fields.set(name, field);
      return field;
    },
  };
  measures.set(section, measure);
  return measure;
}

function fieldMeasure(value: unknown): FieldMeasure {
  let rows = 0;
  let textBytes = 0;
  const look = (inner: unknown) => {
    if (typeof inner === 'string') textBytes += Buffer.byteLength(inner);
    if (typeof inner !== 'object' || inner === null) return;
    if (Array.isArray(inner)) rows += inner.length;
    for (const member of Object.values(inner)) look(member);
  };
  look(value);
  return { rows, textBytes };
}
