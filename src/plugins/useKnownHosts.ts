import type { Plugin } from 'graphql-yoga';
import { forbidden } from '../protocol/forbidden.js';
import { printable } from '../quote.js';

export interface KnownHostsOptions {
  /** The names that the server answers to beside loopback's, lower-case and without a port. Null: to any. */
  readonly hosts: readonly string[] | null;
  /** What is asked by whatever address a machine has, by path. */
  readonly except: string;
}

/**
 * Refuses requests to a name that isn't the server's. To a browser, a page whose own name was made to resolve to this
 * machine (DNS rebinding) is the server's: only the `Host` header tells.
 */
export function useKnownHosts({ hosts, except }: KnownHostsOptions): Plugin {
  return {
    onRequest({ url, endResponse, fetchAPI }) {
      const { pathname } = url;
      // With a full stop at its end it is the same name.
      const name = url.hostname.replace(/\.$/, '');
      if (hosts === null || pathname === except || loopback.test(name) || hosts.includes(name)) return;
      const message = `This server doesn't answer to the name ${printable(name.slice(0, 255))}. If it is its name, add it to ALLOWED_HOSTS.`;
      endResponse(forbidden(message, fetchAPI));
    },
  };
}

/** Names that no public DNS server is asked for. The last is 127.0.0.0/8 as IPv6 writes it. */
const loopback = /^(([^.]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/;
