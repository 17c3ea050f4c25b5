/**
 * The API key of a spreadsheet's request: of `Authorization: Bearer KEY`, the password of `Authorization: Basic …`, whatever
 * its user is, or, without such a header, the parameter of the address. Null: there is none.
 */
export function keyFor(authorization: string | null, parameter: string | null): string | null {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  const key = scheme.toLowerCase() === 'basic' ? passwordIn(value) : parameter;
  // A header can't hold any other characters, and no key has them.
  return key !== null && /^[\x21-\x7e]+$/.test(key) ? key : null;
}

function passwordIn(credentials: string): string | null {
  const text = Buffer.from(credentials, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? null : text.slice(colon + 1);
}
