import { audienceTouch } from './endpoints/audienceTouch.js';
import { cpMetrics } from './endpoints/cpMetrics.js';
import type { Endpoint } from './endpoints/endpoint.js';
import { prices } from './endpoints/prices.js';
import { profile } from './endpoints/profile.js';
import { recommendedVideos } from './endpoints/recommendedVideos.js';

/** Every endpoint there is, under the name of its field of `Creator`. */
export const endpoints = { profile, prices, cpMetrics, recommendedVideos, audienceTouch } as const;

export type EndpointName = keyof typeof endpoints;

export const endpointNames = Object.keys(endpoints) as readonly EndpointName[];

/** What an endpoint's decoder makes of a body. */
export type ValueOf<Name extends EndpointName> =
  (typeof endpoints)[Name] extends Endpoint<Name, infer Value> ? Value : never;
