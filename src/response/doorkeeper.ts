const places = 65_536;

/** Tells what comes again from what comes once, so that the latter fills no cache. In a place for each of 65,536 hashes. */
export class SecondSight {
  readonly #hashes = new Int32Array(places);

  /** Whether this hash of 32 bits, with a sign, came before. Says no if that was long ago. */
  isSecond(hash: number): boolean {
    const place = hash & (places - 1);
    if (this.#hashes[place] === hash) return true;
    this.#hashes[place] = hash;
    return false;
  }
}
