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
  description: 'False: the directive has no effect.',
};

const label = {
  type: GraphQLString,
  description:
    'A name for the part, which the part carries in the response. It must be unique in the document.',
};

/** With the arguments that the executor supports. */
export const defer = new GraphQLDirective({
  name: 'defer',
  description:
    'Sends this fragment in a part of its own when its sections have arrived. The first part of the response does not wait for them. Costs the same as without it. Requires `Accept: multipart/mixed` or `text/event-stream`.',
  locations: [DirectiveLocation.FRAGMENT_SPREAD, DirectiveLocation.INLINE_FRAGMENT],
  args: {
    if: condition,
    label,
  },
});

export const stream = new GraphQLDirective({
  name: 'stream',
  description:
    'Sends only the first items of this list in the first part of the response, and the others in later parts, in order. Costs the same as without it. Requires `Accept: multipart/mixed` or `text/event-stream`.',
  locations: [DirectiveLocation.FIELD],
  args: {
    if: condition,
    label,
    initialCount: {
      type: GraphQLInt,
      defaultValue: 0,
      description: 'The number of items in the first part. At least 0.',
    },
  },
});
