import { type GraphQLSchema, Kind, parse, print, printSchema, visit } from 'graphql';

/** The oldest version that has all we use, so that old gateways can read it. */
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])`;

/** A gateway delivers in parts itself. */
const ofGateways: ReadonlySet<string> = new Set(['defer', 'stream']);

const keyOfId = {
  kind: Kind.DIRECTIVE,
  name: { kind: Kind.NAME, value: 'key' },
  arguments: [
    {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: 'fields' },
      value: { kind: Kind.STRING, value: 'id' },
    },
  ],
} as const;

/** The schema as SDL of a subgraph of Federation 2, in which `Creator` has its id as key. */
export function subgraphSdl(schema: GraphQLSchema): string {
  const document = visit(parse(printSchema(schema)), {
    DirectiveDefinition: ({ name }) => (ofGateways.has(name.value) ? null : undefined),
    ObjectTypeDefinition: (node) =>
      node.name.value === 'Creator' ? { ...node, directives: [keyOfId] } : undefined,
  });
  return `${link}\n\n${print(document)}\n`;
}
