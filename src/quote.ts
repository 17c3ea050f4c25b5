/** What doesn't show, or turns text around it about: controls, direction marks, joiners, lone halves of a character. */
const unprintable = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/gu;

/** Somebody else's text for a message of ours: in quotes, cut short, and with nothing in it that doesn't show. */
export function quote(text: string, most = 100): string {
  const shown = text.length > most ? `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : text;
  return printable(JSON.stringify(shown));
}

export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

function escaped(character: string): string {
  const codes = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return codes.map((code) => `\\u${code.toString(16).padStart(4, '0')}`).join('');
}
