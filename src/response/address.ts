import type { RequestHead } from './message.js';

/** A request target in absolute form, as clients send it to proxies. Every server must accept it (RFC 9112, 3.2.2). */
const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/is;

/** A host without a user, a path or anything else that would change the URL. */
const plainHost = /^[^\s/?#@\\]+$/;

/** Where a request was sent to. */
export interface Address {
  readonly url: string;
  /** With the port, if the client wrote one. */
  readonly host: string;
}

/** Null: the request has no valid URL. */
export function addressOf({ url: target = '', headers }: RequestHead): Address | null {
  const absolute = absoluteForm.exec(target);
  if (!absolute && !target.startsWith('/')) return null;
  // HTTP/1.0 has no Host header, and some load balancers probe without one. Browsers always send it, so this lets no page in.
  const [, host, rest] = absolute ?? [target, headers.host || 'localhost', target];
  if (host === undefined || rest === undefined || !plainHost.test(host)) return null;
  const url = `http://${host}${rest.startsWith('/') ? rest : `/${rest}`}`;
  return URL.canParse(url) ? { url, host } : null;
}
