import type { Redis } from 'ioredis';
import { later } from '../../../time.js';
import type { RedisHost } from './address.js';

/** How long the feed waits before it asks another node of a cluster. */
const nextNodeDelayMs = 20;

export interface ChangeFeedOptions {
  /** Opens a client that subscribes. Called again when the last one has ended. */
  readonly open: () => Redis;
  readonly channel: string;
  readonly onMessage: (message: string) => void;
  /** Called when the subscription begins, and again after each interruption, in which messages were missed. */
  readonly onSubscribed: () => void;
}

/** Hears what is published on a channel. */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  #subscriber: Redis;
  #isClosed = false;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    this.#subscriber = this.#open();
  }

  /** Goes on with a new connection. */
  reconnect(): void {
    this.#subscriber.disconnect(true);
  }

  /** The new connection may lead to another server, which publishes its own changes. */
  reconnectIfReady(): void {
    if (this.#subscriber.status === 'ready') this.reconnect();
  }

  /** A node that has left its cluster hears of no more changes. */
  leave({ host, port }: RedisHost): void {
    const { options } = this.#subscriber;
    if (options.host === host && options.port === port) this.reconnect();
  }

  close(): void {
    this.#isClosed = true;
    this.#subscriber.disconnect();
  }

  // With the ready check: without it ioredis takes a connection that is lost while connecting for ready, for ever.
  #open(): Redis {
    const { open, channel, onMessage, onSubscribed } = this.#options;
    const subscriber = open();
    // ioredis prints errors that have no listener.
    subscriber.on('error', () => {});
    subscriber.on('ready', () => void subscriber.subscribe(channel).then(onSubscribed, () => {}));
    subscriber.on('message', (_: string, message: string) => onMessage(message));
    subscriber.on('end', () => {
      if (this.#isClosed) return;
      later(nextNodeDelayMs, () => {
        if (!this.#isClosed) this.#subscriber = this.#open();
      });
    });
    return subscriber;
  }
}
