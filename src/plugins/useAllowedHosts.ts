import type { Plugin } from 'graphql-yoga';
import { forbiddenResponse } from '../protocol/refusalResponse.js';
import { printable } from '../quote.js';
import { serverContextIn } from '../response/responder.js';

interface AllowedHostsOptions {
  /** Allowed beside loopback's names; lower-case and without a port. Null: any name is allowed. */
  readonly hosts: readonly string[] | null;
  /** A path that may be requested by any name, such as an IP address of the machine. */
  readonly exceptPath: string;
}

/**
 * Refuses requests whose `Host` is not a name of this server. A page of another site can make its own name resolve to
 * this machine (DNS rebinding). To the browser that page then has the server's origin, and only `Host` shows the
 * difference.
 */
export function useAllowedHosts({ hosts, exceptPath }: AllowedHostsOptions): Plugin {
  return {
    onRequest({ url, serverContext, endResponse, fetchAPI }) {
      // A name may end with a full stop.
      const name = url.hostname.replace(/\.$/, '');
      if (hosts === null || url.pathname === exceptPath || loopback.test(name) || hosts.includes(name))
        return;
      const message = `This server does not answer to the name ${printable(name.slice(0, 255))}. If it should, add the name to ALLOWED_HOSTS.`;
      endResponse(forbiddenResponse(message, serverContextIn(serverContext).record, fetchAPI));
    },
  };
}

/** Names that are never resolved by a public DNS server. The last is 127.0.0.0/8 as IPv6 writes it. */
const loopback = /^(([^.]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/;
