import { type CreatorLink, readLink } from './creatorLink.js';
import { BadUserInputError } from './errors.js';
import { quote } from './quote.js';

/** A text that holds no creator's id. `reason` says why, for those who tell it in other words. */
export class CreatorIdError extends BadUserInputError {
  readonly reason: IdReason;

  constructor(reason: IdReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

export type IdReason = 'several' | 'noId' | keyof typeof reasons | 'other';

const idForm = /^\d{15,20}$/;

/** In characters. Links to creators are far shorter. */
const maxTextLength = 8_192;

/**
 * Finds the oAuthorId in what a person pastes: the id itself, or a link to the creator's page on Xingtu, alone or inside a
 * message (`https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/6629722295873044494`). The id stays a string,
 * since 19 digits do not fit a double. Takes linear time. Throws CreatorIdError.
 */
export function parseCreatorId(text: string): string {
  if (idForm.test(text)) return text;
  const trimmed = text.trim();
  const words = trimmed.length > maxTextLength ? [] : wordsOf(trimmed);
  const [word = '', ...others] = words;
  if (idForm.test(word) && others.length === 0) return word;

  const links = words.flatMap((word) => linkIn(word) ?? []);
  const xingtuLinks = links.filter((link) => link.kind === 'xingtu');
  const ids = new Set(xingtuLinks.flatMap((link) => link.ids));
  const [id] = ids;
  if (id !== undefined && ids.size === 1) return id;

  const given = quote(trimmed);
  if (ids.size > 1)
    throw new CreatorIdError('several', `${given} contains ${ids.size} different ids. ${advice.one}`);
  const isOnlyIds = words.length > 1 && words.every((word) => idForm.test(word));
  if (isOnlyIds) throw new CreatorIdError('several', `${given} are ${words.length} ids. ${advice.one}`);
  if (xingtuLinks.length > 0) {
    throw new CreatorIdError('noId', `${given} is a Xingtu link without a creator's id. ${advice.page}`);
  }
  if (words.length === 1 && isRounded(word))
    throw new CreatorIdError('rounded', `${given} ${reasons.rounded}`);
  if (/^MS4wLjAB[\w-]+$/.test(word))
    throw new CreatorIdError('douyinAccount', `${given} ${reasons.douyinAccount}`);
  for (const kind of ['douyinShort', 'douyinAccount', 'douyinVideo', 'douyin'] as const) {
    if (links.some((link) => link.kind === kind)) throw new CreatorIdError(kind, `${given} ${reasons[kind]}`);
  }
  throw new CreatorIdError(
    'other',
    `Expected a creator's id of 15 to 20 digits, or a xingtu.cn link that contains one, but got ${given}.`,
  );
}

/** The creator's public page on Xingtu. */
export function xingtuUrl(id: string): string {
  return `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}`;
}

const advice = {
  one: 'Send each as an id of its own.',
  page: "Use the link of the creator's own page on xingtu.cn.",
} as const;

/** Why a text can't be an id. */
const reasons = {
  rounded: `is a number that a spreadsheet or a program has rounded, so the id's last digits are lost. Format the column as text and copy the id again. ${advice.page}`,
  douyinShort: `is a short link of Douyin, which does not contain the creator's Xingtu id. ${advice.page}`,
  douyinAccount: `is a Douyin account, whose id is not the creator's id on Xingtu. ${advice.page}`,
  douyinVideo: `is a link to a Douyin video, whose id is not its creator's. ${advice.page}`,
  douyin: `is a link to Douyin, where creators have other ids than on Xingtu. ${advice.page}`,
} as const;

/** Characters that are copied unseen: zero-width characters, byte order and direction marks. */
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Spaces, brackets, quotation marks and Chinese punctuation, which links only have percent-encoded. */
const wordSeparator = /[\p{Z}\p{Cc}\p{Ps}\p{Pe}\p{Pi}\p{Pf}"'`<>|。，、；：！？…～｜]/u;

/** The parts of a text that may be an id or a link. */
function wordsOf(text: string): string[] {
  return text
    .replace(invisible, '')
    .split(wordSeparator)
    .flatMap((word) => (/^[\d０-９,;]+$/.test(word) ? word.split(/[,;]/) : withoutPunctuation(word)))
    .map((word) => word.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)))
    .filter((word) => word !== '');
}

/** Removes the end of a sentence, such as a full stop, and the equals sign that starts a cell of a spreadsheet. */
function withoutPunctuation(word: string): string {
  let end = word.length;
  while (end > 0 && '.,;:!?*_~'.includes(word.charAt(end - 1))) end -= 1;
  return word.slice(word.startsWith('=') ? 1 : 0, end);
}

/** The link in a word, after text in another script, if there is any. */
function linkIn(word: string): CreatorLink | null {
  const start = word.search(/https?:\/\//i);
  const address = start >= 0 ? word.slice(start) : word.replace(/^[^\x21-\x7e]+/, '');
  return address.includes('.') ? readLink(address) : null;
}

/** `6.62972E+18`, `6,62972E+18`, or an id that was stored as a floating-point number: `6629722295873044480.0`. */
function isRounded(word: string): boolean {
  return /^\d+([.,]\d+)?e\+?(1[4-9]|20)$/i.test(word) || /^\d{15,20}\.0+$/.test(word);
}
