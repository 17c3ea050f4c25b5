import { Client, fetchExchange, mapExchange } from '@urql/core';
import { type Cache, type CacheExchangeOpts, cacheExchange } from '@urql/exchange-graphcache';
import type { Cost } from './cost.js';
import { introspection } from './introspection.js';

const embedded = () => null;

/** The key of a creator that any query has brought. */
function knownCreator(cache: Cache, id: unknown): string | undefined {
  const creator = { __typename: 'Creator', id: String(id) };
  if (cache.resolve(creator, 'id') === undefined) return undefined;
  return cache.keyOfEntity(creator) ?? undefined;
}

export const cacheOptions: CacheExchangeOpts = {
  // It says which fields may be null. Without it, one malformed id among many leaves no data at all.
  schema: introspection,
  resolvers: {
    Query: {
      creator: (_, args, cache) => {
        const answered = cache.resolve('Query', 'creator', args);
        return answered === undefined ? knownCreator(cache, args['id']) : answered;
      },
      creators: (_, args, cache) => {
        const answered = cache.resolve('Query', 'creators', args);
        if (answered !== undefined) return answered;
        const creators = (args['ids'] as readonly string[]).map((id) => knownCreator(cache, id));
        return creators.includes(undefined) ? undefined : creators;
      },
    },
  },
  keys: {
    // One video has other figures in an earlier answer, and fewer in a search: each place keeps its own.
    Video: embedded,
    // The types that have no id.
    Money: embedded,
    MoneyByDuration: embedded,
    PriceByDuration: embedded,
    NaturalPlayPrice: embedded,
    IndustryTag: embedded,
    Tag: embedded,
    Mcn: embedded,
    TouchCategory: embedded,
    CreatorSearchItem: embedded,
    SearchIndices: embedded,
    ConnectedUserCounts: embedded,
    Dimension: embedded,
    Bucket: embedded,
    Stage: embedded,
    Index: embedded,
    ComparedRate: embedded,
    Upstream: embedded,
    Endpoint: embedded,
    Stop: embedded,
    Spend: embedded,
  },
};

/** `onCost` gets `extensions.cost` of each response that has it; with `@defer` it is in the last part. */
export function urqlClient(url: string, onCost: (cost: Cost) => void = () => {}): Client {
  const costExchange = mapExchange({
    onResult: ({ extensions }) => {
      if (extensions?.['cost']) onCost(extensions['cost']);
    },
  });
  return new Client({
    url,
    // With GET the browser would serve a response again from its own cache, with the cost that it had then.
    preferGetMethod: false,
    exchanges: [cacheExchange(cacheOptions), costExchange, fetchExchange],
  });
}
