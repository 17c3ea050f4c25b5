import { GraphQLSchema, isObjectType } from 'graphql';

/** The interface whose fields every section has. */
const shared = 'Section';

/**
 * The schema in the order in which a reader meets it: types as they are reached from `Query`, and in a section, what it
 * says before what every section has. Introspection and GraphiQL show this order.
 */
export function inOrderOfUse(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const section = type.getInterfaces().find(({ name }) => name === shared);
    // Pothos puts the fields of interfaces first. This is the type's own map, and not a copy.
    const fields = type.getFields();
    for (const name of Object.keys(section?.getFields() ?? {})) {
      const field = fields[name];
      if (!field) continue;
      delete fields[name];
      fields[name] = field;
    }
  }
  // A schema has its listed types first, and the others as it reaches them.
  return new GraphQLSchema({ ...schema.toConfig(), types: [] });
}
