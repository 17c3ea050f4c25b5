import type { InputShapeFromFields, ObjectRef } from '@pothos/core';
import { BadUserInputError } from '../errors.js';
import { maxEarlierAnswers, maxLast } from '../responseSize/earlierAnswers.js';
import type { CreatorArgs } from '../upstream/endpoints/ofCreator.js';
import type { ArgsOf, EndpointName } from '../upstream/endpoints/table.js';
import type { SectionFacts, Section as SectionValue } from '../upstream/section.js';
import { builder, type SchemaTypes } from './builder.js';
import { Creator } from './creator.js';

const Platform = builder.enumType('Platform', {
  description:
    "What kind of content the creator publishes (平台). Upstream's answers are well known for SHORT_VIDEO only.",
  values: {
    SHORT_VIDEO: { description: "Short videos (短视频). This is upstream's default, too." },
    LIVE_STREAMING: {
      description:
        'Live streams (直播). Little is known: prices have other types, and other figures may be missing.',
    },
    PICTURE_TEXT: {
      description:
        'Posts of pictures and text (图文). Little is known: prices have other types, and other figures may be missing.',
    },
    SHORT_DRAMA: {
      description:
        'Short dramas (短剧). Little is known: prices have other types, and other figures may be missing.',
    },
  } as const,
});

/** An id for clients, who can compare it and read nothing from it. Different parts give different ids. */
export function opaqueId(...parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

const historyArgs = builder.args((t) => ({
  last: t.int({
    required: true,
    defaultValue: 10,
    description: `How many answers to list at most: 1 to ${maxLast}.`,
  }),
}));

const historyDescription = `Earlier answers of this section, fetched before it, the newest first. They are free, because they were paid for then. An answer is kept when its values differ from those of the answer before it, so each says since when its values held; the newest may have the values of this section. The signatures of links do not count. Answers are kept for HISTORY_DAYS, read as the server reads answers today, and never stale. An operation may list ${maxEarlierAnswers.toLocaleString('en-GB')}. Empty: there are none.`;

export const Section = builder.interfaceRef<SectionFacts<CreatorArgs>>('Section');

Section.implement({
  description:
    "The answer of one upstream endpoint about one creator on one platform. It costs one paid call, unless a fresh answer is stored. A section is null only if its call failed; `errors` then says why. If upstream has nothing on the creator, the section has `hasData: false`. Meanings and units are from upstream's documentation or samples, unless a description says something else.",
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description:
        'Opaque. It is the same for one creator, endpoint and platform, whatever `maxAgeSeconds` is, so that a normalised cache recognises the section. Each answer in `history` has an id of its own.',
      resolve: ({ key }) => opaqueId(key),
    }),
    platform: t.field({
      type: Platform,
      nullable: false,
      description: 'The platform that was queried.',
      resolve: ({ args }) => args.platform,
    }),
    hasData: t.exposeBoolean('hasData', {
      nullable: false,
      description:
        'False: upstream answered that it has nothing on this creator. The values are then null, and the lists empty. Such an answer is paid for and stored like any other.',
    }),
    fetchedAt: t.expose('fetchedAt', {
      type: 'DateTime',
      nullable: false,
      description: 'When upstream gave this answer.',
    }),
    isStale: t.exposeBoolean('isStale', {
      nullable: false,
      description:
        "True: the answer is older than `maxAgeSeconds`, or, if that is not given, than the endpoint's TTL. It is served because upstream gave nothing newer, or while a newer one is fetched. False in `history`.",
    }),
    history: t.field({
      type: [Section],
      nullable: false,
      description: historyDescription,
      args: historyArgs,
      // Each type has a field of its own, with its own type: see `addHistory`.
      resolve: () => [],
    }),
    raw: t.expose('raw', {
      type: 'JSONObject',
      description:
        "Upstream's own `data`, with its own names and units (fen, basis points, unix seconds), for what this schema does not have. It may change at any time. Null: there is no data.",
    }),
  }),
});

const sectionArgs = builder.args((t) => ({
  platform: t.field({
    type: Platform,
    required: true,
    defaultValue: 'SHORT_VIDEO',
    description: 'The platform to query. Each platform is a call of its own.',
  }),
  maxAgeSeconds: t.int({
    description:
      "How old a stored answer may be, in seconds. If it is older, the server waits for a new paid call; if that fails, it serves the stored answer with `isStale: true`. 0 always waits for a call, which may be one in flight. Null or not given: the endpoint's TTL; an older answer is then served at once with `isStale: true` while a newer one is fetched. If an operation gives several ages for one section, the strictest governs.",
  }),
}));

type FieldArgs = InputShapeFromFields<typeof sectionArgs>;

/** The arguments of a call about a creator on one of its platforms. */
export function aboutCreator(creatorId: string, { platform }: FieldArgs): CreatorArgs {
  return { creatorId, platform };
}

/** Adds a section to `Creator`, under its endpoint's name. `callArgs` makes the call's arguments from the field's. */
export function creatorSection<Name extends EndpointName>(
  name: Name,
  type: ObjectRef<SchemaTypes, SectionValue<Name>> & ObjectRef<SchemaTypes, SectionFacts>,
  what: string,
  callArgs: (creatorId: string, args: FieldArgs) => ArgsOf<Name>,
): void {
  const fieldType: ObjectRef<SchemaTypes, SectionFacts> = type;
  builder.objectField(Creator, name, (t) =>
    t.field({
      type: fieldType,
      description: `${what} One paid call, unless a fresh answer is stored. Null: the call failed; \`errors\` says why.`,
      args: sectionArgs,
      resolve: ({ id }, args, { loaders }, info): SectionFacts | Promise<SectionFacts> | null =>
        loaders.of(name).load(callArgs(id, args), maxAgeIn(args), info),
    }),
  );
  addHistory(type);
}

/** Gives a type that implements `Section` its own `history`, whose items have the same type. */
export function addHistory(type: ObjectRef<SchemaTypes, SectionFacts>): void {
  builder.objectField(type, 'history', (t) =>
    t.field({
      type: [type],
      nullable: false,
      description: historyDescription,
      args: historyArgs,
      resolve: (
        section,
        { last },
        { history },
        info,
      ): readonly SectionFacts[] | Promise<readonly SectionFacts[]> => history.load(section, last, info),
    }),
  );
}

/** Null: the endpoint's TTL. */
function maxAgeIn({ maxAgeSeconds }: FieldArgs): number | null {
  if (typeof maxAgeSeconds === 'number' && maxAgeSeconds < 0) {
    throw new BadUserInputError(`Expected maxAgeSeconds of at least 0, but got ${maxAgeSeconds}.`);
  }
  return maxAgeSeconds ?? null;
}
