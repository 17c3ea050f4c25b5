import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionBounds {
  /** More are closed when they are opened. */
  readonly most: number;
  /** A new connection that has sent nothing for so long is closed. */
  readonly silentForMs: number;
}

/** Not by `maxConnections`: node:cluster would pass a connection from one full worker to the next for ever. */
export function limitConnections(server: Server, { most, silentForMs }: ConnectionBounds): void {
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    if (connections >= most) {
      socket.destroy();
      return;
    }
    connections += 1;
    socket.once('close', () => {
      connections -= 1;
    });
    closeIfSilent(socket, silentForMs);
  });
}

/**
 * Clients open connections in advance. When its time for headers is over, node:http answers one that has sent nothing with
 * 408, which the client takes for the response to the request that it sends at that moment.
 */
function closeIfSilent(socket: Socket, afterMs: number): void {
  const timer = setTimeout(() => {
    if (socket.bytesRead === 0) socket.destroy();
  }, afterMs);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}

/** Responses to pipelined requests that wait behind another one of their connection. */
const waitingOn = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Closes a response when its connection is closed. node:http does so only for the response that the connection sends; one
 * that waits for its turn would be made for nobody, and held for ever.
 */
export function closeWithConnection(response: ServerResponse, socket: Socket): void {
  const waiting = waitingOn.get(socket) ?? startWaiting(socket);
  waiting.add(response);
  response.once('close', () => waiting.delete(response));
}

function startWaiting(socket: Socket): Set<ServerResponse> {
  const waiting = new Set<ServerResponse>();
  waitingOn.set(socket, waiting);
  socket.once('close', () => {
    for (const response of waiting) {
      if (response.socket) continue;
      response.destroy();
      response.emit('close');
    }
  });
  return waiting;
}
