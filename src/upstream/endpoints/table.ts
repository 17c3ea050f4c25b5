import { audience } from './audience.js';
import { audienceTouch } from './audienceTouch.js';
import { connectedUsers } from './connectedUsers.js';
import { cpMetrics } from './cpMetrics.js';
import type { Endpoint } from './endpoint.js';
import { followers } from './followers.js';
import { indices } from './indices.js';
import { latestVideos } from './latestVideos.js';
import { performance } from './performance.js';
import { prices } from './prices.js';
import { profile } from './profile.js';
import { recommendedVideos } from './recommendedVideos.js';
import { searchCreators } from './searchCreators.js';
import {
  type UnmodelledCreatorName,
  type UnmodelledVideoName,
  unmodelledOfCreator,
  unmodelledOfVideo,
} from './unmodelled.js';

/** Every endpoint, by name. All other lists of endpoints are derived from this one. */
export const endpoints = {
  profile,
  prices,
  cpMetrics,
  recommendedVideos,
  audienceTouch,
  performance,
  audience,
  followers,
  connectedUsers,
  indices,
  latestVideos,
  searchCreators,
  ...unmodelledOfCreator,
  ...unmodelledOfVideo,
} as const;

type Endpoints = typeof endpoints;

export type EndpointName = keyof Endpoints;

export const endpointNames = Object.keys(endpoints) as readonly EndpointName[];

/** The endpoints whose answers are decoded. Each has a field, and files, of its name. */
export const modelledNames = endpointNames.filter(
  (name) => !isUnmodelledOfCreator(name) && !isUnmodelledOfVideo(name),
);

export const unmodelledCreatorNames = endpointNames.filter(isUnmodelledOfCreator);

export const unmodelledVideoNames = endpointNames.filter(isUnmodelledOfVideo);

export function isUnmodelledOfCreator(name: string): name is UnmodelledCreatorName {
  return Object.hasOwn(unmodelledOfCreator, name);
}

export function isUnmodelledOfVideo(name: string): name is UnmodelledVideoName {
  return Object.hasOwn(unmodelledOfVideo, name);
}

export function isEndpointName(name: string): name is EndpointName {
  return Object.hasOwn(endpoints, name);
}

/** The arguments of a call to an endpoint. */
export type ArgsOf<Name extends EndpointName> =
  Endpoints[Name] extends Endpoint<Name, infer Args, object> ? Args : never;

/** What an endpoint's decoder returns. */
export type ValueOf<Name extends EndpointName> =
  Endpoints[Name] extends Endpoint<Name, infer _Args, infer Value> ? Value : never;
