import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLResolveInfo,
  parse,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { errorBytes } from '../../src/answerSize/answerSize.js';
import { measureOf } from '../../src/answerSize/measure.js';
import { outlineOf } from '../../src/answerSize/plannedSize.js';
import { bytesOf, createScales } from '../../src/answerSize/weight.js';
import { loadersOf, type SectionKey } from '../../src/loaders.js';
import { randomFrom } from '../../src/sandbox/random.js';
import { schema } from '../../src/schema/index.js';
import { openAnswer } from '../../src/upstream/cache/entry.js';
import type { Section } from '../../src/upstream/client.js';
import { type EndpointName, endpointNames, endpoints } from '../../src/upstream/endpoints/table.js';
import { operationsOf } from '../cost/randomOperation.js';
import { sandboxUpstream } from '../harness.js';

const seed = process.env['SIZE_SEED'] ?? String(Date.now() % 1_000_000_000);
const operationCount = 1_000;

const served = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const randomOperation = operationsOf(served);

const creatorIds = ['6629722295873044494', '6712345678901234502', '6700000000000000003'];

/** `data`, as JSON writes it. */
const bytesIn = ({ data }: ExecutionResult) => Buffer.byteLength(JSON.stringify(data ?? null));

describe("an answer's bound", () => {
  it(`is never less than the answer has, in ${operationCount} random operations (seed ${seed})`, {
    timeout: 60_000,
  }, async () => {
    const sections = await sandboxSections();
    let closest = 0;
    for (let nth = 0; nth < operationCount; nth += 1) {
      const random = randomFrom(`${seed} ${nth}`);
      const { query, variables, operationName } = randomOperation(
        random,
        () => creatorIds[random.whole(0, creatorIds.length - 1)] ?? '',
      );
      const { bound, result } = boundAndResult(parse(query), { ...variables }, operationName, sections);
      const bytes = bytesIn(result);
      expect(bytes, `${query}\n${JSON.stringify(variables)}`).toBeLessThanOrEqual(bound);
      closest = Math.max(closest, bytes / bound);
    }
    // Nor is it far from it, or it would refuse what could be answered.
    expect(closest).toBeGreaterThan(0.3);
  });
});

/** Executes what is at hand, as the server does. */
function boundAndResult(
  document: DocumentNode,
  variableValues: Record<string, unknown>,
  operationName: string | undefined,
  sections: ReadonlyMap<string, Section>,
): { readonly bound: number; readonly result: ExecutionResult } {
  const weightOf = createScales();
  let bound = 0;
  const load = (endpoint: EndpointName) => (key: SectionKey, info: GraphQLResolveInfo) => {
    const section = sections.get(sectionName(endpoint, key));
    if (!section) throw new Error('Only those of the sandbox are asked for');
    const { made, taken } = bytesOf(weightOf(info), measureOf(section));
    bound += made + taken;
    return section;
  };
  const args = { schema, document, variableValues, operationName };
  const result = execute({
    ...args,
    contextValue: {
      loaders: loadersOf((endpoint) => ({ load: load(endpoint) })),
      upstreamStatus: () => ({ isSandbox: true, environment: 'sandbox', endpoints: [], stop: null }),
    },
  }) as ExecutionResult;
  const { bytes, errors } = outlineOf(args);
  return { bound: bound + bytes + errors * errorBytes, result };
}

async function sandboxSections(): Promise<Map<string, Section>> {
  const { baseUrl } = await sandboxUpstream();
  const sections = new Map<string, Section>();
  for (const name of endpointNames) {
    for (const creatorId of creatorIds) {
      for (const platform of ['SHORT_VIDEO', 'LIVE_STREAMING', 'PICTURE_TEXT', 'SHORT_DRAMA'] as const) {
        const endpoint = endpoints[name];
        const query = new URLSearchParams({ token: 'sandbox', oAuthorId: creatorId, platform });
        const body = await (await fetch(`${baseUrl}${endpoint.path}?${query}`)).text();
        const { section } = openAnswer(
          { endpoint, creatorId, platform },
          { body, fetchedAtMs: 0, isSandbox: true },
        );
        sections.set(sectionName(name, { creatorId, platform }), section);
      }
    }
  }
  return sections;
}

function sectionName(endpoint: EndpointName, { creatorId, platform }: SectionKey): string {
  return `${endpoint} ${creatorId} ${platform}`;
}
