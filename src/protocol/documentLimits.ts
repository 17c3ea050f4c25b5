import {
  type ASTNode,
  type ASTVisitor,
  type DirectiveNode,
  type ExecutableDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionNode,
  type ValidationContext,
} from 'graphql';

export interface DocumentLimits {
  /** A thousand fields have about 3,000 tokens; a text of 1 MB would make a tree of 240 MB. */
  readonly tokens: number;
  /** Levels of fields. Does not count inside introspection, because tools nest `ofType` as deep as they like. */
  readonly depth: number;
  /**
   * In an operation with its fragments written out: each alias repeats a part of the response, and aliases inside one another
   * multiply.
   */
  readonly aliases: number;
  /**
   * Inside introspection, which has lists in lists in lists: aliases of fields that have fields. Tools use none.
   */
  readonly introspectionAliases: number;
  /** `@defer` and `@stream` in an operation with its fragments written out: each is executed separately. */
  readonly incrementalDirectives: number;
  /** In the document as it stands, because directives do not multiply. */
  readonly directives: number;
}

const wording = {
  depth: ['levels of fields', 'Ask for fewer levels.'],
  aliases: [
    'aliases in an operation',
    'Use several operations. An alias in a fragment counts wherever the fragment is spread.',
  ],
  introspectionAliases: ['aliases of types and fields in introspection', 'Use several operations.'],
  incrementalDirectives: [
    '@defer and @stream in an operation',
    'Use several operations. One in a fragment counts wherever the fragment is spread.',
  ],
  directives: ['directives', 'Use several documents.'],
} as const;

/** A validation rule for every limit but that of tokens, which the parser checks. */
export function documentLimitsRule(limits: DocumentLimits): (context: ValidationContext) => ASTVisitor {
  return function DocumentLimitsRule(context) {
    const measure = createMeasure((name) => context.getFragment(name));
    let directives = 0;

    function check(nodes: ASTNode, limit: keyof typeof wording, found: number): void {
      if (found <= limits[limit]) return;
      const [unit, advice] = wording[limit];
      // Fragments that double one another reach numbers of sixty digits.
      const got = found > 1_000_000 ? 'over a million' : found;
      const message = `Expected at most ${limits[limit]} ${unit}, but got ${got}. ${advice}`;
      context.reportError(new GraphQLError(message, { nodes }));
    }

    return {
      OperationDefinition(operation) {
        const { depth, aliases, introspectionAliases, incrementalDirectives } = measure(operation);
        check(operation, 'depth', depth);
        check(operation, 'aliases', aliases);
        check(operation, 'introspectionAliases', introspectionAliases);
        check(operation, 'incrementalDirectives', incrementalDirectives);
      },
      Directive: () => void directives++,
      Document: { leave: (document) => check(document, 'directives', directives) },
    };
  };
}

type MeasuredNode = ExecutableDefinitionNode | SelectionNode;

type Measures = Pick<
  DocumentLimits,
  'depth' | 'aliases' | 'introspectionAliases' | 'incrementalDirectives'
> & {
  /** Aliases of fields that have fields. */
  nestingAliases: number;
};

/** Measures each node once, even one that fragments spread exponentially often. */
function createMeasure(getFragment: ValidationContext['getFragment']): (node: MeasuredNode) => Measures {
  const known = new Map<MeasuredNode, Measures>();

  function inside(node: MeasuredNode): readonly MeasuredNode[] {
    if (node.kind !== Kind.FRAGMENT_SPREAD) return node.selectionSet?.selections ?? [];
    const fragment = getFragment(node.name.value);
    return fragment ? [fragment] : [];
  }

  return function measure(node) {
    const measured = known.get(node);
    if (measured) return measured;
    const measures = {
      depth: 0,
      aliases: node.kind === Kind.FIELD && node.alias ? 1 : 0,
      nestingAliases: 0,
      introspectionAliases: 0,
      incrementalDirectives: (node.directives ?? []).filter(isIncremental).length,
    };
    // Set before its selections are measured, because a fragment may spread itself. Another rule refuses that.
    known.set(node, measures);
    for (const inner of inside(node)) {
      const within = measure(inner);
      measures.depth = Math.max(measures.depth, within.depth);
      measures.aliases += within.aliases;
      measures.nestingAliases += within.nestingAliases;
      measures.introspectionAliases += within.introspectionAliases;
      measures.incrementalDirectives += within.incrementalDirectives;
    }
    if (node.kind === Kind.FIELD) {
      const isIntrospection = /^__(schema|type)$/.test(node.name.value);
      measures.depth = isIntrospection ? 1 : measures.depth + 1;
      if (isIntrospection) measures.introspectionAliases = measures.nestingAliases;
      if (node.alias && node.selectionSet) measures.nestingAliases += 1;
    }
    return measures;
  };
}

function isIncremental({ name }: DirectiveNode): boolean {
  return name.value === 'defer' || name.value === 'stream';
}
