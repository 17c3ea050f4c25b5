import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stringify } from '../../src/sandbox/bodies/body.js';
import { bodies } from '../../src/sandbox/bodies/table.js';
import { keepAliveTimeout } from '../../src/sandbox/server.js';
import { documentedEndpoints } from '../documentedEndpoints.js';
import { replies } from '../largeBodies.js';

/** A creator whose id begins so has bodies near upstream's bounds; any other has the sandbox's. */
export const largeIdStart = '6';

/** An upstream that counts its calls. */
export interface CountingUpstream {
  readonly baseUrl: string;
  readonly calls: number;
  close(): Promise<void>;
}

const endpointByPath = new Map(Object.entries(bodies).map(([name, body]) => [body.path, { name, body }]));
const largeEndpoints: ReadonlySet<string> = new Set(documentedEndpoints);

export async function startCountingUpstream(): Promise<CountingUpstream> {
  const large = replies();
  let calls = 0;
  const server = createServer({ keepAliveTimeout }, (request, response) => {
    calls += 1;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://upstream');
    const known = endpointByPath.get(pathname);
    const id = searchParams.get('oAuthorId') ?? '';
    response.setHeader('content-type', 'application/json');
    if (known && id.startsWith(largeIdStart) && largeEndpoints.has(known.name)) {
      response.end(large(`${known.name} ${id}`).body);
      return;
    }
    const data = known?.body.data(searchParams);
    response.end(data ? stringify({ code: 0, data }) : JSON.stringify({ code: 400, message: 'parameters' }));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
