import {
  type GraphQLEnumValue,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';

/** A type, a field of one, or a value of an enum. */
export interface Found {
  readonly type: GraphQLNamedType;
  readonly member: GraphQLField<unknown, unknown> | GraphQLInputField | GraphQLEnumValue | null;
  readonly description: string;
}

const mostFound = 50;

/**
 * What has the text in its name or its description, which has the Chinese term. Names come before descriptions, and
 * within each, whatever the schema names first.
 */
export function searchDocs(schema: GraphQLSchema, text: string): readonly Found[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const all = Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type))
    .flatMap(entriesOf);
  const nameOf = ({ type, member }: Found) => (member ?? type).name.toLowerCase();
  const byName = all.filter((one) => nameOf(one).includes(wanted));
  const byDescription = all.filter(
    (one) => !nameOf(one).includes(wanted) && one.description.toLowerCase().includes(wanted),
  );
  return [...byName, ...byDescription].slice(0, mostFound);
}

function entriesOf(type: GraphQLNamedType): readonly Found[] {
  const members = isEnumType(type)
    ? type.getValues()
    : isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
      ? Object.values(type.getFields())
      : [];
  return [null, ...members].map((member) => ({
    type,
    member,
    description: (member ?? type).description ?? '',
  }));
}
