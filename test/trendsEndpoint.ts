/**
 * An endpoint that is about no creator: text, a page and a range of days. The code is for a copy of the source, where a test
 * adds it.
 */
export const trends = {
  changes: [
    `
// src/upstream/endpoints/table.ts
+import { trends } from './trends.js';
   searchCreators,
+  trends,
`,
    `
// src/schema/index.ts
 import './searchCreators.js';
+import './trends.js';
`,
    `
// src/sandbox/bodies/table.ts
+import { trends } from './trends.js';
   searchCreators,
+  trends,
`,
  ],
  files: {
    'src/upstream/endpoints/trends.ts': `
import { z } from 'zod';
import type { Endpoint } from './endpoint.js';
import { words } from './lists.js';
import { read } from './reader.js';
import { shape } from './shape.js';

export interface TrendsArgs {
  readonly text: string;
  readonly page: number;
  readonly from: string;
  readonly to: string;
}

export interface Trends {
  readonly words: readonly string[];
}

const body = { trend_words: words };
const day = (text: string) => text.replaceAll('-', '');

export const trends: Endpoint<'trends', TrendsArgs, Trends> = {
  name: 'trends',
  path: '/trends/v1',
  ttlSeconds: 600,
  args: z.strictObject({ text: z.string(), page: z.int().min(1), from: z.iso.date(), to: z.iso.date() }),
  query: ({ text, page, from, to }) => ({ keyword: text, page_no: String(page), start: day(from), end: day(to) }),
  subject: () => null,
  badInputMessage: 'Upstream does not accept this text, page or range.',
  shape: shape({ reads: body }),
  isShapeExpected: () => true,
  mismatch: () => null,
  decode: (data, onDrift) => ({ words: read(body, data, onDrift).trend_words }),
};
`,
    'src/schema/trends.ts': `
import type { Section } from '../upstream/section.js';
import { builder } from './builder.js';

const Trends = builder.objectRef<Section<'trends'>>('Trends').implement({
  fields: (t) => ({ words: t.exposeStringList('words', { nullable: false }) }),
});

builder.queryField('trends', (t) =>
  t.field({
    type: Trends,
    args: {
      text: t.arg.string({ required: true }),
      page: t.arg.int({ required: true }),
      from: t.arg.string({ required: true }),
      to: t.arg.string({ required: true }),
    },
    resolve: (_, args, { loaders }, info) => loaders.of('trends').load(args, null, info),
  }),
);
`,
    'src/sandbox/bodies/trends.ts': `
import type { SandboxBody } from './body.js';

export const trends: SandboxBody = {
  path: '/trends/v1',
  data: (query) => ({ trend_words: [query.get('keyword')] }),
};
`,
  },
} as const;
