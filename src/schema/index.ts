import { specifiedDirectives } from 'graphql';
import { builder } from './builder.js';
import { defer, stream } from './incremental.js';
import './scalars.js';
import './profile.js';
import './prices.js';
import './cpMetrics.js';
import './recommendedVideos.js';
import './audienceTouch.js';
import './upstream.js';

builder.queryType({ description: 'What can be asked.' });

export const schema = builder.toSchema({ directives: [...specifiedDirectives, defer, stream] });
