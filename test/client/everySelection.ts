import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
} from 'graphql';
import { audience } from '../../src/sandbox/bodies/audience.js';
import { connectedUsers } from '../../src/sandbox/bodies/connectedUsers.js';
import { followers } from '../../src/sandbox/bodies/followers.js';
import { indices } from '../../src/sandbox/bodies/indices.js';
import { latestVideos } from '../../src/sandbox/bodies/latestVideos.js';
import { performance } from '../../src/sandbox/bodies/performance.js';
import audienceTouch from '../../src/sandbox/samples/audience-touch.json' with { type: 'json' };
import cpMetrics from '../../src/sandbox/samples/cp-metrics.json' with { type: 'json' };
import prices from '../../src/sandbox/samples/prices.json' with { type: 'json' };
import profile from '../../src/sandbox/samples/profile.json' with { type: 'json' };
import recommendedVideos from '../../src/sandbox/samples/recommended-videos.json' with { type: 'json' };
import searchCreators from '../../src/sandbox/samples/search-creators.json' with { type: 'json' };
import { scriptedUpstream, success, type Upstream } from '../harness.js';

export const creatorId = '6629722295873044494';

export const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

export const objectTypes = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter(({ name }) => !name.startsWith('__'));

/** Whether a cache knows objects of this type by an id. A video has an id, but one place's figures are not another's. */
export function hasKey(type: GraphQLOutputType): boolean {
  return isObjectType(type) && type.name !== 'Video' && type.getFields()['id'] !== undefined;
}

/** Of types whose objects have no key: those that a field holds one of, and not a list. */
export function embeddedTypes(): string[] {
  const held = objectTypes.flatMap((type) =>
    Object.values(type.getFields()).map((field) => getNullableType(field.type)),
  );
  return [...new Set(held.filter(isObjectType).filter((type) => !hasKey(type)))].map(({ name }) => name);
}

/**
 * Everything of one creator and of upstream, but of one type every second field only. `id` is always there, and objects
 * without a key in lists are always whole: docs/clients.md says to select them so.
 */
export function selectionOf(type: GraphQLOutputType | null | undefined, halved: string, half = 0): string {
  if (!isObjectType(type)) return '';
  const fields = Object.values(type.getFields()).filter(
    ({ name }, nth) => name === 'id' || type.name !== halved || nth % 2 === half,
  );
  const selected = fields.flatMap((field) => {
    const named = getNamedType(field.type);
    // Kinds within kinds would have no end, and what needs arguments of its own is left out.
    if (['creators', 'node', 'unmodelled'].includes(field.name) || named === type) return [];
    // A creator again.
    if (type.name === 'CreatorSearchItem' && field.name === 'creator') return ['creator { id }'];
    const isWhole = isListType(getNullableType(field.type)) && !hasKey(named);
    const args = field.name === 'creator' ? `(id: "${creatorId}")` : '';
    return `${field.name}${args} ${selectionOf(named, isWhole ? '' : halved, half)}`;
  });
  return `{ ${selected.join(' ')} }`;
}

/** One that provides what the samples lack, too, so that no object of the schema is null but a stop. */
export async function fullUpstream(): Promise<Upstream> {
  const [row] = prices.data.price_info;
  const bodies: Record<string, object> = {
    profile: { ...profile.data, mcn_name: '某机构', mcn_introduction: '…' },
    prices: { ...prices.data, price_info: [{ ...row, price_extra_info: { floor_price: '1' } }] },
    cpMetrics: cpMetrics.data,
    recommendedVideos: recommendedVideos.data,
    audienceTouch: audienceTouch.data,
    performance: performance.sample,
    audience: audience.sample,
    followers: followers.sample,
    connectedUsers: connectedUsers.sample,
    indices: indices.sample,
    latestVideos: latestVideos.sample,
    searchCreators,
  };
  return scriptedUpstream((call) => success(bodies[endpointOf(call)] ?? {}));
}

export function endpointOf(call: string): string {
  return call.split(' ')[0] ?? '';
}
