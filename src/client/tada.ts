import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './introspection.js';

/** Types a document by its text; nothing has to be generated for it. A scalar that is not named here is `unknown`. */
export const graphql = initGraphQLTada<{
  introspection: typeof introspection;
  scalars: {
    Date: string;
    DateTime: string;
    Decimal: string;
    // A number would round a 19-digit id.
    ID: string;
    JSONObject: Record<string, unknown>;
    SafeInt: number;
    URL: string;
  };
}>();
