/** Damerau-Levenshtein distance: insertions, deletions, substitutions, and swaps of adjacent letters. */
export function editsBetween(one: string, other: string): number {
  let rowBeforeLast: readonly number[] = [];
  let lastRow: readonly number[] = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let at = 1; at <= other.length; at += 1) {
      const isSame = one[row - 1] === other[at - 1];
      const isSwapped = one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1];
      current.push(
        Math.min(
          (lastRow[at] ?? 0) + 1,
          (current[at - 1] ?? 0) + 1,
          (lastRow[at - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (rowBeforeLast[at - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    rowBeforeLast = lastRow;
    lastRow = current;
  }
  return lastRow[other.length] ?? 0;
}
