import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
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
import type { SectionMeasure } from './measure.js';

/** How much a selection makes of what it selects from. */
export interface Weight {
  /** Bytes beside lists and texts: names, punctuation, numbers, dates. */
  readonly fixed: number;
  /** The same for each row of a list. */
  readonly perRow: number;
  /** How often the text that is named most is named: once, unless aliases repeat it. */
  readonly repeats: number;
  /** How often the whole body is named. */
  readonly raws: number;
}

/** The same of a section, field by field, since one may hold megabytes and the next a number. */
export interface SectionWeight extends Weight {
  readonly fields: readonly FieldWeight[];
}

interface FieldWeight extends Weight {
  readonly name: string;
}

/** What of an answer's bytes is new in memory, and what is there already, as the text of a body. */
export interface Bytes {
  readonly made: number;
  readonly taken: number;
}

/** What fields mean in one operation. */
export type Selecting = Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'variableValues'>;

/** A number, a date, an amount, a value of an enum, a link made from an id: none is longer. */
const leafBytes = 48;
/** In base64, what tells a section or a price from all others. */
const idBytes = 144;
const punctuationBytes = 4;

/** At most so many bytes are in an answer for a section. A text in JSON may be twice as long as it is. */
export function bytesOf({ fixed, raws, fields }: SectionWeight, measure: SectionMeasure): Bytes {
  let made = fixed;
  for (const { name, perRow, repeats } of fields) {
    const { rows, textBytes } = measure.of(name);
    made += perRow * rows + 2 * repeats * textBytes;
  }
  return { made, taken: raws * measure.bodyBytes };
}

/** What the fields of one name, which GraphQL answers as one, make of an object of this type. */
export function weightOf(
  fieldNodes: readonly FieldNode[],
  type: GraphQLCompositeType,
  selecting: Selecting,
): SectionWeight {
  const fields: FieldWeight[] = [];
  const repeats = new Map<string, number>();
  const sum = { fixed: 2, perRow: 0, raws: 0 };
  const sets = fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  for (const [key, nodes] of fieldsOf(sets, type, selecting)) {
    const name = nodes[0]?.name.value ?? '';
    const field = fieldWeight(nodes, fieldTypeOf(type, name), selecting);
    fields.push({ name, ...field });
    sum.fixed += key.length + punctuationBytes + field.fixed;
    sum.perRow += field.perRow;
    sum.raws += field.raws;
    repeats.set(name, (repeats.get(name) ?? 0) + field.repeats);
  }
  return { ...sum, repeats: Math.max(0, ...repeats.values()), fields };
}

function fieldWeight(
  nodes: readonly FieldNode[],
  type: GraphQLOutputType | undefined,
  selecting: Selecting,
): Weight {
  const named = getNamedType(type);
  if (!type || !named) return leaf;
  if (named.name === 'ID') return { ...leaf, fixed: idBytes };
  if (named.name === 'JSONObject') return { ...leaf, repeats: 0, raws: 1 };
  const { fixed, perRow, repeats, raws } = isCompositeType(named) ? weightOf(nodes, named, selecting) : leaf;
  const isList = isListType(getNullableType(type));
  return isList ? { fixed: 2, perRow: perRow + fixed + 1, repeats, raws } : { fixed, perRow, repeats, raws };
}

const leaf: Weight = { fixed: leafBytes, perRow: 0, repeats: 1, raws: 0 };

function fieldTypeOf(type: GraphQLCompositeType, name: string): GraphQLOutputType | undefined {
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
export function createScales(): (info: GraphQLResolveInfo) => SectionWeight {
  const known = new Map<readonly FieldNode[], SectionWeight>();
  return (info) => {
    const weight = known.get(info.fieldNodes) ?? weightIn(info);
    known.set(info.fieldNodes, weight);
    return weight;
  };
}

function weightIn(info: GraphQLResolveInfo): SectionWeight {
  const type = getNamedType(info.returnType);
  if (!isCompositeType(type)) throw new TypeError('Expected a field with fields of its own');
  return weightOf(info.fieldNodes, type, info);
}
