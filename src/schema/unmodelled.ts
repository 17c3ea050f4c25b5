import { BadUserInputError } from '../errors.js';
import { quote } from '../quote.js';
import { endpoints, unmodelledCreatorNames, unmodelledVideoNames } from '../upstream/endpoints/table.js';
import type { UnmodelledArgs } from '../upstream/endpoints/unmodelled.js';
import type { SectionFacts } from '../upstream/section.js';
import { builder } from './builder.js';
import { Creator } from './creator.js';
import { enumName } from './enumName.js';
import { completeSection, sectionField, sectionInterfaces } from './section.js';
import { EndpointName } from './upstream.js';

const Unmodelled = builder.objectRef<SectionFacts<UnmodelledArgs>>('Unmodelled').implement({
  description:
    "The answer of an endpoint that this schema does not model, since too little is known of it. The answer is `raw`, with upstream's own names and units.",
  interfaces: sectionInterfaces,
  fields: (t) => ({
    endpoint: t.expose('endpoint', {
      type: EndpointName,
      nullable: false,
      description: 'The endpoint that was asked.',
    }),
    parameters: t.field({
      type: 'JSONObject',
      nullable: false,
      description: "What was sent, with the vendor's own names and with the defaults, but without the id.",
      resolve: ({ args }) => args.parameters,
    }),
  }),
});

const parametersDescription =
  "The vendor's own parameters and values. Those of an endpoint, and their defaults, are in its description. Unknown ones, and values that can't be, are refused before a call is paid. Each combination is a call of its own. Null or not given: the defaults.";

const UnmodelledEndpoint = builder.enumType('UnmodelledEndpoint', {
  description: 'An endpoint about a creator whose answers this schema does not model.',
  values: Object.fromEntries(
    unmodelledCreatorNames.map((value) => [
      enumName(value),
      { value, description: endpoints[value].description },
    ]),
  ),
});

const UnmodelledVideoEndpoint = builder.enumType('UnmodelledVideoEndpoint', {
  description: 'An endpoint about a video whose answers this schema does not model.',
  values: Object.fromEntries(
    unmodelledVideoNames.map((value) => [
      enumName(value),
      { value, description: endpoints[value].description },
    ]),
  ),
});

const creatorFields = builder.args((t) => ({
  endpoint: t.field({ type: UnmodelledEndpoint, required: true, description: 'The endpoint to ask.' }),
  parameters: t.field({ type: 'JSONObject', description: parametersDescription }),
}));

const videoFields = builder.args((t) => ({
  endpoint: t.field({ type: UnmodelledVideoEndpoint, required: true, description: 'The endpoint to ask.' }),
  itemId: t.id({ required: true, description: "The video's id, as in `Video.id`: 15 to 20 digits." }),
}));

const what =
  "The answer of one of upstream's endpoints that this schema does not model, as it is. It is planned, paid for, stored and watched like every section.";

builder.objectField(Creator, 'unmodelled', (t) =>
  t.field(
    sectionField(({ endpoint }) => endpoint, Unmodelled, what, {
      fields: creatorFields,
      toCall: ({ id }: { readonly id: string }, { endpoint, parameters }) =>
        endpoints[endpoint].callArgs(id, parameters ?? {}),
    }),
  ),
);

builder.queryField('unmodelled', (t) =>
  t.field(
    sectionField(({ endpoint }) => endpoint, Unmodelled, what, {
      fields: videoFields,
      toCall: (_parent: object, { endpoint, itemId }) => endpoints[endpoint].callArgs(videoId(itemId), {}),
    }),
  ),
);

completeSection([...unmodelledCreatorNames, ...unmodelledVideoNames], Unmodelled, false);

function videoId(text: string): string {
  const id = text.trim();
  if (/^\d{15,20}$/.test(id)) return id;
  throw new BadUserInputError(
    `Expected a video's id of 15 to 20 digits, as in \`Video.id\`, but got ${quote(id)}.`,
  );
}
