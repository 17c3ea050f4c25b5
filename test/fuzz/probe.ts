import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';

export interface ProbeOptions {
  readonly url: string;
  /** Another server, which does nothing. It shows what the machine itself takes. */
  readonly bareUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a small query took, in milliseconds. */
export interface Probed {
  readonly tookMs: readonly number[];
  readonly bareMs: readonly number[];
  /** Answers that were wrong. */
  readonly wrong: readonly string[];
}

/** A client with a small query, in a process of its own, so that the attackers' work does not count. */
export interface Probe {
  /** What it has measured since it was asked last. */
  take(): Promise<Probed>;
  close(): Promise<void>;
}

const everyMs = 15;
const withinMs = 30_000;

export const probedId = '7999999999999999999';
export const smallQuery = `{ creator(id: "${probedId}") { id profile { name } } }`;

export function startProbe(options: ProbeOptions): Probe {
  const child = fork(fileURLToPath(new URL('probeProgram.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const ended = once(child, 'exit');
  child.send(options);
  return {
    take: async () => {
      const gone = ended.then(() => Promise.reject(new Error('The probe ended before its answer')));
      child.send('take');
      const [probed] = await Promise.race([once(child, 'message'), gone]);
      return probed as Probed;
    },
    close: async () => {
      child.disconnect();
      await ended;
    },
  };
}

/** Asks one server after the other, again and again. Returns a function that gives what was measured, and begins anew. */
export function runProbe({ url, bareUrl, headers }: ProbeOptions): () => Probed {
  const limits = { connections: 1, headersTimeout: withinMs, bodyTimeout: withinMs };
  const pools = { server: new Pool(new URL(url).origin, limits), bare: new Pool(bareUrl, limits) };
  let measured = { tookMs: [] as number[], bareMs: [] as number[], wrong: [] as string[] };
  const request = {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: smallQuery }),
  } as const;

  async function ask(pool: Pool): Promise<{ readonly ms: number; readonly text: string }> {
    const startedAt = performance.now();
    const { body } = await pool.request(request);
    const text = await body.text();
    return { ms: performance.now() - startedAt, text };
  }

  async function askBoth(): Promise<void> {
    const { tookMs, bareMs, wrong } = measured;
    try {
      bareMs.push((await ask(pools.bare)).ms);
      const { ms, text } = await ask(pools.server);
      tookMs.push(ms);
      if (!text.includes(`"id":"${probedId}"`) || text.includes('"errors"')) wrong.push(text.slice(0, 300));
    } catch (error) {
      wrong.push(String(error));
    }
    setTimeout(askBoth, everyMs);
  }
  void askBoth();
  return () => {
    const taken = measured;
    measured = { tookMs: [], bareMs: [], wrong: [] };
    return taken;
  };
}
