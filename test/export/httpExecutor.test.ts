import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { httpExecutor } from '../../src/export/httpExecutor.js';
import { atEnd } from '../fixtures.js';
import { freePort } from '../freePort.js';

/** The address of a server that answers every request so. */
async function answering(status: number, body: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const execute = (url: string) => httpExecutor({ url, key: null }).execute('{ __typename }', {});

describe('a server that an export asks', () => {
  it.each([
    ['a page', 504, '<html>Gateway Time-out</html>'],
    ["a proxy's JSON", 504, '{"message":"upstream request timeout"}'],
    ['JSON that is cut off', 200, '{"data":{"creators":['],
    ['null', 200, 'null'],
    ['nothing', 200, ''],
  ])('may have paid, if what comes is no result: %s', async (_, status, body) => {
    await expect(execute(await answering(status, body))).rejects.toMatchObject({ mayHavePaid: true });
  });

  it('has paid nothing, if there is no connection', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    await expect(execute(url)).rejects.toMatchObject({ mayHavePaid: false });
  });

  it('may refuse with errors alone', async () => {
    const body = { errors: [{ message: 'No key.', extensions: { code: 'UNAUTHENTICATED' } }] };
    expect(await execute(await answering(401, JSON.stringify(body)))).toEqual(body);
  });
});
