import { connect, type Socket } from 'node:net';

export interface Load {
  readonly port: number;
  readonly connections: number;
  /** HTTP/1.1 requests as they go over the wire, sent in turn. What is `marker` in one becomes a number not sent before. */
  readonly requests: readonly string[];
  /** The status that every answer must have. */
  readonly status: number;
  /** Ends after so long or so many requests, whichever comes first. */
  readonly forMs?: number;
  readonly count?: number;
}

export interface Loaded {
  readonly answered: number;
  /** Of all the answers, with their heads. */
  readonly bytes: number;
  readonly tookMs: number;
  /** What it took to send and to receive. */
  readonly cpuMs: number;
}

/** As long as the numbers that take its place, so that lengths stay. */
export const marker = '#########';

let nextNumber = 10 ** (marker.length - 1);

/**
 * Keeps each connection alive and one request in flight on it, for as long as it is told. It does as little as can be
 * done for a request, so that the server is what limits: requests are bytes before it begins, and of an answer it reads the
 * status and the length.
 */
export async function load({ port, connections, requests, status, forMs, count }: Load): Promise<Loaded> {
  const templates = requests.map(templateOf);
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const endAt = startedAt + (forMs ?? Number.POSITIVE_INFINITY);
  const most = count ?? Number.POSITIVE_INFINITY;
  let sent = 0;
  let answered = 0;
  let bytes = 0;

  const next = (): Buffer | null => {
    const template = templates[sent % templates.length];
    if (!template || sent >= most || performance.now() >= endAt) return null;
    sent += 1;
    return template();
  };
  const onAnswer = (length: number) => {
    answered += 1;
    bytes += length;
  };
  await Promise.all(Array.from({ length: connections }, () => converse({ port, status, next, onAnswer })));
  const tookMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { answered, bytes, tookMs, cpuMs: (user + system) / 1000 };
}

/** Over one connection, until there is no next request. */
function converse({
  port,
  status,
  next,
  onAnswer,
}: {
  readonly port: number;
  readonly status: number;
  next(): Buffer | null;
  onAnswer(length: number): void;
}): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let head: Buffer | null = null;
    /** Bytes of the answer that are still to come. Null: not known before its head is here. */
    let missing: number | null = null;
    let whole = 0;

    const fail = (why: string) => {
      socket.destroy();
      reject(new Error(why));
    };
    const send = () => {
      const request = next();
      if (request) socket.write(request);
      else socket.end();
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => {
      if (missing !== null || head) reject(new Error('The server closed a connection inside an answer'));
      else resolve();
    });
    socket.on('data', (chunk: Buffer) => {
      if (missing === null) {
        const start: Buffer = head ? Buffer.concat([head, chunk]) : chunk;
        const length = lengthOf(start, status);
        if (length === null) {
          head = start;
          return;
        }
        if (typeof length === 'string') return fail(length);
        head = null;
        whole = length;
        missing = length - start.length;
      } else missing -= chunk.length;
      if (missing > 0) return;
      if (missing < 0) return fail('The server sent more than it had announced');
      missing = null;
      onAnswer(whole);
      send();
    });
  });
}

/** Of the whole answer. Null: its head is not all there. A text: it is not what was expected. */
function lengthOf(start: Buffer, status: number): number | string | null {
  const headLength = start.indexOf('\r\n\r\n') + 4;
  if (headLength < 4) return null;
  const head = start.toString('latin1', 0, headLength);
  if (!head.startsWith(`HTTP/1.1 ${status} `)) return `Expected status ${status}, but got ${start}`;
  if (status === 304) return headLength;
  const bodyLength = /^content-length: *(\d+)/im.exec(head)?.[1];
  return bodyLength ? headLength + Number(bodyLength) : `Expected a content-length, but got ${head}`;
}

function templateOf(request: string): () => Buffer {
  const bytes = Buffer.from(request);
  const places: number[] = [];
  for (let at = bytes.indexOf(marker); at >= 0; at = bytes.indexOf(marker, at + marker.length))
    places.push(at);
  if (places.length === 0) return () => bytes;
  return () => {
    // A copy, for what was written before may not have left yet.
    const copy = Buffer.from(bytes);
    const number = String(nextNumber++);
    for (const place of places) copy.write(number, place, 'latin1');
    return copy;
  };
}
