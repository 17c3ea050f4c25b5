import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
} from 'graphql';

/** Names of aliases, fragments and operations. Every object in JavaScript already has some of them. */
export const names = [
  'a',
  'b',
  'c',
  'd',
  'e',
  'f',
  'on',
  'constructor',
  'toString',
  'query',
  'fragment',
] as const;

/** The parts of a schema that documents are made of. */
export interface Material {
  readonly query: GraphQLObjectType;
  /** The type of the argument of @include and @skip. */
  readonly condition: GraphQLInputType;
  readonly hasDefer: boolean;
  readonly hasStream: boolean;
  readonly fieldsOf: ReadonlyMap<GraphQLCompositeType, Fields>;
  /** The type conditions that a fragment within a type may have. */
  readonly typesWithin: ReadonlyMap<GraphQLCompositeType, readonly GraphQLCompositeType[]>;
}

interface Fields {
  readonly all: readonly Field[];
  readonly leaves: readonly Field[];
  /** Among them names of other fields. */
  readonly aliases: readonly string[];
}

export type Field = GraphQLField<unknown, unknown>;

export function materialOf(schema: GraphQLSchema): Material {
  const query = schema.getQueryType();
  const condition = schema.getDirective('include')?.args[0]?.type;
  if (!query || !condition) throw new Error('Expected a schema with a type for queries and @include(if:).');
  const composite = Object.values(schema.getTypeMap()).filter(isCompositeType);
  const possible = (type: GraphQLCompositeType) =>
    isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  const overlaps = (one: GraphQLCompositeType, other: GraphQLCompositeType) =>
    possible(one).some((type) => possible(other).includes(type));
  return {
    query,
    condition,
    hasDefer: schema.getDirective('defer') != null,
    hasStream: schema.getDirective('stream') != null,
    fieldsOf: new Map(composite.map((type) => [type, fieldsOf(type)])),
    typesWithin: new Map(composite.map((type) => [type, composite.filter((other) => overlaps(type, other))])),
  };
}

/** The types through which a search leads to the sections of creators. */
const onTheWay: ReadonlySet<string> = new Set(['CreatorSearchItem', 'Creator']);

function weightOf(field: Field, fields: readonly Field[]): number {
  if (isOnTheWay(getNamedType(field.type))) return Math.max(6, fields.length);
  return field.args.length > 0 ? 6 : 1;
}

/** Whether objects of this type lead to sections of creators. */
export function isOnTheWay({ name }: { readonly name: string }): boolean {
  return onTheWay.has(name);
}

/** Their calls depend on ids and parameters that random values do not have. They have tests of their own. */
const leftOut: ReadonlySet<string> = new Set(['node', 'unmodelled']);

function fieldsOf(type: GraphQLCompositeType): Fields {
  const all = 'getFields' in type ? Object.values(type.getFields()) : [];
  const fields = all.filter(({ name }) => !leftOut.has(name));
  return {
    // Fields with arguments are drawn more often: these cost calls. Fields of a search that lead to them even more.
    all: fields.flatMap((field) => Array<typeof field>(weightOf(field, fields)).fill(field)),
    leaves: fields.filter((field) => isLeafType(getNamedType(field.type))),
    aliases: [...names, ...fields.map(({ name }) => name)],
  };
}
