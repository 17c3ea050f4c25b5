import { audienceTouch } from './audienceTouch.js';
import { cpMetrics } from './cpMetrics.js';
import type { Endpoint } from './endpoint.js';
import { prices } from './prices.js';
import { profile } from './profile.js';
import { recommendedVideos } from './recommendedVideos.js';

/** Every endpoint there is, under the name of its field of `Creator`. */
export const endpoints = { profile, prices, cpMetrics, recommendedVideos, audienceTouch } as const;

export type EndpointName = keyof typeof endpoints;

export const endpointNames = Object.keys(endpoints) as readonly EndpointName[];

/** What an endpoint's decoder makes of a body. */
export type ValueOf<Name extends EndpointName> =
  (typeof endpoints)[Name] extends Endpoint<Name, infer Value> ? Value : never;
