import { extendSchema, type GraphQLSchema, type GraphQLUnionType, parse } from 'graphql';
import { BadUserInputError } from '../errors.js';
import { type CreatorValue, creatorOrError } from './creator.js';
import { subgraphSdl } from './subgraphSdl.js';

/** A gateway asks for all creators of an operation at once. What they cost is limited by QUERY_MAX_CALLS. */
const mostRepresentations = 1_000;

/** https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec */
const extension = parse(`
  """
  An object by its \`__typename\` and its key, such as \`{"__typename": "Creator", "id": "6629722295873044494"}\`.
  """
  scalar _Any

  """
  A type that other subgraphs can refer to.
  """
  union _Entity = Creator

  """
  This schema as a subgraph.
  """
  type _Service {
    """
    The schema, with the directives of Federation 2.
    """
    sdl: String!
  }

  extend type Query {
    """
    The schema that gateways compose.
    """
    _service: _Service!

    """
    For gateways: up to ${mostRepresentations} creators, as \`creators\` answers them, in the order of \`representations\`. A malformed one is null, with BAD_USER_INPUT at its index.
    """
    _entities(
      """
      Creators by \`__typename\` and \`id\`.
      """
      representations: [_Any!]!
    ): [_Entity]!
  }
`);

/** The schema as a subgraph of Apollo Federation 2: other subgraphs refer to creators by id, and a gateway gets them here. */
export function withFederation(schema: GraphQLSchema): GraphQLSchema {
  const sdl = subgraphSdl(schema);
  const extended = extendSchema(schema, extension);
  const { _service: service, _entities: entities } = extended.getQueryType()?.getFields() ?? {};
  if (!service || !entities) throw new TypeError('Expected the schema to have the fields of federation.');
  service.resolve = () => ({ sdl });
  entities.resolve = (_, { representations }: { readonly representations: readonly unknown[] }) => {
    if (representations.length > mostRepresentations) {
      throw new BadUserInputError(
        `Expected at most ${mostRepresentations} representations, but got ${representations.length}. Ask for them in several operations.`,
      );
    }
    return representations.map(creatorIn);
  };
  (extended.getType('_Entity') as GraphQLUnionType).resolveType = () => 'Creator';
  return extended;
}

function creatorIn(representation: unknown): CreatorValue {
  const { __typename: type, id } = Object(representation) as { __typename?: unknown; id?: unknown };
  if (type === 'Creator' && typeof id === 'string') return creatorOrError(id);
  return new BadUserInputError(
    'Expected a representation with the __typename "Creator" and the id as a string.',
  ) as unknown as CreatorValue;
}
