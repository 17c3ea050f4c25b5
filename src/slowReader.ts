import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface SlowReaderBounds {
  /** For every response, beside what its bytes take. */
  readonly graceMs: number;
  readonly leastBytesPerSecond: number;
  readonly checkEveryMs: number;
}

/**
 * Disconnects a client that takes a response more slowly than the bounds allow: the memory of the response would be held
 * as long as the client likes. The time in which the response itself is not ready does not count.
 */
export function disconnectSlowReader(
  response: ServerResponse,
  { graceMs, leastBytesPerSecond, checkEveryMs }: SlowReaderBounds,
): void {
  let startBytes = sentBytes(response.socket);
  let waitedMs = 0;
  const timer = setInterval(() => {
    // A response waits for its socket while earlier ones of its connection are not sent.
    const { socket } = response;
    if (!socket) return;
    startBytes ??= sentBytes(socket) ?? 0;
    if (socket.writableLength > 0) waitedMs += checkEveryMs;
    const allowedMs = graceMs + ((socket.bytesWritten - startBytes) / leastBytesPerSecond) * 1_000;
    if (waitedMs > allowedMs) response.destroy();
  }, checkEveryMs);
  timer.unref();
  response.once('close', () => clearInterval(timer));
}

/** Of all responses of its connection. */
function sentBytes(socket: Socket | null): number | null {
  return socket && socket.bytesWritten - socket.writableLength;
}
