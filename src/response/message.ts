import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** A request without its body. */
export interface RequestHead {
  readonly method?: string | undefined;
  /** Path and query string, as sent. */
  readonly url?: string | undefined;
  /** Alternating names and values, as sent. */
  readonly rawHeaders: readonly string[];
  /** node:http parses them when they are first read. */
  readonly headers: IncomingHttpHeaders;
}

/** Bytes as characters up to 255. node:http sends such a string in one write with the headers. */
export type ByteString = string;

export interface ResponseMessage {
  readonly status: number;
  /** Alternating names and values. */
  readonly headers: readonly string[];
  readonly body: ByteString | AsyncIterable<Uint8Array>;
}

/** A response that is sent while it is made. */
export interface StreamMessage extends ResponseMessage {
  readonly body: Readable;
}

/** Answers any request. A response that is in the memo is returned without a promise. */
export type Respond = (
  request: RequestHead,
  /** The whole body. Null: a request of this method has none. */
  body: Buffer | null,
  /** Returns a signal that is aborted when the client disconnects. */
  hangUp: () => AbortSignal,
) => ResponseMessage | Promise<ResponseMessage>;

/** The body, for those who read a response in this process. It must not be compressed. */
export async function textOf({ body }: Pick<ResponseMessage, 'body'>): Promise<string> {
  if (typeof body === 'string') return Buffer.from(body, 'latin1').toString();
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString();
}
