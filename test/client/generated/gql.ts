/* eslint-disable */
import * as types from './graphql.js';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query ProfileThenPrices($id: ID!) {\n    creator(id: $id) {\n      id\n      profile {\n        id\n        name\n      }\n      ... @defer {\n        prices {\n          id\n          hasData\n        }\n      }\n    }\n  }\n": typeof types.ProfileThenPricesDocument,
    "\n  query FollowersOverTime($id: ID!, $maxAgeSeconds: Int) {\n    creator(id: $id) {\n      id\n      profile(maxAgeSeconds: $maxAgeSeconds) {\n        ...Followers\n        history(last: 5) {\n          ...Followers\n          fetchedAt\n        }\n      }\n    }\n  }\n  fragment Followers on Profile {\n    id\n    followerCount\n  }\n": typeof types.FollowersOverTimeDocument,
    "\n  query CompareCreators($ids: [ID!]!) {\n    creators(ids: $ids) {\n      id\n      profile {\n        name\n        followerCount\n        joinedAt\n        mcn {\n          name\n        }\n      }\n      prices {\n        items {\n          type\n          price {\n            amount\n          }\n        }\n      }\n      cpMetrics {\n        viralRate\n        raw\n      }\n    }\n  }\n": typeof types.CompareCreatorsDocument,
};
const documents: Documents = {
    "\n  query ProfileThenPrices($id: ID!) {\n    creator(id: $id) {\n      id\n      profile {\n        id\n        name\n      }\n      ... @defer {\n        prices {\n          id\n          hasData\n        }\n      }\n    }\n  }\n": types.ProfileThenPricesDocument,
    "\n  query FollowersOverTime($id: ID!, $maxAgeSeconds: Int) {\n    creator(id: $id) {\n      id\n      profile(maxAgeSeconds: $maxAgeSeconds) {\n        ...Followers\n        history(last: 5) {\n          ...Followers\n          fetchedAt\n        }\n      }\n    }\n  }\n  fragment Followers on Profile {\n    id\n    followerCount\n  }\n": types.FollowersOverTimeDocument,
    "\n  query CompareCreators($ids: [ID!]!) {\n    creators(ids: $ids) {\n      id\n      profile {\n        name\n        followerCount\n        joinedAt\n        mcn {\n          name\n        }\n      }\n      prices {\n        items {\n          type\n          price {\n            amount\n          }\n        }\n      }\n      cpMetrics {\n        viralRate\n        raw\n      }\n    }\n  }\n": types.CompareCreatorsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ProfileThenPrices($id: ID!) {\n    creator(id: $id) {\n      id\n      profile {\n        id\n        name\n      }\n      ... @defer {\n        prices {\n          id\n          hasData\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query ProfileThenPrices($id: ID!) {\n    creator(id: $id) {\n      id\n      profile {\n        id\n        name\n      }\n      ... @defer {\n        prices {\n          id\n          hasData\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FollowersOverTime($id: ID!, $maxAgeSeconds: Int) {\n    creator(id: $id) {\n      id\n      profile(maxAgeSeconds: $maxAgeSeconds) {\n        ...Followers\n        history(last: 5) {\n          ...Followers\n          fetchedAt\n        }\n      }\n    }\n  }\n  fragment Followers on Profile {\n    id\n    followerCount\n  }\n"): (typeof documents)["\n  query FollowersOverTime($id: ID!, $maxAgeSeconds: Int) {\n    creator(id: $id) {\n      id\n      profile(maxAgeSeconds: $maxAgeSeconds) {\n        ...Followers\n        history(last: 5) {\n          ...Followers\n          fetchedAt\n        }\n      }\n    }\n  }\n  fragment Followers on Profile {\n    id\n    followerCount\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CompareCreators($ids: [ID!]!) {\n    creators(ids: $ids) {\n      id\n      profile {\n        name\n        followerCount\n        joinedAt\n        mcn {\n          name\n        }\n      }\n      prices {\n        items {\n          type\n          price {\n            amount\n          }\n        }\n      }\n      cpMetrics {\n        viralRate\n        raw\n      }\n    }\n  }\n"): (typeof documents)["\n  query CompareCreators($ids: [ID!]!) {\n    creators(ids: $ids) {\n      id\n      profile {\n        name\n        followerCount\n        joinedAt\n        mcn {\n          name\n        }\n      }\n      prices {\n        items {\n          type\n          price {\n            amount\n          }\n        }\n      }\n      cpMetrics {\n        viralRate\n        raw\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;