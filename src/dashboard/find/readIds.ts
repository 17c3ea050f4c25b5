import { CreatorIdError, type IdReason, parseCreatorId } from '../../creatorId.js';

export interface ReadIds {
  /** Without duplicates, in the order of the text. */
  readonly ids: readonly string[];
  readonly duplicates: number;
  readonly refused: readonly { readonly text: string; readonly reason: IdReason }[];
  /** There were more than `most`. */
  readonly isCut: boolean;
}

/** Creators' ids in a text that was pasted: ids and links, on lines of their own, or cells of a sheet. */
export function readIds(text: string, most: number): ReadIds {
  const ids = new Set<string>();
  const refused: { text: string; reason: IdReason }[] = [];
  let count = 0;
  for (const cell of cellsOf(text)) {
    try {
      ids.add(parseCreatorId(cell));
      count += 1;
    } catch (error) {
      if (!(error instanceof CreatorIdError)) throw error;
      refused.push({ text: cell, reason: error.reason });
    }
  }
  return { ids: [...ids].slice(0, most), duplicates: count - ids.size, refused, isCut: ids.size > most };
}

/** Lines and tabs part cells. Other separators only part lists of ids and links, since a message around a link has them, too. */
function cellsOf(text: string): string[] {
  return text
    .split(/[\r\n\t]+/)
    .flatMap((cell) => {
      const words = cell.split(/[\s,;，；、]+/).filter((word) => word !== '');
      return words.every((word) => /^(https?:\/\/\S+|\d{15,20})$/.test(word)) ? words : [cell.trim()];
    })
    .filter((cell) => cell !== '');
}
