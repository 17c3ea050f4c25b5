/** An id for clients, who can compare it and read nothing from it. Different parts give different ids. */
export function opaqueId(...parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts that an id was made from. Null: it was not made so. */
export function partsOfId(id: string): readonly string[] | null {
  try {
    const parts: unknown = JSON.parse(Buffer.from(id, 'base64url').toString());
    return Array.isArray(parts) &&
      parts.every((part) => typeof part === 'string') &&
      opaqueId(...parts) === id
      ? parts
      : null;
  } catch {
    return null;
  }
}
