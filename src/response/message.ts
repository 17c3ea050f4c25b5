import type { IncomingHttpHeaders } from 'node:http';

/** A request, read to its end. */
export interface RequestMessage {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Null: none came. */
  readonly body: Buffer | null;
}

/** Bytes as a string of characters up to 255: node:http sends them in one write with the headers. */
export type ByteString = string;

export interface ResponseMessage {
  readonly status: number;
  /** Names and values, by turns. */
  readonly headers: readonly string[];
  /** Whole, or in parts as they come. */
  readonly body: ByteString | AsyncIterable<Uint8Array>;
}

/** Answers any request. What is at hand comes at once, without a promise. */
export type Respond = (
  request: RequestMessage,
  /** Aborted when the client hangs up. */
  hangUp: () => AbortSignal,
) => ResponseMessage | Promise<ResponseMessage>;
