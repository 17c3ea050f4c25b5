import {
  type ASTNode,
  type ASTVisitor,
  type DocumentNode,
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
 * Fields that are merged in the response must have equal `@stream` directives. graphql-js finds such fields within a
 * budget, and compares their arguments. So its rule runs on a copy of the document in which each field has the arguments
 * of its `@stream` instead of its own.
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
        const { copy, originalOf } = withStreamsOnly(document);
        const errors = validate(context.getSchema(), copy, [OverlappingFieldsCanBeMergedRule]);
        for (const { message, nodes } of errors) {
          // The same rule reports any other difference in the document itself.
          if (!message.includes(argumentsDiffer)) continue;
          const text = message.replaceAll(argumentsDiffer, 'they have differing stream directives');
          context.reportError(new GraphQLError(text, { nodes: nodes?.map(originalOf) ?? null }));
        }
      },
    },
  };
}

interface StreamsOnly {
  readonly copy: DocumentNode;
  /** The field of the document that a field of the copy was made from. */
  readonly originalOf: (node: ASTNode) => ASTNode;
}

function withStreamsOnly(document: DocumentNode): StreamsOnly {
  const originals = new Map<ASTNode, ASTNode>();
  const open: FieldNode[] = [];
  const copy = visit(document, {
    Field: {
      enter: (field) => void open.push(field),
      leave: (field) => {
        const changed = withStreamOnly(field);
        // On leaving, `field` is a copy already if a field inside it was changed.
        originals.set(changed, open.pop() ?? field);
        return changed;
      },
    },
  });
  return { copy, originalOf: (node) => originals.get(node) ?? node };
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
