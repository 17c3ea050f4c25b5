import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  validate,
} from 'graphql';
import type { ColumnKind } from '../columns/columns.js';
import type { TableColumn } from '../columns/fields.js';
import { UsageError } from '../operator/usageError.js';
import type { ExportDocument } from './document.js';

/** Scalars that are no text. */
const kindsByScalar: Readonly<Record<string, ColumnKind>> = {
  ID: 'id',
  Int: 'number',
  SafeInt: 'number',
  Float: 'number',
  // Amounts in yuan.
  Decimal: 'money',
  URL: 'link',
  DateTime: 'time',
  // May be a list.
  JSONObject: 'list',
};

const form = 'query Export($ids: [ID!]!) { creators(ids: $ids) { … } }';

/**
 * Reads a document with `creators(ids: $ids)`, whose leaf fields become columns. A title is the path of the field with its
 * aliases. Throws UsageError if the document does not fit the schema or the export.
 */
export function readQuery(text: string, path: string, schema: GraphQLSchema): ExportDocument {
  const fault = (why: string) => new UsageError(`${path} can't be used: ${why}`);
  const document = parsed(text, fault);
  const [error] = validate(schema, document);
  if (error) throw fault(error.message);
  const [operation, ...others] = document.definitions.filter(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const [root, ...otherRoots] = operation?.selectionSet.selections ?? [];
  if (!operation || others.length > 0 || otherRoots.length > 0 || root?.kind !== Kind.FIELD) {
    throw fault(`expected one operation with one field, such as ${form}.`);
  }
  const type = schema.getQueryType()?.getFields()[root.name.value]?.type;
  if (root.name.value !== 'creators' || !takesIds(root) || !type || !root.selectionSet) {
    throw fault(`expected the field creators with the variable ids, such as ${form}.`);
  }
  if (operation.variableDefinitions?.some(({ variable }) => variable.name.value !== 'ids')) {
    throw fault('expected no variable but ids. Write the other values into the document.');
  }
  const creator = getNamedType(type);
  if (!isCompositeType(creator)) throw fault('expected fields of creators.');
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  const leaves = leavesOf(root.selectionSet, creator, { schema, fragments, path: [], isInList: false });
  const columns = [...new Map(leaves.map((leaf) => [leaf.path, leaf])).values()];
  return { text: print(named(document)), key: root.alias?.value ?? root.name.value, columns };
}

function parsed(text: string, fault: (why: string) => UsageError): DocumentNode {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof GraphQLError) throw fault(error.message);
    throw error;
  }
}

function takesIds({ arguments: given = [] }: FieldNode): boolean {
  return given.some(
    ({ name, value }) => name.value === 'ids' && value.kind === Kind.VARIABLE && value.name.value === 'ids',
  );
}

interface Position {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly path: readonly string[];
  /** Whether a creator has several of it. */
  readonly isInList: boolean;
}

function leavesOf(
  { selections }: SelectionSetNode,
  type: GraphQLCompositeType,
  position: Position,
): readonly TableColumn[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return leavesOfField(selection, type, position);
    const spread =
      selection.kind === Kind.FRAGMENT_SPREAD ? position.fragments.get(selection.name.value) : selection;
    const condition = spread?.typeCondition && position.schema.getType(spread.typeCondition.name.value);
    return spread
      ? leavesOf(spread.selectionSet, isCompositeType(condition) ? condition : type, position)
      : [];
  });
}

function leavesOfField(
  { name, alias, selectionSet }: FieldNode,
  type: GraphQLCompositeType,
  position: Position,
): readonly TableColumn[] {
  const path = [...position.path, alias?.value ?? name.value];
  const fields = isObjectType(type) || 'getFields' in type ? type.getFields() : {};
  const fieldType: GraphQLOutputType | undefined = fields[name.value]?.type;
  const named = fieldType && getNamedType(fieldType);
  const isInList = position.isInList || isListType(fieldType && getNullableType(fieldType));
  if (selectionSet) {
    return isCompositeType(named) ? leavesOf(selectionSet, named, { ...position, path, isInList }) : [];
  }
  const dotted = path.join('.');
  const kind = isInList ? 'list' : (kindsByScalar[named?.name ?? ''] ?? 'text');
  return [{ key: dotted, path: dotted, kind, heading: dotted }];
}

/** With a name for the ledger. */
function named(document: DocumentNode): DocumentNode {
  const definitions = document.definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION && !definition.name
      ? { ...definition, name: { kind: Kind.NAME, value: 'Export' } as const }
      : definition,
  );
  return { ...document, definitions };
}
