const buckets = 65_536;

/**
 * Tells repeated keys from one-off ones, so that only repeats are cached (the doorkeeper of TinyLFU). Remembers one hash
 * for each of 65,536 buckets.
 */
export class Doorkeeper {
  readonly #hashes = new Int32Array(buckets);

  /** False for a hash that is new, or was last seen long ago; then it is remembered. `hash`: a signed 32-bit integer. */
  admit(hash: number): boolean {
    const bucket = hash & (buckets - 1);
    if (this.#hashes[bucket] === hash) return true;
    this.#hashes[bucket] = hash;
    return false;
  }
}
