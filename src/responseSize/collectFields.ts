import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** What an operation's selections depend on. */
export type SelectionContext = Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'variableValues'>;

/**
 * The fields selected of an object of this type, by response key, as CollectFields of the GraphQL specification groups
 * them. A deferred fragment is executed by itself, so its fields are not merged with others: their keys have a prefix.
 */
export function collectFields(
  selectionSets: readonly SelectionSetNode[],
  type: GraphQLCompositeType,
  { schema, fragments, variableValues }: SelectionContext,
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const visitedFragments = new Set<string>();
  let deferredCount = 0;
  const collect = ({ selections }: SelectionSetNode, prefix: string) => {
    for (const selection of selections) {
      if (!isIncluded(selection, variableValues)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = prefix + (selection.alias?.value ?? selection.name.value);
        const nodes = fields.get(key);
        if (nodes) nodes.push(selection);
        else fields.set(key, [selection]);
        continue;
      }
      const isDeferred = selection.directives?.some(({ name }) => name.value === 'defer') ?? false;
      const fragment = fragmentOf(selection, fragments, isDeferred ? null : visitedFragments);
      if (!fragment || !mayApply(schema, type, fragment.typeCondition?.name.value)) continue;
      if (isDeferred) deferredCount += 1;
      collect(fragment.selectionSet, isDeferred ? `${deferredCount} ` : prefix);
    }
  };
  for (const set of selectionSets) collect(set, '');
  return fields;
}

/** Null: the fragment was visited before. */
function fragmentOf(
  selection: Exclude<SelectionNode, FieldNode>,
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
  visited: Set<string> | null,
) {
  if (selection.kind === Kind.INLINE_FRAGMENT) return selection;
  const name = selection.name.value;
  if (visited?.has(name)) return null;
  visited?.add(name);
  return fragments[name] ?? null;
}

function mayApply(schema: GraphQLSchema, type: GraphQLCompositeType, condition: string | undefined): boolean {
  if (condition === undefined || condition === type.name) return true;
  const wanted = schema.getType(condition);
  if (isAbstractType(wanted) && isObjectType(type)) return schema.isSubType(wanted, type);
  // The object behind an interface may have any of its types.
  return isAbstractType(type);
}

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
