import { audienceTouch } from '../../../src/sandbox/bodies/audienceTouch.js';
import { type SandboxBody, stringify } from '../../../src/sandbox/bodies/body.js';
import { cpMetrics } from '../../../src/sandbox/bodies/cpMetrics.js';
import { prices } from '../../../src/sandbox/bodies/prices.js';
import { profile } from '../../../src/sandbox/bodies/profile.js';
import { recommendedVideos } from '../../../src/sandbox/bodies/recommendedVideos.js';
import type { Platform } from '../../../src/upstream/endpoints/ofCreator.js';
import { isAllFiller } from '../../../src/upstream/endpoints/reader.js';
import { endpoints } from '../../../src/upstream/endpoints/table.js';
import { type JsonObject, parseJson } from '../../../src/upstream/json.js';
import type { DocumentedEndpoint } from '../../documentedEndpoints.js';

/** What the sandbox makes up for each endpoint. */
export const bodies: Readonly<Record<DocumentedEndpoint, SandboxBody>> = {
  profile,
  prices,
  cpMetrics,
  recommendedVideos,
  audienceTouch,
};

/** The fields that are asked of a section beside `raw`: values that differ between creators. */
export const selections = {
  profile: 'name followerCount douyinUid tags { name children }',
  prices: 'items { label price { amount } isAvailable }',
  cpMetrics: 'expectedPlayCount viralRate expectedCpm { seconds21To60 { amount } }',
  recommendedVideos: 'newest { id playCount likeCount }',
  audienceTouch: 'categories { name count children { name count } }',
} as const satisfies Record<DocumentedEndpoint, string>;

/** What every answer about one section must have, as JSON texts, which are cheap to compare. */
export interface Truth {
  readonly hasData: boolean;
  readonly raw: string;
  readonly figures: string;
}

/** What the sandbox has of each section, read by our decoders. Remembered, because most sections are asked for often. */
export class Truths {
  readonly #known = new Map<string, Truth>();

  of(name: DocumentedEndpoint, creatorId: string, platform: Platform): Truth {
    const key = `${name} ${creatorId} ${platform}`;
    const known = this.#known.get(key);
    if (known) return known;
    const body = stringify(bodies[name].data(new URLSearchParams({ oAuthorId: creatorId, platform })) ?? {});
    const data = parseJson(body) as JsonObject;
    const { base_resp: _, ...own } = data;
    // Without prices, upstream has no data.
    const hasData = !isAllFiller(own);
    const value = endpoints[name].decode(data, () => {}, Date.now());
    const raw = JSON.stringify(hasData ? data : null);
    const truth = { hasData, raw, figures: figuresOf(name, value) };
    this.#known.set(key, truth);
    return truth;
  }
}

/** The selected fields of a section, in the order of the selection. */
export function figuresOf(name: DocumentedEndpoint, section: object): string {
  return JSON.stringify(pick(section, parseSelection(selections[name])));
}

type Selection = readonly { readonly key: string; readonly inner: Selection | null }[];

const parsed = new Map<string, Selection>();

function parseSelection(text: string): Selection {
  const known = parsed.get(text);
  if (known) return known;
  const tokens = text.split(/\s+/);
  const read = (): Selection => {
    const fields: { key: string; inner: Selection | null }[] = [];
    for (let token = tokens.shift(); token !== undefined && token !== '}'; token = tokens.shift()) {
      const last = fields.at(-1);
      if (token === '{' && last) last.inner = read();
      else fields.push({ key: token, inner: null });
    }
    return fields;
  };
  const selection = read();
  parsed.set(text, selection);
  return selection;
}

function pick(value: unknown, selection: Selection): unknown {
  if (Array.isArray(value)) return value.map((item) => pick(item, selection));
  if (typeof value !== 'object' || value === null) return value;
  const from = value as Readonly<Record<string, unknown>>;
  return selection.map(({ key, inner }) => [key, inner ? pick(from[key], inner) : from[key]]);
}
