import type { CountOptions, LeaseOptions, Refusal, SetOptions } from './store.js';

/**
 * What drivers keep under a key that have no such notions themselves, and how each operation changes it. Time is passed
 * in, in milliseconds since 1970.
 */
export interface Rec {
  readonly value: string;
  readonly version: number;
  /** From then on it isn't there. */
  readonly untilMs: number;
}

/** What becomes of a record: another one, none (null), or (undefined) nothing. */
export interface Change<T> {
  readonly to: Rec | null | undefined;
  readonly result: T;
}

export type Granted = Readonly<{ isGranted: true; version: number }>;

/** Who holds a lease, by version, until when, and how long that was when it was agreed. */
type Holders = readonly (readonly [version: number, untilMs: number, forMs: number])[];

/** For so long it is remembered how high the versions of a lease were; by then time itself is higher. */
const rememberVersionsMs = 60_000;

/** One that ends by more than this later than it can is over: the clock has been set back. */
const clocksDifferMs = 10_000;

export function living(record: Rec | null, nowMs: number): Rec | null {
  return record && record.untilMs > nowMs ? record : null;
}

export function toSet(
  record: Rec | null,
  value: string,
  { lifeMs = Number.POSITIVE_INFINITY, version }: SetOptions,
  nowMs: number,
): Change<boolean> {
  if (record && version !== undefined && record.version > version) return { to: undefined, result: false };
  return { to: { value, version: version ?? 0, untilMs: nowMs + lifeMs }, result: true };
}

export function toForget(record: Rec | null): Change<boolean> {
  return record ? { to: null, result: true } : { to: undefined, result: false };
}

export function toCount(
  record: Rec | null,
  { by, most, lifeMs }: CountOptions,
  nowMs: number,
): Change<number | null> {
  const total = (Number(record?.value ?? 0) || 0) + by;
  if (most !== undefined && by > 0 && total > most) return { to: undefined, result: null };
  if (by === 0) return { to: undefined, result: total };
  return {
    to: { value: String(total), version: 0, untilMs: record?.untilMs ?? nowMs + lifeMs },
    result: total,
  };
}

export function toLease(
  record: Rec | null,
  { most = 1, forMs }: LeaseOptions,
  nowMs: number,
): Change<Granted | Refusal> {
  const holders = holdersOf(record).filter(
    ([, untilMs, wasForMs]) => untilMs > nowMs && untilMs <= nowMs + wasForMs + clocksDifferMs,
  );
  const [soonest] = [...holders].sort(([, a], [, b]) => a - b);
  if (soonest && holders.length >= most) {
    return { to: undefined, result: { isGranted: false, heldBy: soonest[0], freeInMs: soonest[1] - nowMs } };
  }
  const version = Math.max(nowMs * 1000, (record?.version ?? 0) + 1);
  return {
    to: heldBy([...holders, [version, nowMs + forMs, forMs]], version, nowMs),
    result: { isGranted: true, version },
  };
}

export function toExtend(record: Rec | null, version: number, forMs: number, nowMs: number): Change<boolean> {
  const holders = holdersOf(record).filter(([, untilMs]) => untilMs > nowMs);
  if (!record || !holders.some(([other]) => other === version)) return { to: undefined, result: false };
  const extended = holders.map((holder) =>
    holder[0] === version ? ([version, nowMs + forMs, forMs] as const) : holder,
  );
  return { to: heldBy(extended, record.version, nowMs), result: true };
}

export function toRelease(record: Rec | null, version: number, nowMs: number): Change<void> {
  if (!record) return { to: undefined, result: undefined };
  const others = holdersOf(record).filter(([other]) => other !== version);
  return { to: heldBy(others, record.version, nowMs), result: undefined };
}

function holdersOf(record: Rec | null): Holders {
  try {
    return record ? (JSON.parse(record.value) as Holders) : [];
  } catch {
    return [];
  }
}

function heldBy(holders: Holders, version: number, nowMs: number): Rec {
  const lastMs = Math.max(nowMs, ...holders.map(([, untilMs]) => untilMs));
  return { value: JSON.stringify(holders), version, untilMs: lastMs + rememberVersionsMs };
}
