import { getIntrospectionQuery } from 'graphql';
import { type DocumentedEndpoint, documentedEndpoints } from './documentedEndpoints.js';

const words = (bytes: number) => '达人内容'.repeat(Math.ceil(bytes / 12));
const list = <T>(length: number, make: (nth: number) => T) => Array.from({ length }, (_, nth) => make(nth));
const times = (length: number, field: (nth: number) => string) => list(length, field).join(' ');
const touch = (bytes: number) => ({ distribution_data: { name: words(bytes), cnt: 5 } });

/** Bodies near the limits of an answer of upstream: 8 MB, 50,000 values. */
const largeBodies: Record<DocumentedEndpoint, object> = {
  profile: { nick_name: words(3_000_000), content_theme_labels: list(20_000, () => words(180)) },
  prices: {
    price_info: list(4_000, (nth) => ({
      video_type: 1 + (nth % 2),
      desc: words(1_500),
      price: 1_000 + nth,
      enable: true,
      is_open: true,
    })),
  },
  cpMetrics: { expect_vv: { value: 5 }, unknown: words(7_000_000) },
  recommendedVideos: {
    newest_videos: list(3_500, (nth) => ({
      item_id: `7${String(nth).padStart(18, '0')}`,
      title: words(1_800),
    })),
  },
  audienceTouch: {
    video_touch: list(100, () => ({
      ...touch(600),
      second_distribution: list(10, () => ({ ...touch(500), three_distribution: list(9, () => touch(600)) })),
    })),
  },
};

/** Creators whose ids begin with 6 have large bodies, the others small ones. */
export const idsOf = (length: number, first: 6 | 7) =>
  JSON.stringify(list(length, (nth) => `${first}${String(nth).padStart(18, '0')}`));

/** Each keeps to the limits of documents (tokens, depth, aliases, directives) and to QUERY_MAX_CALLS. */
export const queries = {
  'one raw, 399 times, of 100 creators': `{ creators(ids: ${idsOf(100, 7)}) { ${times(399, (nth) => `a${nth}: profile { raw }`)} } }`,
  'one raw, 399 times': `{ creators(ids: ${idsOf(1, 6)}) { ${times(399, (nth) => `a${nth}: profile { raw }`)} } }`,
  'large raws that just fit': `{ creators(ids: ${idsOf(2, 6)}) { profile { raw } prices { raw } } }`,
  'more large raws than fit': `{ creators(ids: ${idsOf(100, 6)}) { recommendedVideos { raw } } }`,
  'long lists': `{ creators(ids: ${idsOf(1, 6)}) { prices { items { type price { amount } } } audienceTouch { categories { count children { count } } } } }`,
  'a value in long lists, 390 times': `{ creators(ids: ${idsOf(1, 6)}) { prices { items { ${times(390, (nth) => `a${nth}: typeCode`)} } } } }`,
  'links beside sections': `{ ${times(1, (nth) => `c${nth}: creators(ids: ${idsOf(100, 7)}) { ${times(190, (inner) => `u${inner}: xingtuUrl`)} }`)} }`,
  'malformed ids': `{ ${times(4, (nth) => `c${nth}: creators(ids: ${JSON.stringify(list(100, () => 'x'))}) { id }`)} }`,
  'long names': `{ creators(ids: ${idsOf(100, 7)}) { ${'k'.repeat(900_000)}: profile { name } } }`,
  introspection: getIntrospectionQuery(),
  'raws in parts': `{ creators(ids: ${idsOf(4, 6)}) { id ... @defer { profile { raw } } } }`,
};

/** An upstream's replies with these bodies. They are serialised once, so that the time goes to the server. */
export function replies(): (call: string) => { readonly body: Buffer } {
  const written = (bodies: Record<string, object>) =>
    new Map(
      documentedEndpoints.map((name) => [name, Buffer.from(JSON.stringify({ code: 0, data: bodies[name] }))]),
    );
  const large = written(largeBodies);
  const small = written({
    ...Object.fromEntries(documentedEndpoints.map((name) => [name, {}])),
    profile: { nick_name: 'x', follower: 5 },
  });
  return (call) => {
    const [name, id] = call.split(' ') as [DocumentedEndpoint, string];
    return { body: (id.startsWith('6') ? large : small).get(name) ?? Buffer.alloc(0) };
  };
}
