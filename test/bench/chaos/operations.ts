import { type Random, randomFrom } from '../../../src/sandbox/random.js';
import type { Platform } from '../../../src/upstream/endpoints/ofCreator.js';
import { type DocumentedEndpoint, documentedEndpoints } from '../../documentedEndpoints.js';
import { selections } from './truth.js';

/** An operation of a client. */
export interface Operation {
  readonly query: string;
  readonly variables: object;
  /** When the client disconnects. Null: it stays. */
  readonly disconnectMs: number | null;
}

/** Operation number `n` of a run. It depends on the seed and the number alone. */
export function operationOf(seed: string, n: number, creators: number): Operation {
  const random = randomFrom(`${seed}:operation:${n}`);
  const anyId = () => String(7_000_000_000_000_000_000n + BigInt(random.whole(0, creators - 1)));
  const platform: Platform = random.chance(0.1) ? 'LIVE_STREAMING' : 'SHORT_VIDEO';
  const disconnectMs = random.chance(0.04) ? random.whole(0, 60) : null;
  const asked = kindOf(random, anyId);
  return {
    query: `query Chaos(${asked.takes}, $platform: Platform!) { ${asked.fields} }`,
    variables: { ...asked.variables, platform },
    disconnectMs,
  };
}

interface Asked {
  readonly takes: string;
  readonly fields: string;
  readonly variables: object;
}

function kindOf(random: Random, anyId: () => string): Asked {
  const draw = random.next();
  const ids = Array.from({ length: random.whole(2, 20) }, anyId);
  const [id = '', otherId = ''] = ids;
  const one = (fields: string, of: string = id): Asked => ({
    takes: '$id: ID!',
    fields: `creator(id: $id) { id ${fields} }`,
    variables: { id: of },
  });
  const many = (fields: string, of: readonly string[]): Asked => ({
    takes: '$ids: [ID!]!',
    fields: `creators(ids: $ids) { id ${fields} }`,
    variables: { ids: of },
  });

  if (draw < 0.4) return one(section(random, random.pick(documentedEndpoints)));
  if (draw < 0.65) return one(documentedEndpoints.map((name) => section(random, name)).join(' '));
  if (draw < 0.8) return many(someSections(random), ids);
  if (draw < 0.88) return many(someSections(random), [id, otherId, id, id]);
  if (draw < 0.93) {
    const name = random.pick(documentedEndpoints);
    return {
      takes: '$id: ID!, $otherId: ID!',
      fields: `a: creator(id: $id) { id ${section(random, name)} again: ${section(random, name)} }
        b: creator(id: $otherId) { id ${section(random, name)} }
        c: creator(id: $id) { id ${someSections(random)} }`,
      variables: { id, otherId },
    };
  }
  if (draw < 0.95) return one(someSections(random), random.pick(['12', 'zhangdaxian', '', `${id}0000`]));
  if (draw < 0.97) return many(someSections(random), [id, '12', otherId, 'https://example.com/']);
  return {
    ...one(''),
    fields: `upstream { callsToday callsTotal stop { code } endpoints { name health attempts p95Ms circuit drift } }
      creator(id: $id) { id profile(platform: $platform) { __typename platform hasData ${selections.profile} } }`,
  };
}

function someSections(random: Random): string {
  const names = documentedEndpoints.filter(() => random.chance(0.4));
  return (names.length > 0 ? names : documentedEndpoints.slice(0, 1))
    .map((name) => section(random, name))
    .join(' ');
}

function section(random: Random, name: DocumentedEndpoint): string {
  const raw = random.chance(0.5) ? 'raw' : '';
  return `${name}(platform: $platform) { __typename platform hasData id isStale fetchedAt ${selections[name]} ${raw} }`;
}
