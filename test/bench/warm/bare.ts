import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is answered to every request. */
export interface BareAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** node:http and nothing else: reads a request to its end, and answers with bytes that are there. */
const { status, headers, body }: BareAnswer = JSON.parse(process.env['ANSWER'] ?? '');
const bytes = Buffer.from(body);

const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(status, headers).end(bytes));
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql\n`);
});
