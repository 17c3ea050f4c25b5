import type { GraphQLOutputType } from 'graphql';
import { parseCreatorId } from '../creatorId.js';
import { BadUserInputError } from '../errors.js';
import { quote } from '../quote.js';
import { callWithKey } from '../upstream/endpoints/call.js';
import { builder } from './builder.js';
import { Node, type NodeValue, sectionTypeOf } from './node.js';
import { partsOfId } from './opaqueId.js';
import { throwIfPersonal } from './personalData.js';

builder.queryField('node', (t) =>
  t.field({
    type: Node,
    description:
      "The object with this `id`. A creator's costs nothing, and exists for every well-formed id. A section's costs what the section costs: one paid call, unless a fresh answer is stored. Null: the call failed, or, with BAD_USER_INPUT, no object has such an id.",
    args: {
      id: t.arg.id({
        required: true,
        description: 'The `id` of a creator or a section. The ids of earlier answers are not known.',
      }),
    },
    resolve: (_, { id }, context, info): NodeValue | Promise<NodeValue> | null => {
      const key = partsOfId(id);
      if (key === null) return { id: parseCreatorId(id) };
      const call = key.length === 1 ? callWithKey(key[0] ?? '') : null;
      if (!call) {
        throw new BadUserInputError(
          `${quote(id)} is the id of no creator and no section that can be fetched.`,
        );
      }
      const { name } = call.endpoint;
      // Its type says what can be selected of it.
      const returnType = info.schema.getType(sectionTypeOf(name)) as GraphQLOutputType;
      throwIfPersonal(name, context);
      return context.loaders.of(name).load(call.args as never, null, { ...info, returnType });
    },
  }),
);
