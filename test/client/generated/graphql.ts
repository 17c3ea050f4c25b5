/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** What is sold (报价类型, upstream's video_type). Upstream may add types. A type that is not known here is OTHER; `typeCode` and `label` then say what it is. */
export type PriceType =
  /** A co-created video of which the creator is the lead (共创-主创达人). Upstream's code 90. The meaning is inferred. */
  | 'CO_CREATION_MAIN_CREATOR'
  /** A co-created video in which the creator takes part (共创-参与达人). Upstream's code 91. */
  | 'CO_CREATION_PARTICIPANT'
  /** A licence to download the material (下载). Upstream's code 105. */
  | 'LICENSE_DOWNLOAD'
  /** A licence to push several videos through the ad platform (多视频推送广告平台). Upstream's code 104. */
  | 'LICENSE_MULTI_PUSH'
  /** A licence to push one video through the ad platform (单视频推送广告平台). Upstream's code 103. */
  | 'LICENSE_SINGLE_PUSH'
  /** A short video that leads viewers to a live stream or arouses interest (短视频引流直播/种草). Upstream's code 150. Undocumented; independent sources agree. */
  | 'LIVE_SEEDING_VIDEO'
  /** A video paid by natural plays (自然播放量 CPM). Its price is per 1,000 natural plays, and is in `naturalPlay` only. Upstream's code 92. Undocumented; independent sources agree. */
  | 'NATURAL_PLAY_CPM'
  /** A type that is not known here. See `typeCode` and `label`. */
  | 'OTHER'
  /** A video of 1 to 20 seconds (1-20s视频). Upstream's code 1. */
  | 'VIDEO_1_20S'
  /** A video of 21 to 60 seconds (21-60s视频). Upstream's code 2. */
  | 'VIDEO_21_60S'
  /** A video longer than 60 seconds (60s以上视频). Upstream's code 71. */
  | 'VIDEO_OVER_60S';

export type ProfileThenPricesQueryVariables = Exact<{
  id: string;
}>;


export type ProfileThenPricesQuery = { creator: { id: string, profile: { id: string, name: string | null } | null } & ({ prices: { id: string, hasData: boolean } | null } | { prices?: never }) | null };

export type FollowersOverTimeQueryVariables = Exact<{
  id: string;
  maxAgeSeconds?: number | null | undefined;
}>;


export type FollowersOverTimeQuery = { creator: { id: string, profile: { id: string, followerCount: number | null, history: Array<{ fetchedAt: string, id: string, followerCount: number | null }> } | null } | null };

export type FollowersFragment = { id: string, followerCount: number | null };

export type CompareCreatorsQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type CompareCreatorsQuery = { creators: Array<{ id: string, profile: { name: string | null, followerCount: number | null, joinedAt: string | null, mcn: { name: string } | null } | null, prices: { items: Array<{ type: PriceType, price: { amount: string } | null }> } | null, cpMetrics: { viralRate: number | null, raw: Record<string, unknown> | null } | null } | null> };

export const FollowersFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Followers"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Profile"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"followerCount"}}]}}]} as unknown as DocumentNode<FollowersFragment, unknown>;
export const ProfileThenPricesDocument = {"__meta__":{"hash":"sha256:1f1cc4fcabe6eb8f9c5ad7c7f59f6447bfaeb3974be4c5fb57f7adbfc3f925e5"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ProfileThenPrices"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"creator"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"profile"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"InlineFragment","directives":[{"kind":"Directive","name":{"kind":"Name","value":"defer"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"prices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"hasData"}}]}}]}}]}}]}}]} as unknown as DocumentNode<ProfileThenPricesQuery, ProfileThenPricesQueryVariables>;
export const FollowersOverTimeDocument = {"__meta__":{"hash":"sha256:c30c6f0d5b48d02667094263c4ad54cedb2b3814d43ad2b543f104701a34cbe7"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"FollowersOverTime"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"maxAgeSeconds"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"creator"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"profile"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"maxAgeSeconds"},"value":{"kind":"Variable","name":{"kind":"Name","value":"maxAgeSeconds"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Followers"}},{"kind":"Field","name":{"kind":"Name","value":"history"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"IntValue","value":"5"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Followers"}},{"kind":"Field","name":{"kind":"Name","value":"fetchedAt"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Followers"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Profile"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"followerCount"}}]}}]} as unknown as DocumentNode<FollowersOverTimeQuery, FollowersOverTimeQueryVariables>;
export const CompareCreatorsDocument = {"__meta__":{"hash":"sha256:83af26a6955ee631689ec8bbbf44d27e055c254b54e4ea61fd67cb4630ba7d36"},"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CompareCreators"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"creators"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"profile"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"followerCount"}},{"kind":"Field","name":{"kind":"Name","value":"joinedAt"}},{"kind":"Field","name":{"kind":"Name","value":"mcn"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"prices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"items"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"price"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"amount"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"cpMetrics"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viralRate"}},{"kind":"Field","name":{"kind":"Name","value":"raw"}}]}}]}}]}}]} as unknown as DocumentNode<CompareCreatorsQuery, CompareCreatorsQueryVariables>;