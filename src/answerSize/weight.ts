import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** How much a selection makes of what it selects from: its answer has at most `bytesOf(weight, measure)` bytes. */
export interface Weight {
  /** Bytes beside lists and texts: names, punctuation, numbers, dates. */
  readonly fixed: number;
  /** The same for each row of a list. */
  readonly perRow: number;
  /** How often the value that is named most is named: 1, unless aliases repeat it. */
  readonly repeats: number;
  /** How often the whole body is named. */
  readonly raws: number;
}

/** What there is to select from. */
export interface Measure {
  /** Entries of all lists together. */
  readonly rows: number;
  /** Of the body that all texts were read from. */
  readonly bodyBytes: number;
}

/** What fields mean in one operation. */
export type Selecting = Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'variableValues'>;

/** A number, a date, an amount, a value of an enum, a link made from an id: none is longer. */
const leafBytes = 48;
const punctuationBytes = 4;

/**
 * `prices.byDuration` and `prices.cheapestAvailable` give again what `prices.items` has: under names of its own a text is
 * in an answer three times at most.
 */
const mostNames = 3;

export function bytesOf({ fixed, perRow, repeats, raws }: Weight, { rows, bodyBytes }: Measure): number {
  return fixed + perRow * rows + (mostNames * repeats + raws) * bodyBytes;
}

/** What the fields of one name, that GraphQL answers as one, make of an object of this type. */
export function weightOf(
  fieldNodes: readonly FieldNode[],
  type: GraphQLCompositeType,
  selecting: Selecting,
): Weight {
  let fixed = 2;
  let perRow = 0;
  let raws = 0;
  const repeatsByName = new Map<string, number>();
  const sets = fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  for (const [key, nodes] of fieldsOf(sets, type, selecting)) {
    const name = nodes[0]?.name.value ?? '';
    const fieldType = isAbstractType(type) || isObjectType(type) ? fieldTypeOf(type, name) : undefined;
    fixed += key.length + punctuationBytes;
    if (!fieldType) {
      fixed += leafBytes;
      continue;
    }
    const named = getNamedType(fieldType);
    const isList = isListType(getNullableType(fieldType));
    const within = isCompositeType(named)
      ? weightOf(nodes, named, selecting)
      : { fixed: leafBytes, perRow: 0, repeats: 1, raws: 0 };
    if (isList) perRow += within.fixed + 1;
    else fixed += within.fixed;
    perRow += within.perRow;
    raws += named.name === 'JSONObject' ? 1 : within.raws;
    if (named.name !== 'JSONObject') repeatsByName.set(name, (repeatsByName.get(name) ?? 0) + within.repeats);
  }
  return { fixed, perRow, repeats: Math.max(0, ...repeatsByName.values()), raws };
}

function fieldTypeOf(type: GraphQLCompositeType, name: string) {
  return 'getFields' in type ? type.getFields()[name]?.type : undefined;
}

/**
 * The fields that an object of this type is asked for, by their names in the answer, as an executor collects them. What
 * is deferred is executed by itself, and so counts beside fields of the same name.
 */
export function fieldsOf(
  selectionSets: readonly SelectionSetNode[],
  type: GraphQLCompositeType,
  { schema, fragments, variableValues }: Selecting,
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const seen = new Set<string>();
  let parts = 0;
  const collect = ({ selections }: SelectionSetNode, part: string) => {
    for (const selection of selections) {
      if (!isIncluded(selection, variableValues)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = part + (selection.alias?.value ?? selection.name.value);
        const nodes = fields.get(key);
        if (nodes) nodes.push(selection);
        else fields.set(key, [selection]);
        continue;
      }
      const isDeferred = selection.directives?.some(({ name }) => name.value === 'defer') ?? false;
      const fragment = fragmentOf(selection, fragments, isDeferred ? null : seen);
      if (!fragment || !mayBe(schema, type, fragment.typeCondition?.name.value)) continue;
      if (isDeferred) parts += 1;
      collect(fragment.selectionSet, isDeferred ? `${parts} ` : part);
    }
  };
  for (const set of selectionSets) collect(set, '');
  return fields;
}

/** Null: it was collected before. */
function fragmentOf(
  selection: Exclude<SelectionNode, FieldNode>,
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
  seen: Set<string> | null,
) {
  if (selection.kind === Kind.INLINE_FRAGMENT) return selection;
  const name = selection.name.value;
  if (seen?.has(name)) return null;
  seen?.add(name);
  return fragments[name] ?? null;
}

function mayBe(schema: GraphQLSchema, type: GraphQLCompositeType, condition: string | undefined): boolean {
  if (condition === undefined || condition === type.name) return true;
  const wanted = schema.getType(condition);
  if (isAbstractType(wanted) && isObjectType(type)) return schema.isSubType(wanted, type);
  // What an interface's value is, is not known before it is there.
  return isAbstractType(type);
}

/** Unless `@skip` or `@include` leave it out. Of variables only the values matter that are there. */
function isIncluded({ directives }: SelectionNode, variables: Readonly<Record<string, unknown>>): boolean {
  for (const { name, arguments: args } of directives ?? []) {
    if (name.value !== 'skip' && name.value !== 'include') continue;
    const condition = conditionOf(args?.[0]?.value, variables);
    if (condition === (name.value === 'skip')) return false;
  }
  return true;
}

function conditionOf(node: ValueNode | undefined, variables: Readonly<Record<string, unknown>>): unknown {
  if (node?.kind === Kind.VARIABLE) return variables[node.name.value];
  return node?.kind === Kind.BOOLEAN ? node.value : undefined;
}

/** The same for what resolvers are told, in one operation: each selection is weighed once, however many objects it is of. */
export function createScales(): (info: GraphQLResolveInfo) => Weight {
  const known = new Map<readonly FieldNode[], Weight>();
  return (info) => {
    const weight = known.get(info.fieldNodes) ?? weightIn(info);
    known.set(info.fieldNodes, weight);
    return weight;
  };
}

function weightIn(info: GraphQLResolveInfo): Weight {
  const type = getNamedType(info.returnType);
  if (!isCompositeType(type)) throw new TypeError('Expected a field with fields of its own');
  return weightOf(info.fieldNodes, type, info);
}
