import { randomInt } from 'node:crypto';

export const requestIdHeader = 'x-request-id';

/** Safe in a header, in a log and on a command line. UUIDs, ULIDs and the ids of proxies have this form. */
const acceptable = /^[\w.:+/=@-]{1,128}$/;

/**
 * A new id has up to 12 characters for the first 60 million requests. V8 makes longer texts of two parts, and joins them
 * when they are sent, which takes 1 % of what a response from memory does.
 */
const ownPrefix = randomInt(36 ** 7)
  .toString(36)
  .padStart(7, '0');
let ownCount = 0;

/** The id that a client or a proxy gave the request, if it can be taken; else a new one. */
export function requestIdOf(rawHeaders: readonly string[]): string {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    // Of the common headers only Content-Type is as long, so few names have to be compared.
    if (name.length !== requestIdHeader.length || name[1] !== '-') continue;
    if (name.toLowerCase() !== requestIdHeader) continue;
    const given = rawHeaders[at + 1] ?? '';
    if (acceptable.test(given)) return given;
  }
  ownCount += 1;
  return ownPrefix + ownCount.toString(36);
}
