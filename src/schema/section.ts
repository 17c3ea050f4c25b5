import type { InputFieldMap, InputShapeFromFields, ObjectRef } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../context.js';
import { BadUserInputError } from '../errors.js';
import { maxEarlierAnswers, maxLast } from '../responseSize/earlierAnswers.js';
import type { CreatorArgs, Platform as PlatformValue } from '../upstream/endpoints/ofCreator.js';
import type { ArgsOf, EndpointName } from '../upstream/endpoints/table.js';
import type { SectionFacts, Section as SectionValue } from '../upstream/section.js';
import { builder, type SchemaTypes } from './builder.js';
import { Creator } from './creator.js';
import { Node, setSectionType } from './node.js';
import { opaqueId } from './opaqueId.js';
import { throwIfPersonal } from './personalData.js';
import { Platform, platformArgs } from './platform.js';

const historyArgs = builder.args((t) => ({
  last: t.int({
    required: true,
    defaultValue: 10,
    description: `How many answers to list at most: 1 to ${maxLast}.`,
  }),
}));

const historyDescription = `Earlier answers of this section, fetched before it, the newest first. They are free, because they were paid for then. An answer is kept when its values differ from those of the answer before it, so each says since when its values held; the newest may have the values of this section. The signatures of links do not count. Answers are kept for HISTORY_DAYS, read as the server reads answers today, and never stale. An operation may list ${maxEarlierAnswers.toLocaleString('en-GB')}. Empty: there are none.`;

export const Section = builder.interfaceRef<SectionFacts>('Section');

/** What every type of a section implements. Of fields with one name, the later one's counts. */
export const sectionInterfaces = [Node, Section];

Section.implement({
  description:
    "The answer of one upstream endpoint to one combination of arguments. It costs one paid call, unless a fresh answer is stored. A section is null only if its call failed; `errors` then says why. If upstream has nothing, the section has `hasData: false`. Meanings and units are from upstream's documentation or samples, unless a description says something else.",
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description:
        'Opaque. It is the same for one endpoint and one combination of arguments, whatever `maxAgeSeconds` is, so that a normalised cache recognises the section, and `node` finds it. Each answer in `history` has an id of its own, which `node` does not know.',
      resolve: ({ key }) => opaqueId(key),
    }),
    platform: t.field({
      type: Platform,
      description: 'The platform that was queried. Null: the endpoint has no platforms.',
      resolve: ({ args }) => platformIn(args),
    }),
    hasData: t.exposeBoolean('hasData', {
      nullable: false,
      description:
        'False: upstream answered that it has nothing. The values are then null, and the lists empty. Such an answer is paid for and stored like any other.',
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

const maxAgeArgs = builder.args((t) => ({
  maxAgeSeconds: t.int({
    description:
      "How old a stored answer may be, in seconds. If it is older, the server waits for a new paid call; if that fails, it serves the stored answer with `isStale: true`. 0 always waits for a call, which may be one in flight. Null or not given: the endpoint's TTL; an older answer is then served at once with `isStale: true` while a newer one is fetched. If an operation gives several ages for one section, the strictest governs.",
  }),
}));

type MaxAgeArgs = InputShapeFromFields<typeof maxAgeArgs>;

/** The arguments of a section's field, and what its call's arguments are. */
export interface FieldArgs<Fields extends InputFieldMap, Parent, CallArgs> {
  readonly fields: Fields;
  /** Throws BadUserInputError if a value can't be. */
  toCall(parent: Parent, args: InputShapeFromFields<Fields>): CallArgs;
}

interface CreatorParent {
  readonly id: string;
}

/** A call about a creator on one of its platforms. */
export const aboutCreator: FieldArgs<typeof platformArgs, CreatorParent, CreatorArgs> = {
  fields: platformArgs,
  toCall: ({ id }, { platform }) => ({ creatorId: id, platform }),
};

/** Adds a section to `Creator`, under its endpoint's name. */
export function creatorSection<Name extends EndpointName, Fields extends InputFieldMap>(
  name: Name,
  type: ObjectRef<SchemaTypes, SectionValue<Name>> & ObjectRef<SchemaTypes, SectionFacts>,
  what: string,
  args: FieldArgs<Fields, CreatorParent, ArgsOf<Name>>,
): void {
  builder.objectField(Creator, name, (t) => t.field(sectionField(name, type, what, args)));
  completeSection([name], type, 'platform' in args.fields);
}

/** The options of a field that loads a section. `name`: its endpoint, or how the field's arguments say which that is. */
export function sectionField<Name extends EndpointName, Fields extends InputFieldMap, Parent>(
  name: Name | ((args: InputShapeFromFields<Fields>) => Name),
  type: ObjectRef<SchemaTypes, SectionFacts>,
  what: string,
  { fields, toCall }: FieldArgs<Fields, Parent, ArgsOf<Name>>,
) {
  return {
    type,
    nullable: true as const,
    description: `${what} One paid call, unless a fresh answer is stored. Null: the call failed; \`errors\` says why.`,
    args: { ...fields, ...maxAgeArgs },
    resolve: (
      parent: Parent,
      args: object,
      context: Context,
      info: GraphQLResolveInfo,
    ): SectionFacts | Promise<SectionFacts> | null => {
      const fieldArgs = args as InputShapeFromFields<Fields>;
      const endpoint = typeof name === 'function' ? name(fieldArgs) : name;
      throwIfPersonal(endpoint, context);
      const callArgs = toCall(parent, fieldArgs);
      return context.loaders.of(endpoint).load(callArgs, maxAgeIn(args as MaxAgeArgs), info);
    },
  };
}

/** Gives the type of an endpoint's sections what narrows the interface's fields. */
export function completeSection(
  endpoints: readonly EndpointName[],
  type: ObjectRef<SchemaTypes, SectionFacts>,
  hasPlatform: boolean,
): void {
  for (const endpoint of endpoints) setSectionType(endpoint, type.name);
  addHistory(type);
  if (!hasPlatform) return;
  builder.objectField(type, 'platform', (t) =>
    t.field({
      type: Platform,
      nullable: false,
      description: 'The platform that was queried.',
      resolve: ({ args }) => platformIn(args) ?? 'SHORT_VIDEO',
    }),
  );
}

function platformIn(args: object): PlatformValue | null {
  return 'platform' in args ? (args.platform as PlatformValue) : null;
}

/** Gives it its own `history`, whose items have the same type. */
function addHistory(type: ObjectRef<SchemaTypes, SectionFacts>): void {
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
function maxAgeIn({ maxAgeSeconds }: MaxAgeArgs): number | null {
  if (typeof maxAgeSeconds === 'number' && maxAgeSeconds < 0) {
    throw new BadUserInputError(`Expected maxAgeSeconds of at least 0, but got ${maxAgeSeconds}.`);
  }
  return maxAgeSeconds ?? null;
}
