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

/** Whether an operation selects a section, even one that is skipped or of no creator. Only sections can cost anything. */
export function selectsSections(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName?: string | null,
): boolean {
  const chosen = separateOperations(document)[operationName ?? ''] ?? document;
  const typeInfo = new TypeInfo(schema);
  let isFound = false;
  const visitField = () => {
    const type = getNamedType(typeInfo.getType());
    if (!isObjectType(type) || type.getInterfaces().every(({ name }) => name !== 'Section')) return undefined;
    isFound = true;
    return BREAK;
  };
  visit(chosen, visitWithTypeInfo(typeInfo, { Field: visitField }));
  return isFound;
}
