import {
  DirectiveLocation,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLString,
} from 'graphql';

const condition = {
  type: new GraphQLNonNull(GraphQLBoolean),
  defaultValue: true,
  description: 'False: as if the directive were not there.',
};

const label = {
  type: GraphQLString,
  description: 'Comes back with the part, to tell it from others. Each in a document is another.',
};

/** For clients that show what is there at once. The arguments are those that the executor knows. */
export const defer = new GraphQLDirective({
  name: 'defer',
  description:
    'Answers without this fragment at first, and sends it in a part of its own when its sections have come: the slow ones keep nobody waiting for the quick ones. Costs the same. Wants `Accept: multipart/mixed` or `text/event-stream`.',
  locations: [DirectiveLocation.FRAGMENT_SPREAD, DirectiveLocation.INLINE_FRAGMENT],
  args: {
    if: condition,
    label,
  },
});

export const stream = new GraphQLDirective({
  name: 'stream',
  description:
    'Answers with the first items of this list only, and sends the others in parts, in order. Costs the same. Wants `Accept: multipart/mixed` or `text/event-stream`.',
  locations: [DirectiveLocation.FIELD],
  args: {
    if: condition,
    label,
    initialCount: {
      type: GraphQLInt,
      defaultValue: 0,
      description: 'How many items are in the first answer. At least 0.',
    },
  },
});
