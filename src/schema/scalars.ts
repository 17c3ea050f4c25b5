import { GraphQLError, GraphQLScalarType, Kind, visit } from 'graphql';
import { GraphQLDate, GraphQLDateTime, GraphQLJSONObject, GraphQLSafeInt, GraphQLURL } from 'graphql-scalars';
import { builder } from './builder.js';

const plainDecimal = /^-?\d+(\.\d+)?$/;

const decimal = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  description:
    'An exact decimal number as a string. Money has two decimal places: "263700.00". Convert it to a number before sorting, and add with a decimal library.',
  serialize: toDecimal,
  parseValue: toDecimal,
});

builder.addScalarType('Decimal', decimal);
builder.addScalarType(
  'Date',
  described(
    GraphQLDate,
    'A calendar day, in the format of RFC 3339: "2026-02-20". The field says in which time zone.',
    'https://datatracker.ietf.org/doc/html/rfc3339',
  ),
);
builder.addScalarType(
  'DateTime',
  described(
    GraphQLDateTime,
    'A moment in UTC, in the format of RFC 3339: "2026-02-20T13:20:36.000Z".',
    'https://datatracker.ietf.org/doc/html/rfc3339',
  ),
);
builder.addScalarType(
  'SafeInt',
  described(
    GraphQLSafeInt,
    'A whole number up to 2^53 − 1, the largest that JavaScript represents exactly. Play counts can be larger than Int allows (2^31 − 1).',
  ),
);
builder.addScalarType(
  'URL',
  described(GraphQLURL, 'A web address that a browser can open.', 'https://url.spec.whatwg.org/'),
);
/** The library reads a name, such as the value in `{ range: DAY_30 }`, as undefined. Here it is a string. */
const jsonObject = new GraphQLScalarType({
  ...GraphQLJSONObject.toConfig(),
  parseLiteral: (node, variables) =>
    GraphQLJSONObject.parseLiteral(
      visit(node, { EnumValue: ({ value }) => ({ kind: Kind.STRING, value }) }),
      variables,
    ),
});

builder.addScalarType(
  'JSONObject',
  described(
    jsonObject,
    'A JSON object, as upstream sends or takes it. A number of upstream that a double would round is a string with all its digits.',
    'https://datatracker.ietf.org/doc/html/rfc8259',
  ),
);

/** The library's scalar, with a description of ours and the specification that it follows. */
function described<In, Out>(
  scalar: GraphQLScalarType<In, Out>,
  description: string,
  specifiedByURL = scalar.specifiedByURL,
): GraphQLScalarType<In, Out> {
  return new GraphQLScalarType({ ...scalar.toConfig(), description, specifiedByURL });
}

function toDecimal(value: unknown): string {
  if (typeof value === 'string' && plainDecimal.test(value)) return value;
  throw new GraphQLError(
    `Expected a decimal number as a string, such as "56.18", but got ${JSON.stringify(value)}.`,
  );
}
