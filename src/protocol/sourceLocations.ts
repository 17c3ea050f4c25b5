/** Twice the size of a formatted document that has as many tokens as one may have. */
const mostCharacters = 131_072;
const mostLines = 5_000;

/**
 * Whether errors in this text get `locations`. graphql-js searches the text from its start for each of them: 4,000 errors
 * in a text of 1 MB that is all line breaks would take minutes.
 */
export function isShortEnoughToLocate(text: string): boolean {
  if (text.length > mostCharacters) return false;
  let lines = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === lineFeed || code === carriageReturn) lines += 1;
  }
  return lines <= mostLines;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
