import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionAttack, dryRun, json, operationBytes, requestBytes, type Siege } from '../attack.js';
import { probedId, smallQuery } from '../probe.js';
import { ownTimeOf, type Target } from '../target.js';
import { largeIdStart } from '../upstream.js';
import { open } from '../wire.js';

const partOfHead = Buffer.from('POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
const mostBody = 1_048_576;
const bodyHead = requestBytes({
  method: 'POST',
  headers: [json, dryRun, ['content-length', String(mostBody)]],
});

/** Unlike `once` of `node:events`, does not reject when the server resets the connection. */
function happened(socket: Socket, event: 'connect' | 'close'): Promise<true> {
  return new Promise((resolve) => {
    if (socket.closed) resolve(true);
    else socket.once('close', () => resolve(true)).once(event, () => resolve(true));
  });
}

/** Within 10 seconds of the server's own time: it may still have the requests of the attack before. */
async function isClosedInTime(socket: Socket, server: Target): Promise<boolean> {
  const ownTime = await ownTimeOf(server);
  const closed = happened(socket, 'close');
  while (!(await Promise.race([closed, sleep(200, false)]))) {
    // What has come meanwhile is read while that is asked.
    if ((await ownTime()) > 10_000) return socket.closed;
  }
  return true;
}

/** Opens connections, does something with each, and closes them at the end of the phase. */
async function besiege(
  siege: Siege,
  count: number,
  run: (socket: Socket, nth: number) => Promise<void> | void,
): Promise<void> {
  const { server, signal } = siege;
  const sockets: Socket[] = [];
  for (let nth = 0; nth < count && !signal.aborted; nth += 1) {
    const socket = open(server.port);
    sockets.push(socket);
    siege.count('opened');
    socket.once('connect', () => void run(socket, nth));
    // In bursts that a backlog of connections takes.
    if (nth % 50 === 49) await sleep(10);
  }
  if (!signal.aborted) await once(signal, 'abort');
  const reset = sockets.filter((socket) => socket.destroyed).length;
  for (let nth = 0; nth < reset; nth += 1) siege.count('closed by the server');
  for (const socket of sockets) socket.resetAndDestroy();
}

async function drip(socket: Socket, bytes: Buffer, everyMs: number, signal: AbortSignal): Promise<void> {
  for (let at = 0; socket.writable && !signal.aborted; at += 1) {
    socket.write(bytes.subarray(at % bytes.length, (at % bytes.length) + 1));
    await sleep(everyMs);
  }
}

export const slowHeads: ConnectionAttack = {
  name: 'slow heads',
  target: 'open',
  hold: (siege) =>
    besiege(siege, 600, (socket) => {
      socket.resume().write(partOfHead);
      return drip(socket, Buffer.from('x'), 200, siege.signal);
    }),
};

export const slowBodies: ConnectionAttack = {
  name: 'slow bodies',
  target: 'open',
  hold: (siege) =>
    besiege(siege, 600, (socket) => {
      socket.resume().write(bodyHead);
      // All but the last bytes at once: the server must keep them until it has the rest.
      socket.write(Buffer.alloc(mostBody - 1_000, ' '));
      return drip(socket, Buffer.from(' '), 200, siege.signal);
    }),
};

export const idleConnections: ConnectionAttack = {
  name: 'idle connections',
  target: 'open',
  hold: (siege) =>
    besiege(siege, 3_000, (socket, nth) => {
      socket.resume();
      // A third is idle after a request.
      if (nth % 3 === 0) socket.write('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    }),
};

/** An answer of half a megabyte, which is sent whole. */
const mediumQuery = `{ creators(ids: ["${largeIdStart}000000000000000001"]) { prices { items { type price { amount } label } } } }`;
/** Answers that are sent piece by piece, whole or in parts. */
const largeQuery = `{ creators(ids: ["${largeIdStart}000000000000000001"]) { profile { raw } prices { raw } } }`;
const deferredQuery = `{ creator(id: "${largeIdStart}000000000000000001") { id ... @defer { prices { raw } } } }`;

/** These are asked before the attack, so that nothing in it has to be paid. */
export const warmedQueries = [smallQuery, mediumQuery, largeQuery];

const post = (query: string, accept = 'application/json') => operationBytes({ query }, [['accept', accept]]);

export const neverRead: ConnectionAttack = {
  name: 'clients that never read',
  target: 'open',
  hold: (siege) => {
    const requests = [
      post(mediumQuery),
      post(largeQuery),
      post(deferredQuery, 'multipart/mixed'),
      // Pipelined, so that the server has answers for a client that takes none.
      Buffer.concat(Array.from({ length: 50 }, () => post(mediumQuery))),
    ];
    return besiege(siege, 200, (socket, nth) => {
      socket.pause().write(requests[nth % requests.length] ?? '');
    });
  },
};

export const halfClosed: ConnectionAttack = {
  name: 'half-closed and reset',
  target: 'open',
  hold: async (siege) => {
    const { server, random, signal } = siege;
    const whole = operationBytes({ query: `{ creator(id: "${probedId}") { id } }` });
    const client = async () => {
      while (!signal.aborted) {
        const socket = open(server.port);
        await Promise.race([happened(socket, 'connect'), sleep(5_000)]);
        const kind = random.pick(['end after', 'end within', 'reset after', 'reset within'] as const);
        siege.count(kind);
        const bytes = kind.endsWith('after') ? whole : whole.subarray(0, random.whole(1, whole.length - 1));
        socket.write(bytes);
        if (kind.startsWith('reset')) {
          socket.resetAndDestroy();
          continue;
        }
        socket.end();
        // Whether a whole request is still answered depends on which comes first: its response, or the end of its sending side,
        // which is how a client disconnects.
        socket.resume();
        if (!(await isClosedInTime(socket, server)))
          siege.violate('A half-closed connection is still open after 10 s', bytes);
        socket.resetAndDestroy();
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
  },
};
