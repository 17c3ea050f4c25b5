/** A shorter token is a placeholder, which a body may hold by chance. */
const shortestSecret = 8;

/** What JSON may or must write with a backslash before it. */
const escapable: ReadonlySet<string> = new Set(['/', '"', '\\']);

/**
 * Replaces the token in a text by `[token]`. Upstream got it in a URL and answers in JSON, so it may come back in the
 * escapes of either, or of both: `%2B`, `%2b`, `%252B`, `\u002b`, `\/`; and with more backslashes where JSON text stands in a
 * string.
 */
export function createRedaction(token: string): (text: string) => string {
  if (token.length < shortestSecret) return (text) => text;
  const anyForm = new RegExp([...token].map((char) => `(?:${formsOf(char).join('|')})`).join(''), 'g');
  return (text) => text.replaceAll(anyForm, '[token]');
}

/** Patterns. The numbers of backslashes are bounded, so that a text made of nothing else takes no longer than others. */
function formsOf(char: string): string[] {
  const literal = char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  const units = [...Array(char.length).keys()].map((at) => hex(char.charCodeAt(at), 4));
  const bytes = [...Buffer.from(char)].map((byte) => hex(byte, 2));
  // The longest first: a percent sign alone would leave the rest of its own escape behind.
  return [
    bytes.map((byte) => `%(?:25)*${byte}`).join(''),
    units.map((unit) => `\\\\{1,4}u${unit}`).join(''),
    escapable.has(char) ? `\\\\{0,4}${literal}` : literal,
    ...(char === ' ' ? ['\\+'] : []),
  ];
}

/** In digits of either case. */
function hex(value: number, digits: number): string {
  const text = value.toString(16).padStart(digits, '0');
  return text.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
