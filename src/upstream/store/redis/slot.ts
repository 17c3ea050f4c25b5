const slots = 16_384;
const polynomial = 0x1021;

/** What of a key decides its slot in a cluster: what is between its first braces, if there is anything. */
export function hashTagOf(key: string): string {
  return /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key;
}

/** The slot of a key: its hash tag's CRC-16/XMODEM (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/). */
export function slotOf(key: string): number {
  let crc = 0;
  for (const byte of Buffer.from(hashTagOf(key))) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc & 0x8000 ? (crc << 1) ^ polynomial : crc << 1) & 0xffff;
    }
  }
  return crc % slots;
}
