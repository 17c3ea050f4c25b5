import type { EndpointName } from '../../upstream/endpoints/table.js';
import { audience } from './audience.js';
import { audienceTouch } from './audienceTouch.js';
import type { SandboxBody } from './body.js';
import { connectedUsers } from './connectedUsers.js';
import { cpMetrics } from './cpMetrics.js';
import { followers } from './followers.js';
import { indices } from './indices.js';
import { latestVideos } from './latestVideos.js';
import { performance } from './performance.js';
import { prices } from './prices.js';
import { profile } from './profile.js';
import { recommendedVideos } from './recommendedVideos.js';
import { searchCreators } from './searchCreators.js';
import { unmodelled } from './unmodelled.js';

/** Each endpoint's body, by the endpoint's name. */
export const bodies: Readonly<Record<EndpointName, SandboxBody>> = {
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
  ...unmodelled,
};
