import type { Section } from '../upstream/section.js';
import { largeBytes, maxWholeBytes } from './responseSize.js';
import { sectionSizeOf } from './sectionSize.js';
import { maxBytesOf, type SectionSelectionSize } from './selectionSize.js';

/** The assumed size of a body that memory does not have: twenty times that of the largest sample. */
const assumedBodyBytes = 65_536;

/** How often an operation writes the texts and the body of a section. */
interface Copies {
  readonly texts: number;
  readonly bodies: number;
}

const noCopies: Copies = { texts: 0, bodies: 0 };

/** An upper bound of a response's size, from what is known before any call is made. */
export class PlannedSize {
  readonly #maxBytes: number;
  /** By the section's key. */
  readonly #copies = new Map<string, Copies>();
  #responseBytes: number;
  #newBytes: number;
  #bodyBytes = 0;
  #hasHistory = false;

  /** `bytesWithoutSections`: of the response beside its sections. */
  constructor(maxBytes: number, bytesWithoutSections: number) {
    this.#maxBytes = maxBytes;
    this.#responseBytes = bytesWithoutSections;
    this.#newBytes = bytesWithoutSections;
  }

  /** What the response takes in memory: what is made of its sections, and what of their bodies is written at once. */
  get bytesToReserve(): number {
    // Earlier answers are not known yet, and a reservation can't be raised.
    if (this.#hasHistory) return this.#maxBytes;
    return this.#newBytes + Math.min(this.#responseBytes - this.#newBytes, maxWholeBytes);
  }

  get isLarge(): boolean {
    return this.#responseBytes > largeBytes;
  }

  get isTooLarge(): boolean {
    return Math.max(this.#responseBytes, this.#bodyBytes) > this.#maxBytes;
  }

  /**
   * Counts one selection of a section. Null: memory does not have the section. Its first selection counts nothing then,
   * since the section may be small, and each further one counts a copy of a body of the assumed size. Earlier answers count
   * nothing, since there may be none.
   */
  add(key: string, section: Section | null, selection: SectionSelectionSize): void {
    const before = this.#copies.get(key) ?? noCopies;
    const after = {
      texts: before.texts + selection.textCopies,
      bodies: before.bodies + selection.bodyCopies,
    };
    this.#copies.set(key, after);
    this.#hasHistory ||= selection.hasHistory;
    if (section) {
      const size = sectionSizeOf(section);
      const { newBytes, bodyBytes } = maxBytesOf(selection, size);
      if (before === noCopies) this.#bodyBytes += size.bodyBytes;
      this.#newBytes += newBytes;
      this.#responseBytes += newBytes + bodyBytes;
      return;
    }
    const repeated = repeatsSince(before.texts, after.texts) + repeatsSince(before.bodies, after.bodies);
    this.#responseBytes += assumedBodyBytes * repeated;
  }
}

/** How many copies were added, not counting the very first one. */
function repeatsSince(before: number, after: number): number {
  return Math.max(0, after - Math.max(1, before));
}
