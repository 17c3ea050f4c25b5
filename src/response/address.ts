import type { RequestHead } from './message.js';

/** A request's target as a proxy gets it, which every server has to take, too (RFC 9112, 3.2.2). */
const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/is;

/** Without a user, a path or anything else that would make another address of it. */
const authority = /^[^\s/?#@\\]+$/;

/** Where a request was sent to. `host` is the name that it was sent to, with the port that the client wrote. */
export interface Address {
  readonly url: string;
  readonly host: string;
}

/** Null: it is no address. */
export function addressOf({ url: target = '', headers }: RequestHead): Address | null {
  const absolute = absoluteForm.exec(target);
  if (!absolute && !target.startsWith('/')) return null;
  // HTTP/1.0 has no Host, and a load balancer's probe sends none. A browser always does, so it is no page's doing.
  const [, host, rest] = absolute ?? [target, headers.host || 'localhost', target];
  if (host === undefined || rest === undefined || !authority.test(host)) return null;
  const url = `http://${host}${rest.startsWith('/') ? rest : `/${rest}`}`;
  return URL.canParse(url) ? { url, host } : null;
}
