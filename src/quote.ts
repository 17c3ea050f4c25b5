/** Invisible characters, and those that change how the text around them is shown: controls, direction marks, lone surrogates. */
const unprintable = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/gu;

/** Text from outside for a message: quoted, cut to `most` characters, and with invisible characters escaped. */
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
