import {
  BREAK,
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  separateOperations,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** Whether an operation names a section, even one that is skipped, or of no creator: something that could be paid for. */
export function namesSections(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName?: string | null,
): boolean {
  const chosen = separateOperations(document)[operationName ?? ''] ?? document;
  const typeInfo = new TypeInfo(schema);
  let names = false;
  const lookAtField = () => {
    const type = getNamedType(typeInfo.getType());
    if (!isObjectType(type) || type.getInterfaces().every(({ name }) => name !== 'Section')) return undefined;
    names = true;
    return BREAK;
  };
  visit(chosen, visitWithTypeInfo(typeInfo, { Field: lookAtField }));
  return names;
}
