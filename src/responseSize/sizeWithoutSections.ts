import {
  __Schema,
  __Type,
  type ExecutionArgs,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  valueFromASTUntyped,
} from 'graphql';
import { itemsPerPage } from '../upstream/endpoints/searchCreators.js';
import { endpointNames } from '../upstream/endpoints/table.js';
import { collectFields, type SelectionContext } from './collectFields.js';
import { errorBytes, largeBytes, type ResponseSize } from './responseSize.js';
import {
  noMemoryError,
  nothingCalled,
  type ResponseTooLargeError,
  tooManyFieldsError,
} from './responseTooLargeError.js';
import { turnBytes } from './scheduler.js';
import { fieldTypeOf, isSection, selectionSizeOf } from './selectionSize.js';

/** What a response may have beside its sections, at most. */
export interface SizeWithoutSections {
  readonly bytes: number;
  /** One for each creator and each section, since each may fail. */
  readonly errors: number;
}

/** An error takes 50 µs to create, locate and write, and blocks the event loop meanwhile. */
const maxErrors = 4_096;

/** Executing this much takes a quarter of a second. */
const maxBytesWithoutSections = 8 * 1_048_576;

/** Lines of `drift` of each endpoint. */
const driftLines = 100;
/** Of all lines of `drift` together, beyond what each text counts as anyway. */
const upstreamTextBytes = 262_144;

/** `null` or `{}`. */
const emptyBytes = 4;

/** The whole schema, as GraphiQL loads it. */
const introspectionBytes = 131_072;

/** The schema as SDL, for federation gateways. */
const sdlBytes = 262_144;

/** A link made from an id. */
const leafBytes = 128;

const introspectionTypes: Readonly<Record<string, GraphQLObjectType>> = {
  __schema: __Schema,
  __type: __Type,
};

/**
 * Checks what a response has beside its sections, before the operation is executed, and waits until it may be. Returns why
 * it may not be executed, or null.
 */
export async function admit(
  { bytes, errors }: SizeWithoutSections,
  size: ResponseSize,
): Promise<ResponseTooLargeError | null> {
  if (errors > maxErrors || bytes > Math.min(size.maxBytes, maxBytesWithoutSections)) {
    return tooManyFieldsError(nothingCalled);
  }
  // Executing this much would block the event loop for some milliseconds.
  if (bytes + errors * errorBytes > turnBytes) await size.waitForTurn();
  if (bytes > largeBytes && !(await size.reserve(size.maxBytes))) return noMemoryError(nothingCalled);
  return null;
}

/** Computed without executing: nested aliases multiply, so a short document may select millions of fields. */
export function sizeWithoutSections({
  schema,
  document,
  operationName,
  variableValues,
}: ExecutionArgs): SizeWithoutSections {
  const operation = getOperationAST(document, operationName);
  const type = operation && schema.getRootType(operation.operation);
  const size = { bytes: emptyBytes, errors: 0 };
  if (!type) return size;
  const context: SelectionContext = {
    schema,
    fragments: Object.fromEntries(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
      ),
    ),
    variableValues: { ...defaultsOf(operation), ...variableValues },
  };
  for (const [key, nodes] of collectFields([operation.selectionSet], type, context)) {
    const { bytes, errors } = rootFieldSize(nodes, type, context);
    size.bytes += key.length + leafBytes + bytes;
    size.errors += errors;
  }
  return size;
}

function rootFieldSize(
  nodes: readonly FieldNode[],
  type: GraphQLObjectType,
  context: SelectionContext,
): SizeWithoutSections {
  const name = nameOf(nodes);
  const introspectionType = introspectionTypes[name];
  if (introspectionType) {
    const { fixedBytes, bytesPerRow } = selectionSizeOf(nodes, introspectionType, context);
    return { bytes: fixedBytes + (bytesPerRow > 0 ? introspectionBytes : 0), errors: 0 };
  }
  const fieldType = getNamedType(type.getFields()[name]?.type);
  if (!isCompositeType(fieldType)) return { bytes: 0, errors: 0 };
  if (name === '_service') return { bytes: serviceBytes(nodes, fieldType, context), errors: 0 };
  if (name === 'upstream') return { bytes: upstreamBytes(nodes, fieldType, context), errors: 0 };
  const { bytes, errors } = objectSize(nodes, fieldType, context);
  const creators = creatorCount(nodes[0], context);
  return { bytes: bytes * creators, errors: errors * creators };
}

/** Of a creator or a section, or of the larger of them for a node, which may be either. */
function objectSize(
  nodes: readonly FieldNode[],
  type: GraphQLCompositeType,
  context: SelectionContext,
): SizeWithoutSections {
  if (isAbstractType(type)) {
    const sizes = context.schema.getPossibleTypes(type).map((each) => objectSize(nodes, each, context));
    return {
      bytes: Math.max(0, ...sizes.map(({ bytes }) => bytes)),
      errors: Math.max(0, ...sizes.map(({ errors }) => errors)),
    };
  }
  // A section's own bytes count when it is loaded.
  if (isSection(type)) return { bytes: 0, errors: 1 + sectionsNamedBy(nodes, type, context) };
  let bytes = 0;
  let errors = 1;
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  for (const [key, fields] of collectFields(sets, type, context)) {
    const inner = getNamedType(fieldTypeOf(type, nameOf(fields)));
    bytes += key.length + (isCompositeType(inner) ? 0 : leafBytes);
    errors += isCompositeType(inner) ? 1 : 0;
  }
  return { bytes, errors };
}

/** `Query._service` has the schema as text. */
function serviceBytes(
  nodes: readonly FieldNode[],
  type: GraphQLCompositeType,
  context: SelectionContext,
): number {
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return collectFields(sets, type, context).size * sdlBytes;
}

/**
 * `Query.upstream` has a row for each endpoint, and each row a list of lines. The rows of its `spend` are counted when they
 * are known, since there may be none or thousands.
 */
function upstreamBytes(
  nodes: readonly FieldNode[],
  type: GraphQLCompositeType,
  context: SelectionContext,
): number {
  const { fixedBytes, fields: sizes } = selectionSizeOf(nodes, type, context);
  const textCopies = sizes.reduce(
    (sum, { name, textCopies: copies }) => sum + (name === 'endpoints' ? copies : 0),
    0,
  );
  let bytes = fixedBytes + textCopies * upstreamTextBytes;
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  for (const [, fields] of collectFields(sets, type, context)) {
    const rowType = getNamedType(fieldTypeOf(type, nameOf(fields)));
    if (nameOf(fields) !== 'endpoints' || !isCompositeType(rowType)) continue;
    const row = selectionSizeOf(fields, rowType, context);
    bytes += endpointNames.length * (row.fixedBytes + 1 + driftLines * row.bytesPerRow);
  }
  return bytes;
}

/** How many sections of other creators a section leads to, at most: a list of it can name as many creators as a page. */
function sectionsNamedBy(
  nodes: readonly FieldNode[],
  type: GraphQLCompositeType,
  context: SelectionContext,
): number {
  let sections = 0;
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  for (const [, fields] of collectFields(sets, type, context)) {
    const outputType = fieldTypeOf(type, nameOf(fields));
    const inner = getNamedType(outputType);
    if (!outputType || !isCompositeType(inner) || nameOf(fields) === 'history') continue;
    const below = isSection(inner) ? 1 : sectionsNamedBy(fields, inner, context);
    sections += below * (isListType(getNullableType(outputType)) ? itemsPerPage : 1);
  }
  return sections;
}

function nameOf([node]: readonly FieldNode[]): string {
  return node?.name.value ?? '';
}

/** Fields with one of these arguments answer one creator for each of its items, other fields one. */
const creatorLists: ReadonlySet<string> = new Set(['ids', 'representations']);

function creatorCount(node: FieldNode | undefined, { variableValues }: SelectionContext): number {
  const creators = node?.arguments?.find(({ name }) => creatorLists.has(name.value))?.value;
  const list = creators && valueFromASTUntyped(creators, variableValues);
  return Array.isArray(list) ? list.length : 1;
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Record<string, unknown> {
  return Object.fromEntries(
    variableDefinitions.map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue && valueFromASTUntyped(defaultValue),
    ]),
  );
}
