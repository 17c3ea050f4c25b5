import { JsonText } from '../upstream/jsonText.js';

/** Takes some tenths of a millisecond to write. */
const pieceCharacters = 65_536;

/** What JSON.stringify makes of a result, in pieces. JSON that is stored as text is copied as it is. */
export function* jsonPieces(value: unknown): Generator<string, void> {
  let piece = '';
  for (const token of tokensOf(value)) {
    piece += token;
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function* tokensOf(value: unknown): Generator<string, void> {
  if (value instanceof JsonText) {
    const { text } = value;
    for (let at = 0; at < text.length; ) {
      const end = endOfPiece(text, at);
      yield text.slice(at, end);
      at = end;
    }
  } else if (Array.isArray(value)) {
    yield '[';
    for (const [at, entry] of value.entries()) {
      if (at > 0) yield ',';
      yield* tokensOf(entry ?? null);
    }
    yield ']';
  } else if (isPlainObject(value) && !isFlat(value)) {
    let before = '{';
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined || typeof member === 'function') continue;
      yield `${before}${JSON.stringify(key)}:`;
      yield* tokensOf(member);
      before = ',';
    }
    yield before === '{' ? '{}' : '}';
  } else {
    yield JSON.stringify(value) ?? 'null';
  }
}

/** Does not cut a surrogate pair in two. */
function endOfPiece(text: string, at: number): number {
  const end = Math.min(at + pieceCharacters, text.length);
  const last = text.charCodeAt(end - 1);
  return end < text.length && last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
}

/** Other objects, such as dates and errors, have a `toJSON` of their own. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Has no objects or lists inside, so it can't be large. */
function isFlat(value: Record<string, unknown>): boolean {
  for (const key in value) if (typeof value[key] === 'object' && value[key] !== null) return false;
  return true;
}
