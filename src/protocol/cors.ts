import type { YogaServerOptions } from 'graphql-yoga';

type CorsOptions = Exclude<YogaServerOptions<object, object>['cors'], undefined | true | CallableFunction>;

/** How long a browser may cache a preflight's result: a day, which is the longest that any browser allows. */
const maxAgeSeconds = 86_400;

/**
 * For an origin that is not allowed, Yoga would send `access-control-allow-origin: null`, which matches a sandboxed frame,
 * whose origin is `null`. And it would allow cookies, which this server does not use.
 */
export function corsFor(origin: string | null, allowed: readonly string[]): CorsOptions {
  if (origin === null || !allowed.includes(origin)) return false;
  return { origin: [origin], methods: ['GET', 'POST'], credentials: false, maxAge: maxAgeSeconds };
}
