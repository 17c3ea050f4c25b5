import type { IncomingHttpHeaders } from 'node:http';

/** What comes before a request's body. */
export interface RequestHead {
  readonly method?: string | undefined;
  /** Path and query, as they were sent. */
  readonly url?: string | undefined;
  /** Names and values by turns, as they were sent. */
  readonly rawHeaders: readonly string[];
  /** What node:http makes of them, once it is asked to. */
  readonly headers: IncomingHttpHeaders;
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
  request: RequestHead,
  /** All of it. Null: a request of its method has none. */
  body: Buffer | null,
  /** Aborted when the client hangs up. */
  hangUp: () => AbortSignal,
) => ResponseMessage | Promise<ResponseMessage>;
