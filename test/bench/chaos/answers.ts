import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorCodes } from '../../../src/errors.js';
import type { Platform } from '../../../src/upstream/endpoints/ofCreator.js';
import { type DocumentedEndpoint, documentedEndpoints } from '../../documentedEndpoints.js';
import { figuresOf, Truths } from './truth.js';

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly path?: readonly (string | number)[];
    readonly extensions?: { readonly code?: string };
  }[];
}

interface SectionAnswer {
  readonly __typename: string;
  readonly platform: Platform;
  readonly hasData: boolean;
  readonly raw?: unknown;
}

const codes: ReadonlySet<string> = new Set(errorCodes);

/** The fields of a creator that are sections. */
const sectionKeys: ReadonlySet<string> = new Set([...documentedEndpoints, 'again']);

/** The answers that clients got, and what is wrong with them. */
export class Answers {
  readonly #truths = new Truths();
  /** Sections by how they ended: `OK` or a code. */
  readonly outcomes = new Map<string, number>();
  readonly wrongData: string[] = [];
  readonly unexplained: string[] = [];

  /** Yields after each section, because upstream is in this process. */
  async check(text: string): Promise<void> {
    const { data, errors = [] }: Answer = JSON.parse(text);
    const codeAt = new Map<string, string>();
    for (const { path, extensions } of errors) {
      const code = extensions?.code ?? 'none';
      codeAt.set(String(path), code);
      if (!codes.has(code) || !path) this.unexplained.push(`${path}: ${JSON.stringify(errors)}`);
    }
    if (!data) this.unexplained.push(`no data: ${text.slice(0, 500)}`);
    for (const { path, creator } of creatorsIn(data ?? {})) {
      if (creator === null) {
        if (codeAt.get(String(path)) !== 'BAD_USER_INPUT') this.unexplained.push(`null at ${path}`);
        codeAt.delete(String(path));
        continue;
      }
      for (const [key, section] of Object.entries(creator)) {
        if (!sectionKeys.has(key)) continue;
        const at = String([...path, key]);
        const code = codeAt.get(at);
        codeAt.delete(at);
        this.#count(section === null ? (code ?? 'none') : 'OK');
        if (section === null && code === undefined) this.unexplained.push(`null at ${at}`);
        if (section !== null && code !== undefined) this.unexplained.push(`an error beside data at ${at}`);
        if (section !== null) this.#compare(creator.id, section as SectionAnswer);
        await nextTurn();
      }
    }
    for (const [path, code] of codeAt) this.unexplained.push(`${code} at ${path}, where nothing is null`);
  }

  #count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  #compare(creatorId: string, section: SectionAnswer): void {
    const name = endpointOf(section.__typename);
    const truth = this.#truths.of(name, creatorId, section.platform);
    const isRight =
      section.hasData === truth.hasData &&
      figuresOf(name, section) === truth.figures &&
      (section.raw === undefined || JSON.stringify(section.raw) === truth.raw);
    if (!isRight) this.wrongData.push(`${name} of ${creatorId}: ${JSON.stringify(section).slice(0, 500)}`);
  }
}

type CreatorAnswer = Readonly<Record<string, unknown>> & { readonly id: string };

function* creatorsIn(
  data: Readonly<Record<string, unknown>>,
): Generator<{ path: (string | number)[]; creator: CreatorAnswer | null }> {
  for (const [key, value] of Object.entries(data)) {
    if (key === 'upstream') continue;
    if (!Array.isArray(value)) yield { path: [key], creator: value as CreatorAnswer | null };
    else for (const [at, creator] of value.entries()) yield { path: [key, at], creator };
  }
}

/** `CpMetrics` → `cpMetrics` */
function endpointOf(typename: string): DocumentedEndpoint {
  return `${typename.charAt(0).toLowerCase()}${typename.slice(1)}` as DocumentedEndpoint;
}
