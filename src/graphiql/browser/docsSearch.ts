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
 * What has the text in its name or its description, which has the Chinese term in brackets. Names come before terms,
 * terms before other descriptions, and values of enums last; else the order is the schema's.
 */
export function searchDocs(schema: GraphQLSchema, text: string): readonly Found[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const rankOf = ({ type, member, description }: Found) => {
    const name = (member ?? type).name.toLowerCase();
    const said = description.toLowerCase();
    const isTerm = said.includes(`(${wanted})`);
    const rank =
      name === wanted ? 0 : name.includes(wanted) ? 1 : isTerm ? 2 : said.includes(wanted) ? 3 : null;
    return rank === null ? null : rank + (isEnumType(type) ? 4 : 0);
  };
  return Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type))
    .flatMap(entriesOf)
    .flatMap((found) => {
      const rank = rankOf(found);
      return rank === null ? [] : [{ found, rank }];
    })
    .sort((a, b) => a.rank - b.rank)
    .slice(0, mostFound)
    .map(({ found }) => found);
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
