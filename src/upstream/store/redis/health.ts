import { randomUUID } from 'node:crypto';
import { dayMs } from '../../../time.js';
import { format, formatKey, throwIfUnknownFormat } from '../format.js';
import type { RedisConnection } from './connection.js';
import { UnusableRedisError } from './unusableRedis.js';
import { decode, digitsOf, encode } from './value.js';

/** Long, because a process that was away from its Redis for longer takes it for one that has lost data. */
const beatLifeMs = 30 * dayMs;

/** So many keys are on several nodes of a cluster, unless one of them has nearly all slots. */
const slotKeys = Array.from({ length: 16 }, (_, nth) => `slot:${nth}`);

export interface RedisHealthOptions {
  readonly connection: RedisConnection;
  readonly keyPrefix: string;
  readonly onReplaced: () => void;
  readonly onWarnings: (warnings: readonly string[]) => void;
}

/** Whether a Redis can be used, has kept its data, and will keep it. */
export class RedisHealth {
  readonly #options: RedisHealthOptions;
  /** Of a count that only this process raises, at each look. If it is lower than before, the Redis has lost data. */
  readonly #beatKey = `beat:${randomUUID()}`;
  /** The last beat on each master, by its key. */
  readonly #beats = new Map<string, number>();
  #checkingBeats: Promise<void> | null = null;
  warnings: readonly string[] = [];
  #areWarningsTold = false;
  #areSlotsChecked = false;

  constructor(options: RedisHealthOptions) {
    this.#options = options;
  }

  /** Rejects if a master does not answer or can't be written, or if this server can't use the Redis. */
  async check(): Promise<void> {
    const { connection } = this.#options;
    connection.throwIfLost();
    try {
      await this.#checkSlots();
      await this.#checkBeats();
      await this.#checkFormat();
    } catch (error) {
      if (!connection.isCluster && error instanceof Error && error.message.startsWith('MOVED '))
        throw notSingle();
      throw error;
    }
    await this.#readWarnings();
    connection.forgetLastError();
  }

  /** The warnings are told again. */
  reconnected(): void {
    this.#areWarningsTold = false;
  }

  /** One node of a cluster refuses keys of other nodes with MOVED. A user who may not send INFO learns it only so. */
  async #checkSlots(): Promise<void> {
    const { connection, keyPrefix } = this.#options;
    if (connection.isCluster || this.#areSlotsChecked) return;
    await Promise.all(slotKeys.map((key) => connection.commands.exists(`${keyPrefix}${key}`)));
    this.#areSlotsChecked = true;
  }

  /** Writes on each master: writes can fail while reads succeed, on a replica, or when memory or disk is full. */
  #checkBeats(): Promise<void> {
    this.#checkingBeats ??= this.#compareBeats().finally(() => {
      this.#checkingBeats = null;
    });
    return this.#checkingBeats;
  }

  async #compareBeats(): Promise<void> {
    const { connection, keyPrefix, onReplaced } = this.#options;
    let hasLostData = false;
    const compareOn = async (key: string) => {
      const beat = await connection.commands.incr(key);
      if (beat <= (this.#beats.get(key) ?? 0)) hasLostData = true;
      this.#beats.set(key, beat);
      await connection.commands.pexpire(key, beatLifeMs);
    };
    const keys = connection.keyOnEachMaster(`${keyPrefix}${this.#beatKey}`);
    const comparisons = await Promise.allSettled(keys.map(compareOn));
    // Also if another master has failed.
    if (hasLostData) onReplaced();
    for (const comparison of comparisons) if (comparison.status === 'rejected') throw comparison.reason;
  }

  async #checkFormat(): Promise<void> {
    const { connection, keyPrefix } = this.#options;
    const key = `${keyPrefix}${formatKey}`;
    await connection.commands.setnx(key, encode(digitsOf(0), format));
    const found = await connection.commands.getBuffer(key);
    throwIfUnknownFormat(found && decode(found));
  }

  async #readWarnings(): Promise<void> {
    const { connection, onWarnings } = this.#options;
    const infos = await infosOf(connection);
    if (!connection.isCluster && infos.some((info) => valueIn(info, 'cluster_enabled') === '1')) {
      const clusterInfo = await connection.commands.cluster('INFO');
      if (Number(valueIn(String(clusterInfo), 'cluster_size')) > 1) throw notSingle();
    }
    this.warnings = [...new Set(infos.flatMap(evictionIn))];
    if (this.#areWarningsTold) return;
    this.#areWarningsTold = true;
    onWarnings(this.warnings);
  }

  /** Null: the user may not ask. */
  async bytes(): Promise<number | null> {
    const infos = await infosOf(this.#options.connection);
    const used = infos.map((info) => valueIn(info, 'used_memory'));
    return used.some((bytes) => bytes === null) ? null : used.reduce((sum, bytes) => sum + Number(bytes), 0);
  }
}

/** What each master says of itself. Empty: the user may not ask. */
function infosOf(connection: RedisConnection): Promise<string[]> {
  const infoOf = async (master: { info(): Promise<string> }) => {
    try {
      return await master.info();
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('NOPERM')) return '';
      throw error;
    }
  };
  return Promise.all(connection.masters().map(infoOf));
}

function valueIn(info: string, name: string): string | null {
  return new RegExp(`^${name}:([^\\r\\n]*)`, 'm').exec(info)?.[1] ?? null;
}

function evictionIn(info: string): string[] {
  const policy = valueIn(info, 'maxmemory_policy');
  const isBounded = Number(valueIn(info, 'maxmemory') ?? 0) > 0;
  if (!isBounded || policy === null || policy === 'noeviction') return [];
  return [
    `its Redis evicts when it is full (maxmemory-policy ${policy}), so paid answers, stops and the day's counts may be lost; set maxmemory-policy to noeviction`,
  ];
}

function notSingle(): UnusableRedisError {
  return new UnusableRedisError(
    'it is one node of a cluster; list several of its hosts: redis://HOST,HOST,HOST',
  );
}
