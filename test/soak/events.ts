import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/sandbox/random.js';
import type { Payments } from './payments.js';
import type { SoakServer } from './servers.js';
import type { SoakStore } from './store.js';
import type { SoakUpstream } from './upstream.js';

/** Something that happens, from its begin to its end. */
export type Happen = () => Promise<unknown>;

export interface EventsOptions {
  readonly servers: readonly SoakServer[];
  readonly workers: number;
  readonly store: SoakStore;
  readonly upstream: SoakUpstream;
  readonly payments: Payments;
  readonly random: Random;
  /** Lifts stops, as the operator does when there is balance again. */
  readonly resume: () => Promise<void>;
}

const pauseMs = 3_000;
const failMs = 3_000;
const noBalanceMs = 1_000;

/** Servers notice within this time that the store is back, and have then given it what they know. */
const noticeMs = 8_000;

/**
 * What may happen, by name. Only the first server is never ended, if there are others, so that there are processes whose
 * memory can be followed from the start to the end.
 */
export function eventsOf(options: EventsOptions): Readonly<Record<string, Happen>> {
  const { servers, workers, store, upstream, payments, random, resume } = options;
  const [first, ...others] = servers;
  const anyServer = () => random.pick(servers);
  const mortal = () => (others.length > 0 ? random.pick(others) : (first as SoakServer));
  const noteKill = () => payments.noteKill();
  return {
    'server killed': () => mortal().killAndStart(noteKill),
    'server restarted (SIGTERM)': () => mortal().restart(),
    'server paused': () => anyServer().pause(pauseMs),
    'upstream away': () => upstream.away(failMs),
    'upstream failing': () => upstream.failing(failMs),
    'no balance, until the operator resumes': async () => {
      await upstream.withoutBalance(noBalanceMs);
      await resume();
    },
    ...(workers > 1 && {
      'worker killed': () => mortal().killWorker(random.whole(0, workers - 1), noteKill),
      'workers reloaded (SIGHUP)': async () => mortal().reload(),
    }),
    ...Object.fromEntries(
      Object.entries(store.events).map(([name, happen]) => [
        name,
        async () => {
          const isBack = payments.storeAway();
          await happen(() => payments.noteEmptied());
          await sleep(noticeMs);
          isBack();
        },
      ]),
    ),
  };
}

/** Lets events happen at random times, one after the other, each once before any happens again. */
export async function runEvents(
  events: Readonly<Record<string, Happen>>,
  {
    random,
    everySeconds,
    isOver,
    onEvent,
    onOver,
  }: {
    readonly random: Random;
    readonly everySeconds: number;
    readonly isOver: () => boolean;
    readonly onEvent: (name: string) => void;
    readonly onOver: (name: string) => void;
  },
): Promise<void> {
  let left: string[] = [];
  for (;;) {
    await sleep(everySeconds * 1_000 * (0.5 + random.next()));
    if (isOver()) return;
    if (left.length === 0) left = Object.keys(events);
    const name = random.pick(left);
    left = left.filter((other) => other !== name);
    onEvent(name);
    await events[name]?.();
    onOver(name);
  }
}
