import type { InputShapeFromFields, ObjectRef } from '@pothos/core';
import { BadUserInputError } from '../errors.js';
import type { CreatorArgs } from '../upstream/endpoints/ofCreator.js';
import type { ArgsOf, EndpointName } from '../upstream/endpoints/table.js';
import type { SectionFacts, Section as SectionValue } from '../upstream/section.js';
import { builder, type SchemaTypes } from './builder.js';
import { Creator } from './creator.js';

export const Platform = builder.enumType('Platform', {
  description: 'Where the creator publishes. What upstream answers is well known for SHORT_VIDEO only.',
  values: {
    SHORT_VIDEO: { description: "Short videos (短视频), upstream's own default." },
    LIVE_STREAMING: {
      description:
        'Live streams (直播). Thinly known: prices have types of their own, other figures may be missing.',
    },
    PICTURE_TEXT: {
      description:
        'Picture posts (图文). Thinly known: prices have types of their own, other figures may be missing.',
    },
    SHORT_DRAMA: {
      description:
        'Short drama (短剧). Thinly known: prices have types of their own, other figures may be missing.',
    },
  } as const,
});

/** Tells one thing from all others, and nothing else. */
export function opaqueId(...parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

export const Section = builder.interfaceRef<SectionFacts<CreatorArgs>>('Section').implement({
  description:
    'The answer of one upstream endpoint about one creator on one platform: one paid call, unless it is still fresh here. The field that holds it is null only if the call failed, and then `errors` says why. A creator that upstream knows nothing of is a section with `hasData: false`.',
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description:
        'Opaque. The same for one creator, endpoint and platform, whatever age was asked for, so that a normalised cache joins on it.',
      resolve: ({ key }) => opaqueId(key),
    }),
    platform: t.field({
      type: Platform,
      nullable: false,
      description: 'The platform that was asked about.',
      resolve: ({ args }) => args.platform,
    }),
    hasData: t.exposeBoolean('hasData', {
      nullable: false,
      description:
        'False: upstream answered that it has nothing on this creator. Then values are null and lists are empty. Such an answer is paid for and kept like any other.',
    }),
    fetchedAt: t.expose('fetchedAt', {
      type: 'DateTime',
      nullable: false,
      description: 'When upstream gave this answer.',
    }),
    isStale: t.exposeBoolean('isStale', {
      nullable: false,
      description:
        'True: older than asked for (`maxAgeSeconds`, else the TTL), and served because upstream gave nothing newer, or while it is being asked for a newer one.',
    }),
    raw: t.expose('raw', {
      type: 'JSONObject',
      description:
        "Upstream's own `data`, in its own names and units (fen, basis points, unix seconds), for what is not modelled here. No promise of compatibility. Null without data.",
    }),
  }),
});

const sectionArgs = builder.args((t) => ({
  platform: t.field({
    type: Platform,
    required: true,
    defaultValue: 'SHORT_VIDEO',
    description: "Which of the creator's platforms to ask about. Each is a call of its own.",
  }),
  maxAgeSeconds: t.int({
    description:
      "The age of an answer, in seconds, that is still good enough; an older one is paid for anew, and waited for. 0 never takes a kept answer, though it joins a call under way. Not given: the endpoint's TTL, past which the old answer is served at once (`isStale`) while a newer one is fetched. Of several ages for one section in one operation the strictest governs.",
  }),
}));

type FieldArgs = InputShapeFromFields<typeof sectionArgs>;

/** The arguments of a call about a creator on one of its platforms. */
export function aboutCreator(creatorId: string, { platform }: FieldArgs): CreatorArgs {
  return { creatorId, platform };
}

/** Adds a section to `Creator`, under its endpoint's name. `callArgs`: from the field's arguments to the call's. */
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
      description: `${what} One paid call. Null: the call failed, see \`errors\`.`,
      args: sectionArgs,
      resolve: ({ id }, args, { loaders }, info): SectionFacts | Promise<SectionFacts> | null =>
        loaders.of(name).load(callArgs(id, args), maxAgeIn(args), info),
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
