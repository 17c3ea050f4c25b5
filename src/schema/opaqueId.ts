/** An id for clients, who can compare it and read nothing from it. Different parts give different ids. */
export function opaqueId(...parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}
