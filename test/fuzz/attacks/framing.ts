import type { Random } from '../../../src/sandbox/random.js';
import { type Attack, creatorIdFrom, operationBytes, type Shot } from '../attack.js';

/** Bytes that two programs could read as different requests, and other misuse of HTTP/1.1. */
export const framing: Attack = {
  name: 'framing',
  target: 'open',
  connections: 8,
  shot: (random) => random.pick(kinds)(random),
};

/** Free in any reading: it names a creator and no section. */
const body = (random: Random) =>
  JSON.stringify({ query: `{ creator(id: "${creatorIdFrom(random)}") { id } }` });
const head = (lines: readonly string[]) =>
  `${['POST /graphql HTTP/1.1', 'Host: 127.0.0.1', 'Content-Type: application/json', 'X-Dry-Run: 1', ...lines].join('\r\n')}\r\n\r\n`;
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** It would be a second response if a server took it for a request of its own. */
const smuggled = 'GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

const raw = (text: string | Buffer, more: Partial<Shot> = {}): Shot => ({
  kind: 'other',
  pieces: [typeof text === 'string' ? Buffer.from(text, 'latin1') : text],
  responses: 1,
  mayBeDropped: true,
  ...more,
});

/** Exactly one response: what follows is a body, or is refused. */
const one = (text: string): Shot =>
  raw(text, {
    // A second one would be seen.
    responses: 2,
    check: (responses) =>
      responses.length === 1 && responses[0]?.status === 400
        ? null
        : `${responses.map(({ status }) => status)} for an ambiguous request`,
  });

/** The server may wait for more. */
const unfinished = { responses: 0 };

const oddEncodings = [
  'chunked, identity',
  'identity',
  'xchunked',
  'chunked\t',
  'Chunked, chunked',
  '"chunked"',
  'chunked;q=1',
  '\x0bchunked',
];
const oddLengths = ['-1', '+5', '0x5', '5, 5', '5,6', '1e1', '99999999999999999999', '', ' ', '5 5', '٥'];
const oddSizes = [
  '0x1',
  '-1',
  'g',
  '',
  ' 1',
  '1 ',
  '1;ext="\\"',
  'ffffffffffffffff',
  '1;a=b',
  '00000000000000001',
  '1\n',
];

const kinds: readonly ((random: Random) => Shot)[] = [
  (random) =>
    one(
      head([`Content-Length: ${body(random).length}`, 'Transfer-Encoding: chunked']) +
        chunk(body(random)) +
        `0\r\n\r\n${smuggled}`,
    ),
  (random) =>
    one(`${head([`Content-Length: 4`, `Transfer-Encoding: chunked`])}0\r\n\r\n${smuggled}${body(random)}`),
  (random) =>
    one(head(['Content-Length: 5', `Content-Length: ${body(random).length}`]) + body(random) + smuggled),
  (random) =>
    raw(
      head([
        `Transfer-Encoding: ${random.pick(oddEncodings)}`,
        ...(random.chance(0.5) ? ['Content-Length: 5'] : []),
      ]) +
        chunk(body(random)) +
        `0\r\n\r\n${smuggled}`,
      { responses: 2, check: notTwo },
    ),
  (random) =>
    raw(head([`Content-Length: ${random.pick(oddLengths)}`]) + body(random) + smuggled, {
      responses: 2,
      check: notTwo,
    }),
  (random) =>
    raw(
      `${head(['Transfer-Encoding: chunked'])}${random.pick(oddSizes)}\r\n${body(random)}\r\n0\r\n\r\n`,
      unfinished,
    ),
  // Chunks of one byte.
  (random) =>
    raw(
      `${head(['Transfer-Encoding: chunked'])}${'1\r\n \r\n'.repeat(random.logarithmic(1_000, 200_000))}${chunk(body(random))}0\r\n\r\n`,
      {
        kind: 'graphql',
        mayBeDropped: true,
      },
    ),
  (random) =>
    raw(
      head(['Transfer-Encoding: chunked']) +
        [...body(random)].map(chunk).join('') +
        '0\r\nTrailer: x\r\n\r\n',
      { kind: 'graphql' },
    ),
  (random) =>
    raw(
      head(['Transfer-Encoding: chunked']) +
        chunk(body(random)) +
        `0\r\n${'T: x\r\n'.repeat(random.logarithmic(1, 20_000))}\r\n`,
    ),
  (random) =>
    raw(
      `${head(['Transfer-Encoding: chunked'])}1;${'x'.repeat(random.logarithmic(1, 100_000))}\r\n`,
      unfinished,
    ),
  (random) => ({
    ...raw(''),
    pieces: [...(head([`Content-Length: ${body(random).length}`]) + body(random))].map((one) =>
      Buffer.from(one),
    ),
  }),
  (random) => ({
    ...raw('', { responses: 30, mayBeDropped: false, kind: 'graphql' }),
    pieces: [Buffer.concat(Array.from({ length: 30 }, () => operationBytes(body(random), [])))],
    check: (responses) => (responses.length === 30 ? null : `${responses.length} of 30 responses`),
  }),
  (random) =>
    raw(
      Buffer.from(Array.from({ length: random.logarithmic(1, 3_000) }, () => random.whole(0, 255))),
      unfinished,
    ),
  (random) =>
    raw(
      `${random.pick(['GET', 'POST', ''])}${random.pick([' ', '\t', '  '])}/graphql${random.pick(['', ' HTTP/9.9', ' HTTP/1.1 x', ' http/1.1', ' HTTP/0.9', ' HTTP/2.0'])}\r\nHost: a\r\n\r\n`,
    ),
  () => raw('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  () => raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  () => raw(`${'\r\n'.repeat(1_000)}GET /health HTTP/1.1\r\nHost: a\r\n\r\n`),
  (random) =>
    raw(
      `GET /graphql?query={__typename} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade${random.pick(['', ', HTTP2-Settings'])}\r\nUpgrade: ${random.pick(['websocket', 'h2c', 'TLS/1.0', 'x'])}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n`,
      { mayBeDropped: false, check: notSwitched },
    ),
  (random) =>
    raw(
      `${head([`Expect: ${random.pick(['100-continue', '200-ok', ''])}`, `Content-Length: ${body(random).length}`])}${body(random)}`,
      { mayBeDropped: false },
    ),
  (random) =>
    raw(head(['Connection: close', `Content-Length: ${body(random).length}`]) + body(random) + smuggled, {
      responses: 2,
      mayBeDropped: false,
      check: notTwo,
    }),
  // A line feed alone, a folded line, and a space before the colon.
  (random) => raw(head([`Content-Length: ${body(random).length}`]).replaceAll('\r\n', '\n') + body(random)),
  (random) => raw(head(['X-A: b\r\n c', `Content-Length: ${body(random).length}`]) + body(random)),
  (random) => one(head([`Content-Length : ${body(random).length}`]) + body(random)),
];

function notTwo(responses: Parameters<NonNullable<Shot['check']>>[0]): string | null {
  return responses.length > 1 ? `${responses.map(({ status }) => status)} for one request` : null;
}

function notSwitched([first]: Parameters<NonNullable<Shot['check']>>[0]): string | null {
  return first?.status === 101 ? 'The protocol was switched' : null;
}
