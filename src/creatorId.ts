import { BadUserInputError } from './errors.js';

const idForm = /^\d{15,20}$/;
const longestLink = 2048;

/**
 * The oAuthorId in what a person has at hand: the id itself, or the link of the creator's Xingtu page
 * (`https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/6629722295873044494`).
 * The id stays a string: 19 digits don't fit a double.
 */
export function parseCreatorId(text: string): string {
  const trimmed = text.trim();
  const id = idForm.test(trimmed) ? trimmed : idInLink(trimmed);
  if (id) return id;
  throw new BadUserInputError(
    `Expected a creator's id of 15 to 20 digits, or a xingtu.cn link that holds one, but got ${quote(text)}.`,
  );
}

/** The creator's public page on Xingtu. */
export function xingtuUrl(id: string): string {
  return `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}`;
}

function idInLink(text: string): string | undefined {
  if (text.length > longestLink) return undefined;
  const link = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(link)) return undefined;
  const { hostname, pathname } = new URL(link);
  if (hostname !== 'xingtu.cn' && !hostname.endsWith('.xingtu.cn')) return undefined;
  return pathname.split('/').findLast((segment) => idForm.test(segment));
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
