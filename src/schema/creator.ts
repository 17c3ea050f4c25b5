import { parseCreatorId, xingtuUrl } from '../creatorId.js';
import { BadUserInputError } from '../errors.js';
import { endpointNames } from '../upstream/endpoints/table.js';
import { builder } from './builder.js';

const mostCreators = 100;

const sectionNames = new Intl.ListFormat('en-GB').format(endpointNames.map((name) => `\`${name}\``));

interface CreatorValue {
  readonly id: string;
}

export const Creator = builder.objectRef<CreatorValue>('Creator').implement({
  description: `A Douyin creator (达人) on Xingtu. Costs nothing by itself: each of the fields ${sectionNames} is one paid call, made only if the query names it and no fresh answer is at hand.`,
  fields: (t) => ({
    id: t.exposeID('id', {
      nullable: false,
      description: "The oAuthorId, Xingtu's id of the creator (星图达人 ID): 15 to 20 digits.",
    }),
    xingtuUrl: t.field({
      type: 'URL',
      nullable: false,
      description: "The creator's page on Xingtu, made from the id.",
      resolve: ({ id }) => xingtuUrl(id),
    }),
  }),
});

builder.queryField('creator', (t) =>
  t.field({
    type: Creator,
    description:
      'One creator. Calls nothing by itself, so it does not tell whether the creator exists. Null with BAD_USER_INPUT: the id is malformed.',
    args: {
      id: t.arg.id({
        required: true,
        description: 'An oAuthorId of 15 to 20 digits, or a xingtu.cn link that holds one.',
      }),
    },
    resolve: (_, { id }) => ({ id: parseCreatorId(id) }),
  }),
);

builder.queryField('creators', (t) =>
  t.field({
    type: [Creator],
    nullable: { list: false, items: true },
    description:
      'Up to 100 creators, in the order and number asked for; more ids fail the whole operation. A malformed id is null with BAD_USER_INPUT at its index. Of repeated ids each section is paid for once.',
    args: {
      ids: t.arg.idList({
        required: true,
        description: 'oAuthorIds of 15 to 20 digits, or xingtu.cn links that hold them.',
      }),
    },
    resolve: (_, { ids }) => {
      if (ids.length > mostCreators) {
        throw new BadUserInputError(
          `Expected at most ${mostCreators} ids, but got ${ids.length}. Ask for them in several operations.`,
        );
      }
      return ids.map(creatorOrError);
    },
  }),
);

/** GraphQL takes an error in a list for the error at that index, and leaves the neighbours alone. */
function creatorOrError(id: string): CreatorValue {
  try {
    return { id: parseCreatorId(id) };
  } catch (error) {
    if (error instanceof BadUserInputError) return error as unknown as CreatorValue;
    throw error;
  }
}
