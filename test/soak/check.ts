import { errorCodes } from '../../src/errors.js';
import type { Answers } from '../bench/chaos/answers.js';
import { partsOf } from '../incrementalParts.js';
import type { Request } from './traffic.js';

export interface FreshnessLimits {
  readonly ttlMs: number;
  readonly staleMs: number;
}

interface Body {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
  readonly extensions?: { readonly cost?: Readonly<Record<string, number | boolean>> };
}

const known: ReadonlySet<unknown> = new Set(errorCodes);

/** The clocks of the processes are one, but a timer may fire late. */
const toleranceMs = 2_000;

/** Checks answers to requests, and collects what is wrong with them. */
export class Checker {
  readonly wrong: string[] = [];
  readonly errors = new Map<string, number>();
  readonly #first = new Map<string, string>();
  readonly #etags = new Map<string, string>();
  readonly #answers: Answers;
  readonly #limits: FreshnessLimits;

  constructor(answers: Answers, limits: FreshnessLimits) {
    this.#answers = answers;
    this.#limits = limits;
  }

  /** Headers that a client adds from what it was sent before. */
  headersFor({ kind, path }: Request): Record<string, string> {
    const etag = kind === 'etag' ? this.#etags.get(path) : undefined;
    return etag === undefined ? {} : { 'if-none-match': etag };
  }

  /** `startedAtMs`: when the request was sent. Returns how it ended: `ok`, `304` or the codes of its errors. */
  async check(request: Request, response: Response, startedAtMs: number): Promise<string> {
    if (response.status === 304) return '304';
    if (request.kind === 'csv') return this.#checkCsv(response.status, await response.text());
    if (request.kind === 'defer') return this.#checkParts(response);
    const text = await response.text();
    const etag = response.headers.get('etag');
    if (etag !== null) this.#etags.set(request.path, etag);
    if (request.kind === 'creators') await this.#answers.check(text);
    const body: Body = JSON.parse(text);
    const codes = this.#codesOf(body, request.kind);
    this.#checkCost(body, request);
    if (request.kind === 'freshness') this.#checkFreshness(body, startedAtMs);
    if (request.same !== null && codes.length === 0) this.#checkSame(request.same, JSON.stringify(body.data));
    return [...new Set(codes)].sort().join(' ') || 'ok';
  }

  #wrong(kind: string, what: string): void {
    this.wrong.push(`${kind}: ${what.slice(0, 400)}`);
  }

  #codesOf({ errors = [] }: Body, kind: string): string[] {
    return errors.map(({ message, extensions }) => {
      const code = String(extensions?.['code']);
      this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
      if (!known.has(code)) this.#wrong(kind, `an error with the code ${code}: ${message}`);
      if (typeof extensions?.['requestId'] !== 'string')
        this.#wrong(kind, `an error without a requestId: ${message}`);
      return code;
    });
  }

  #checkCost({ extensions, data }: Body, { kind }: Request): void {
    const cost = extensions?.cost;
    if (!cost) return;
    const { requestedCalls, paidCalls, cachedCalls, coalescedCalls, failedCalls } = cost as Record<
      string,
      number
    >;
    const sum = (paidCalls ?? 0) + (cachedCalls ?? 0) + (coalescedCalls ?? 0) + (failedCalls ?? 0);
    if (sum !== requestedCalls) this.#wrong(kind, `outcomes do not add up: ${JSON.stringify(cost)}`);
    if (kind === 'dry run' && (cost['dryRun'] !== true || data !== null)) {
      this.#wrong(kind, `executed: ${JSON.stringify(cost)}`);
    }
  }

  #checkFreshness({ data }: Body, startedAtMs: number): void {
    const { creator } = data as { readonly creator: Readonly<Record<string, Section | null>> };
    for (const [name, section] of Object.entries(creator)) {
      if (!section) continue;
      const { ttlMs, staleMs } = this.#limits;
      const fetchedAtMs = Date.parse(section.fetchedAt);
      const oldestMs = startedAtMs - ttlMs - (section.isStale ? staleMs : 0) - toleranceMs;
      if (fetchedAtMs < oldestMs || fetchedAtMs > Date.now() + toleranceMs) {
        this.#wrong('freshness', `${name} of ${section.fetchedAt} at ${new Date(startedAtMs).toISOString()}`);
      }
    }
  }

  #checkSame(name: string, data: string): void {
    const first = this.#first.get(name);
    if (first === undefined) this.#first.set(name, data);
    else if (first !== data) this.#wrong(name, `first ${first.slice(0, 150)}, then ${data.slice(0, 150)}`);
  }

  #checkCsv(status: number, text: string): string {
    const lines = text.trim().split('\n');
    if (status === 200 && lines.length !== 2) this.#wrong('csv', text);
    if (status !== 200 && (status < 400 || !text.endsWith('\n'))) this.#wrong('csv', `${status} ${text}`);
    return status === 200 ? 'ok' : String(status);
  }

  async #checkParts(response: Response): Promise<string> {
    const codes: string[] = [];
    let isComplete = false;
    for await (const { errors = [], incremental = [], hasNext } of partsOf(response)) {
      codes.push(
        ...this.#codesOf(
          { errors: [...errors, ...incremental.flatMap((part) => part.errors ?? [])] },
          'defer',
        ),
      );
      isComplete = hasNext === false || hasNext === undefined;
    }
    if (!isComplete) throw new Error('The connection was lost half-way.');
    return [...new Set(codes)].sort().join(' ') || 'ok';
  }
}

interface Section {
  readonly fetchedAt: string;
  readonly isStale: boolean;
}
