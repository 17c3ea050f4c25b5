import { JsonText } from '../upstream/jsonText.js';

/** Writing takes some tenths of a millisecond. */
const pieceCharacters = 65_536;

/** What JSON.stringify makes of a result, in pieces. What is kept as JSON text goes out as it is. */
export function* jsonPieces(value: unknown): Generator<string, void> {
  let piece = '';
  for (const part of partsOf(value)) {
    piece += part;
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function* partsOf(value: unknown): Generator<string, void> {
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
      yield* partsOf(entry ?? null);
    }
    yield ']';
  } else if (isPlainObject(value) && !isFlat(value)) {
    let before = '{';
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined || typeof member === 'function') continue;
      yield `${before}${JSON.stringify(key)}:`;
      yield* partsOf(member);
      before = ',';
    }
    yield before === '{' ? '{}' : '}';
  } else {
    yield JSON.stringify(value) ?? 'null';
  }
}

/** A character outside the basic plane must not be cut in two. */
function endOfPiece(text: string, at: number): number {
  const end = Math.min(at + pieceCharacters, text.length);
  const last = text.charCodeAt(end - 1);
  return end < text.length && last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
}

/** Others, such as dates and errors, know how they are written. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Without anything in it that may be large. */
function isFlat(value: Record<string, unknown>): boolean {
  for (const key in value) if (typeof value[key] === 'object' && value[key] !== null) return false;
  return true;
}
