import { readFileSync } from 'node:fs';
import { buildSchema, type DocumentNode, type ExecutionResult, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { HistoryLoader } from '../../src/history.js';
import type { Loaders } from '../../src/loaders.js';
import { errorBytes } from '../../src/responseSize/responseSize.js';
import { sectionSizeOf } from '../../src/responseSize/sectionSize.js';
import { createSelectionSizes, maxBytesOf } from '../../src/responseSize/selectionSize.js';
import { sizeWithoutSections } from '../../src/responseSize/sizeWithoutSections.js';
import { stringify } from '../../src/sandbox/bodies/body.js';
import { bodies } from '../../src/sandbox/bodies/table.js';
import { randomFrom } from '../../src/sandbox/random.js';
import { schema } from '../../src/schema/index.js';
import { openAnswer } from '../../src/upstream/cache/entry.js';
import { type Call, callOf } from '../../src/upstream/endpoints/call.js';
import { modelledNames } from '../../src/upstream/endpoints/table.js';
import { isSectionOf, type Section, type SectionFacts } from '../../src/upstream/section.js';
import { operationsOf } from '../cost/randomOperation.js';
import { seed } from '../seed.js';

const operationCount = 1_000;

const served = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const randomOperation = operationsOf(served);

const creatorIds = ['6629722295873044494', '6712345678901234502', '6700000000000000003'];

/** The length of `data` as JSON. */
const bytesIn = ({ data }: ExecutionResult) => Buffer.byteLength(JSON.stringify(data ?? null));

describe("a response's bound", () => {
  it(`is never less than the size of the response, in ${operationCount} random operations (seed ${seed})`, async () => {
    const sections = await sandboxSections();
    let closest = 0;
    let earlier = 0;
    for (let nth = 0; nth < operationCount; nth += 1) {
      const random = randomFrom(`${seed} ${nth}`);
      const { query, variables, operationName } = randomOperation(
        random,
        () => creatorIds[random.whole(0, creatorIds.length - 1)] ?? '',
      );
      const { bound, result, earlierCount } = boundAndResult(
        parse(query),
        { ...variables },
        operationName,
        sections,
      );
      const bytes = bytesIn(result);
      expect(bytes, `${query}\n${JSON.stringify(variables)}`).toBeLessThanOrEqual(bound);
      closest = Math.max(closest, bytes / bound);
      earlier += earlierCount;
    }
    // A bound far above the size would refuse answers that fit.
    expect(closest).toBeGreaterThan(0.3);
    expect(earlier).toBeGreaterThan(operationCount / 10);
    const asked = new Set([...sections.known.values()].map(({ endpoint }) => endpoint));
    expect([...asked].toSorted()).toEqual(modelledNames.toSorted());
  });
});

interface Sections {
  of(call: Call): Section;
  /** Those that were asked for. */
  readonly known: ReadonlyMap<string, Section>;
}

/** Executes with these sections, as the server does. */
function boundAndResult(
  document: DocumentNode,
  variableValues: Record<string, unknown>,
  operationName: string | undefined,
  sections: Sections,
): { readonly bound: number; readonly result: ExecutionResult; readonly earlierCount: number } {
  const selectionSizeOf = createSelectionSizes();
  let bound = 0;
  let earlierCount = 0;
  const loaders: Loaders = {
    of: (name) => ({
      load: (callArgs, _, info) => {
        const section = sections.of(callOf(name, callArgs));
        if (!isSectionOf(section, name)) throw new Error('Expected a section of the endpoint.');
        const { newBytes, bodyBytes } = maxBytesOf(selectionSizeOf(info), sectionSizeOf(section));
        bound += newBytes + bodyBytes;
        return section;
      },
    }),
  };
  const history: HistoryLoader = {
    load: (section, last, info) => {
      const earlier = earlierOf(section, sections.known).slice(0, last);
      for (const one of earlier) {
        const { newBytes, bodyBytes } = maxBytesOf(selectionSizeOf(info), sectionSizeOf(one));
        bound += newBytes + bodyBytes;
      }
      earlierCount += earlier.length;
      return earlier;
    },
  };
  const args = { schema, document, variableValues, operationName };
  const result = execute({
    ...args,
    contextValue: {
      loaders,
      history,
      allowsPersonalData: false,
      upstreamStatus: () => ({ isSandbox: true, environment: 'sandbox', endpoints: [], stop: null }),
    },
  }) as ExecutionResult;
  const { bytes, errors } = sizeWithoutSections(args);
  return { bound: bound + bytes + errors * errorBytes, result, earlierCount };
}

/** Two levels of a history are enough: each multiplies the sections. */
const mostLevels = 2;

/** Other sections of the endpoint, with the longest keys that earlier answers may have. */
function earlierOf(
  { endpoint, fetchedAt }: SectionFacts,
  sections: ReadonlyMap<string, Section>,
): readonly Section[] {
  const level = 1 - fetchedAt.getTime();
  if (level > mostLevels) return [];
  return [...sections.values()]
    .filter((section) => section.endpoint === endpoint)
    .slice(0, 3)
    .map((section) => ({
      ...section,
      fetchedAt: new Date(-level),
      key: `${section.key}@${Date.UTC(2026, 2, 1)}`,
    }));
}

/** What the sandbox answers, by the keys of the calls. A search finds somebody, whatever its keyword is. */
async function sandboxSections(): Promise<Sections> {
  const known = new Map<string, Section>();
  return {
    known,
    of: (call) => {
      const query = new URLSearchParams(call.endpoint.query(call.args));
      query.delete('keyword');
      const data = bodies[call.endpoint.name].data(query);
      const body = stringify({ code: 0, data });
      const section =
        known.get(call.key) ?? openAnswer(call, { body, fetchedAtMs: 0, isSandbox: true }).section;
      known.set(call.key, section);
      return section;
    },
  };
}
