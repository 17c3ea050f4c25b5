import { specifiedDirectives } from 'graphql';
import { endpointNames } from '../upstream/endpoints/table.js';
import { builder } from './builder.js';
import { defer, stream } from './incremental.js';
import './scalars.js';
import './upstream.js';

// The file of a section is called by its endpoint's name. In order, which is that of the fields of `Creator`.
for (const name of endpointNames) await import(/* @vite-ignore */ `./${name}.js`);

builder.queryType({ description: 'What can be asked.' });

export const schema = builder.toSchema({ directives: [...specifiedDirectives, defer, stream] });
