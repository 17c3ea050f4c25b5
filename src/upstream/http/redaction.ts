/** A shorter token is a placeholder, and may occur in a body by chance. */
const minSecretLength = 8;

/** Characters that JSON may or must escape with a backslash. */
const escapable: ReadonlySet<string> = new Set(['/', '"', '\\']);

/**
 * Returns a function that replaces the token in a text by `[token]`. Upstream gets the token in a URL and answers in
 * JSON, so an echo may be escaped for either or for both: `%2B`, `%2b`, `%252B`, `\u002b`, `\/`. JSON text inside a
 * string has more backslashes.
 */
export function createRedaction(token: string): (text: string) => string {
  if (token.length < minSecretLength) return (text) => text;
  const escapedToken = new RegExp(
    [...token].map((char) => `(?:${patternsOf(char).join('|')})`).join(''),
    'g',
  );
  return (text) => text.replaceAll(escapedToken, '[token]');
}

/**
 * Regular expressions for the ways to write a character. Each bounds the number of backslashes, so that a text of
 * backslashes alone is not slow to search.
 */
function patternsOf(char: string): string[] {
  const literal = char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  const units = [...Array(char.length).keys()].map((at) => hex(char.charCodeAt(at), 4));
  const bytes = [...Buffer.from(char)].map((byte) => hex(byte, 2));
  // The longest first, or `%` would match without the rest of its own escape.
  return [
    bytes.map((byte) => `%(?:25)*${byte}`).join(''),
    units.map((unit) => `\\\\{1,4}u${unit}`).join(''),
    escapable.has(char) ? `\\\\{0,4}${literal}` : literal,
    ...(char === ' ' ? ['\\+'] : []),
  ];
}

/** A pattern for hexadecimal digits in either case. */
function hex(value: number, digits: number): string {
  const text = value.toString(16).padStart(digits, '0');
  return text.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
