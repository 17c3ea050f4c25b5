import type { CountOptions, LeaseOptions, Refusal, SetOptions } from './store.js';

/**
 * What memory and SQLite store under a key. The functions below implement the operations of `Store` as changes of a record.
 * They get the time as `nowMs`, in milliseconds since 1970.
 */
export interface StoredRecord {
  readonly value: string;
  readonly version: number;
  /** When the record expires. */
  readonly untilMs: number;
}

/** The result of an operation, and what replaces the record. */
export interface Change<T> {
  /** Null: the record is deleted. Undefined: it stays. */
  readonly to: StoredRecord | null | undefined;
  readonly result: T;
}

export type Granted = Readonly<{ isGranted: true; version: number }>;

/** `forMs`: how long the lease was granted for. */
type Holders = readonly (readonly [version: number, untilMs: number, forMs: number])[];

/** How long the last version of a lease is stored after its end. Later versions are higher by the time itself. */
const keepVersionMs = 60_000;

/**
 * How far the clocks of processes may differ. A lease that ends even later than that means that the clock was set back: it
 * has ended.
 */
export const maxClockDifferenceMs = 10_000;

export function unexpired(record: StoredRecord | null, nowMs: number): StoredRecord | null {
  return record && record.untilMs > nowMs ? record : null;
}

export function applySet(
  record: StoredRecord | null,
  value: string,
  { lifeMs = Number.POSITIVE_INFINITY, version }: SetOptions,
  nowMs: number,
): Change<boolean> {
  if (record && version !== undefined && record.version > version) return { to: undefined, result: false };
  return { to: { value, version: version ?? 0, untilMs: nowMs + lifeMs }, result: true };
}

export function applyForget(record: StoredRecord | null): Change<boolean> {
  return record ? { to: null, result: true } : { to: undefined, result: false };
}

export function applyCount(
  record: StoredRecord | null,
  { by, most, atLeast = 0, lifeMs }: CountOptions,
  nowMs: number,
): Change<number | null> {
  const stored = Number(record?.value ?? 0) || 0;
  const base = atLeast > 0 ? Math.max(stored, atLeast) : stored;
  const total = base + by;
  if (most !== undefined && by > 0 && total > most) return { to: undefined, result: null };
  if (total === stored) return { to: undefined, result: total };
  return {
    to: { value: String(total), version: 0, untilMs: record?.untilMs ?? nowMs + lifeMs },
    result: total,
  };
}

export function applyLease(
  record: StoredRecord | null,
  { most = 1, forMs }: LeaseOptions,
  nowMs: number,
): Change<Granted | Refusal> {
  const holders = holdersOf(record).filter(
    ([, untilMs, grantedForMs]) => untilMs > nowMs && untilMs <= nowMs + grantedForMs + maxClockDifferenceMs,
  );
  const [first] = [...holders].sort(([, a], [, b]) => a - b);
  if (first && holders.length >= most) {
    return { to: undefined, result: { isGranted: false, heldBy: first[0], freeInMs: first[1] - nowMs } };
  }
  const version = Math.max(nowMs * 1000, (record?.version ?? 0) + 1);
  return {
    to: leaseRecord([...holders, [version, nowMs + forMs, forMs]], version, nowMs),
    result: { isGranted: true, version },
  };
}

export function applyExtend(
  record: StoredRecord | null,
  version: number,
  forMs: number,
  nowMs: number,
): Change<boolean> {
  const holders = holdersOf(record).filter(([, untilMs]) => untilMs > nowMs);
  if (!record || !holders.some(([other]) => other === version)) return { to: undefined, result: false };
  const extended = holders.map((holder) =>
    holder[0] === version ? ([version, nowMs + forMs, forMs] as const) : holder,
  );
  return { to: leaseRecord(extended, record.version, nowMs), result: true };
}

export function applyRelease(record: StoredRecord | null, version: number, nowMs: number): Change<void> {
  if (!record) return { to: undefined, result: undefined };
  const others = holdersOf(record).filter(([other]) => other !== version);
  return { to: leaseRecord(others, record.version, nowMs), result: undefined };
}

function holdersOf(record: StoredRecord | null): Holders {
  try {
    return record ? (JSON.parse(record.value) as Holders) : [];
  } catch {
    return [];
  }
}

function leaseRecord(holders: Holders, version: number, nowMs: number): StoredRecord {
  const lastMs = Math.max(nowMs, ...holders.map(([, untilMs]) => untilMs));
  return { value: JSON.stringify(holders), version, untilMs: lastMs + keepVersionMs };
}
