import { specifiedDirectives } from 'graphql';
import { builder } from './builder.js';
import { defer, stream } from './incremental.js';
// The fields of `Creator` have the order of these imports.
import './profile.js';
import './prices.js';
import './cpMetrics.js';
import './recommendedVideos.js';
import './audienceTouch.js';
import './performance.js';
import './audience.js';
import './followers.js';
import './connectedUsers.js';
import './indices.js';
import './latestVideos.js';
import './searchCreators.js';
import './unmodelled.js';
import './nodeField.js';
import './scalars.js';
import './spend.js';
import './upstream.js';
import { inOrderOfUse } from './orderOfUse.js';

builder.queryType({
  description:
    'What can be queried. Of these fields, only `searchCreators`, `unmodelled` and `node` can make a call by themselves.',
});

export const schema = inOrderOfUse(
  builder.toSchema({ directives: [...specifiedDirectives, defer, stream], sortSchema: false }),
);
