import { parseCreatorId, xingtuUrl } from '../creatorId.js';
import { BadUserInputError } from '../errors.js';
import { builder } from './builder.js';
import { Node } from './node.js';

const mostCreators = 100;

export interface CreatorValue {
  readonly id: string;
}

export const Creator = builder.objectRef<CreatorValue>('Creator').implement({
  interfaces: [Node],
  description:
    'A Douyin creator (达人) on Xingtu. A creator costs nothing by itself. Each field but `id` and `xingtuUrl` costs one paid call, which is made only if the query names the field and no fresh answer is stored.',
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
      'One creator. Makes no call by itself, so it does not say whether the creator exists. Null, with BAD_USER_INPUT: the id is malformed.',
    args: {
      id: t.arg.id({
        required: true,
        description: 'An oAuthorId of 15 to 20 digits, or a xingtu.cn link with one in it.',
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
      'Up to 100 creators, in the order and number of `ids`. More than 100 ids fail the whole operation. A malformed id is null, with BAD_USER_INPUT at its index. When an id is repeated, its sections are paid for once.',
    args: {
      ids: t.arg.idList({
        required: true,
        description: 'oAuthorIds of 15 to 20 digits, or xingtu.cn links with one in each.',
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

/** GraphQL reports an Error in a list as the error at that index. The other items are not affected. */
export function creatorOrError(id: string): CreatorValue {
  try {
    return { id: parseCreatorId(id) };
  } catch (error) {
    if (error instanceof BadUserInputError) return error as unknown as CreatorValue;
    throw error;
  }
}
