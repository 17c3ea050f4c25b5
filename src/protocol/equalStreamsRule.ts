import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  Kind,
  type ObjectFieldNode,
  OverlappingFieldsCanBeMergedRule,
  type ValidationContext,
  validate,
  visit,
} from 'graphql';

const argumentsDiffer = 'they have differing arguments';

/**
 * Fields that are one in the answer stream alike, or none of them does. GraphQL's own rule finds such fields, within a
 * budget, and compares their arguments: it is asked with what `@stream` says in the place of these.
 */
export function EqualStreamsRule(context: ValidationContext): ASTVisitor {
  let hasStream = false;
  return {
    Directive: ({ name }) => {
      hasStream ||= name.value === 'stream';
    },
    Document: {
      leave: (document) => {
        if (!hasStream) return;
        const streamsOnly = visit(document, { Field: { leave: withStreamOnly } });
        for (const { message, nodes } of validate(context.getSchema(), streamsOnly, [
          OverlappingFieldsCanBeMergedRule,
        ])) {
          // Of anything else the same rule tells by itself.
          if (!message.includes(argumentsDiffer)) continue;
          const told = message.replaceAll(argumentsDiffer, 'they have differing stream directives');
          context.reportError(new GraphQLError(told, { nodes: nodes ?? null }));
        }
      },
    },
  };
}

function withStreamOnly(field: FieldNode): FieldNode {
  const stream = field.directives?.find(({ name }) => name.value === 'stream');
  if (!stream) return { ...field, arguments: [] };
  const fields = (stream.arguments ?? []).map(
    ({ name, value }): ObjectFieldNode => ({ kind: Kind.OBJECT_FIELD, name, value }),
  );
  return {
    ...field,
    arguments: [{ kind: Kind.ARGUMENT, name: stream.name, value: { kind: Kind.OBJECT, fields } }],
  };
}
