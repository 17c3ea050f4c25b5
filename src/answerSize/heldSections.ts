/** The large sections that answers are being made from. However many are made from one, it is in memory once. */
export class HeldSections {
  readonly #maxBytes: number;
  readonly #holders = new Map<object, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False: there are too many. The first one of all may have any size. */
  hold(section: object, bytes: number): boolean {
    const holders = this.#holders.get(section) ?? 0;
    if (holders === 0) {
      if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) return false;
      this.#bytes += bytes;
    }
    this.#holders.set(section, holders + 1);
    return true;
  }

  release(section: object, bytes: number): void {
    const holders = this.#holders.get(section) ?? 0;
    if (holders > 1) {
      this.#holders.set(section, holders - 1);
    } else if (holders === 1) {
      this.#holders.delete(section);
      this.#bytes -= bytes;
    }
  }
}
