import { builtServer, type Program, startProgram } from '../bench/program.js';
import type { Request } from './traffic.js';

/** What the reference server answered. */
export interface Expected {
  readonly status: number;
  readonly text: string;
}

const remembered = 20_000;

/**
 * A server of its own, with the sandbox that is built in and in memory, to which nothing happens. It says what the right
 * answer to a request is, since the sandbox makes a creator up from the id alone.
 */
export class Reference {
  readonly #program: Program;
  readonly #known = new Map<string, Promise<Expected>>();

  private constructor(program: Program) {
    this.#program = program;
  }

  static async start(env: Readonly<Record<string, string>>): Promise<Reference> {
    const own = { PORT: '0', LOG_LEVEL: 'error', STORE_URL: 'memory:', QUERY_TIMEOUT_MS: '600000' };
    return new Reference(await startProgram(builtServer, { ...env, ...own }));
  }

  answerTo({ path, method, headers, body }: Request): Promise<Expected> {
    // In parts or whole, the answer is the same.
    const whole = body?.replace('@defer', '') ?? null;
    const asked = { ...headers, accept: 'application/json' };
    const key = JSON.stringify([path, method, asked, whole]);
    const known = this.#known.get(key) ?? this.#ask(path, { method, headers: asked, body: whole });
    this.#known.delete(key);
    this.#known.set(key, known);
    const [oldest = ''] = this.#known.size > remembered ? this.#known.keys() : [];
    this.#known.delete(oldest);
    return known;
  }

  async close(): Promise<void> {
    await this.#program.end();
  }

  async #ask(path: string, request: RequestInit): Promise<Expected> {
    const response = await fetch(new URL(path, this.#program.url), request);
    return { status: response.status, text: await response.text() };
  }
}
