import { listen } from '../../src/http.js';
import { atEnd } from '../fixtures.js';
import { startTestServer, type TestServer, testConfig, type Upstream } from '../harness.js';

/** A test server on a port, for a client that sends real requests. */
export async function onPort(
  options: { readonly upstream?: Upstream; readonly env?: Record<string, string> } = {},
): Promise<{ readonly server: TestServer; readonly origin: string; readonly url: string; asked(): number }> {
  const server = await startTestServer(options);
  let asked = 0;
  const http = await listen(
    (...args) => {
      asked += 1;
      return server.respond(...args);
    },
    testConfig({ PORT: '0' }),
  );
  atEnd(() => http.close());
  return { server, origin: http.origin, url: `${http.origin}/graphql`, asked: () => asked };
}
