import type { SectionFacts } from '../upstream/client.js';
import type { Measure } from './weight.js';

const measures = new WeakMap<SectionFacts, Measure>();

/** How much there is to select from in a section. Counted once for each. */
export function measureOf(section: SectionFacts): Measure {
  const known = measures.get(section);
  if (known) return known;
  const { raw, ...values } = section;
  const measure = { rows: rowsIn(values), bodyBytes: raw?.byteLength ?? 0 };
  measures.set(section, measure);
  return measure;
}

/** The entries of all its lists, those of lists in lists included. */
function rowsIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce((sum: number, entry) => sum + 1 + rowsIn(entry), 0);
  return Object.values(value).reduce((sum: number, entry) => sum + rowsIn(entry), 0);
}
