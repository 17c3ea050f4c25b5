/**
 * A memory budget for the large sections that responses are made from. Uses are counted, since a section is in memory once,
 * however many responses use it.
 */
export class SectionMemory {
  readonly #maxBytes: number;
  readonly #useCounts = new Map<object, number>();
  #reservedBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False: the sections in use leave no room. If none is in use, the section may have any size. */
  reserve(section: object, bytes: number): boolean {
    const uses = this.#useCounts.get(section) ?? 0;
    if (uses === 0) {
      if (this.#reservedBytes > 0 && this.#reservedBytes + bytes > this.#maxBytes) return false;
      this.#reservedBytes += bytes;
    }
    this.#useCounts.set(section, uses + 1);
    return true;
  }

  /** `bytes`: as reserved. */
  release(section: object, bytes: number): void {
    const uses = this.#useCounts.get(section) ?? 0;
    if (uses > 1) {
      this.#useCounts.set(section, uses - 1);
    } else if (uses === 1) {
      this.#useCounts.delete(section);
      this.#reservedBytes -= bytes;
    }
  }
}
