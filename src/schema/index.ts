import { specifiedDirectives } from 'graphql';
import { modelledNames } from '../upstream/endpoints/table.js';
import { builder } from './builder.js';
import { defer, stream } from './incremental.js';
import './nodeField.js';
import './scalars.js';
import './spend.js';
import './upstream.js';

// A section's file is named after its endpoint. The order of the endpoints becomes the order of the fields of `Creator`.
for (const name of modelledNames) await import(/* @vite-ignore */ `./${name}.js`);
await import('./unmodelled.js');

builder.queryType({
  description:
    'What can be queried. Of these fields, only `searchCreators` and `node` can make a call by themselves.',
});

export const schema = builder.toSchema({ directives: [...specifiedDirectives, defer, stream] });
