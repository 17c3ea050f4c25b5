import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, type InMemoryCacheConfig } from '@apollo/client';
import { Defer20220824Handler } from '@apollo/client/incremental';
import { tap } from 'rxjs';
import type { Cost } from './cost.js';
import { possibleTypes } from './possibleTypes.js';

// Apollo Client 4 takes the types of default options from this declaration.
declare module '@apollo/client' {
  namespace ApolloClient {
    namespace DeclareDefaultOptions {
      interface Query {
        errorPolicy: 'all';
      }
      interface WatchQuery {
        errorPolicy: 'all';
      }
    }
  }
}

const merged = { merge: true };

export const cacheOptions: InMemoryCacheConfig = {
  // Without this, a fragment on Section selects nothing.
  possibleTypes,
  typePolicies: {
    Query: {
      fields: {
        // A creator that any query has brought is found by the id.
        creator: (known, { args, toReference }) =>
          known === undefined ? toReference({ __typename: 'Creator', id: args?.['id'] }) : known,
        creators: (known, { args, toReference, canRead }) => {
          if (known !== undefined) return known;
          const ids: readonly string[] = args?.['ids'] ?? [];
          const creators = ids.map((id) => toReference({ __typename: 'Creator', id }));
          return creators.every(canRead) ? creators : undefined;
        },
      },
    },
    // One video has other figures in an earlier answer, and fewer in a search: each place keeps its own.
    Video: { keyFields: false },
    // Objects without an id are merged; otherwise two queries would remove each other's fields from the cache.
    PriceByDuration: merged,
    NaturalPlayPrice: merged,
    Money: merged,
    MoneyByDuration: merged,
    Mcn: merged,
    ComparedRate: merged,
    ConnectedUserCounts: merged,
    Index: merged,
    SearchIndices: merged,
    Stage: merged,
    Upstream: merged,
    Stop: merged,
  },
};

/** `onCost` gets `extensions.cost` of each response that has it; with `@defer` it is in the last part. */
export function apolloClient(uri: string, onCost: (cost: Cost, operationName?: string) => void = () => {}) {
  const costLink = new ApolloLink((operation, forward) =>
    forward(operation).pipe(
      tap(({ extensions }) => {
        if (extensions?.['cost']) onCost(extensions['cost'], operation.operationName);
      }),
    ),
  );
  return new ApolloClient({
    link: ApolloLink.from([costLink, new HttpLink({ uri })]),
    cache: new InMemoryCache(cacheOptions),
    // For @defer and @stream.
    incrementalHandler: new Defer20220824Handler(),
    // By default Apollo Client discards the data beside an error. Here a failed endpoint nulls its own field only.
    defaultOptions: { query: { errorPolicy: 'all' }, watchQuery: { errorPolicy: 'all' } },
  });
}
