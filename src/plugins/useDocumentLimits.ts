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
import type { Plugin } from 'graphql-yoga';

export interface DocumentLimits {
  /** A thousand fields take about 3,000; a text of 1 MB would make a tree of 240 MB. */
  readonly tokens: number;
  /** Fields inside one another. Introspection is exempt, for tools nest `ofType` as deep as they please. */
  readonly depth: number;
  /** Of an operation with its fragments written out: each repeats an answer, and inside one another they multiply. */
  readonly aliases: number;
  /** Of fields with fields in them, inside introspection, which has lists in lists in lists. Tools use none. */
  readonly introspectionAliases: number;
  /** `@defer` and `@stream` of an operation with its fragments written out: each executes what it holds by itself. */
  readonly parts: number;
  /** Of the whole document as it stands, for they don't multiply. */
  readonly directives: number;
}

/** Refuses documents that ask for more than any sensible query does. It is a step of validation: nothing is called. */
export function useDocumentLimits(limits: DocumentLimits): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule((context: ValidationContext) => DocumentLimitsRule(context, limits));
    },
  };
}

const told = {
  depth: ['levels of fields', 'Ask for less depth.'],
  aliases: ['aliases in an operation', "Ask in several; a fragment's count wherever it is spread."],
  introspectionAliases: [
    'aliases of types and fields in introspection',
    'Ask for them in several operations.',
  ],
  parts: ['@defer and @stream in an operation', "Ask in several; a fragment's count wherever it is spread."],
  directives: ['directives', 'Ask in several documents.'],
} as const;

function DocumentLimitsRule(context: ValidationContext, limits: DocumentLimits): ASTVisitor {
  const sizeOf = sizing((name) => context.getFragment(name));
  let directives = 0;

  function hold(nodes: ASTNode, measure: keyof typeof told, found: number): void {
    if (found <= limits[measure]) return;
    const [unit, advice] = told[measure];
    // Fragments that double one another reach numbers that nobody reads.
    const got = found > 1_000_000 ? 'over a million' : found;
    const message = `Expected at most ${limits[measure]} ${unit}, but got ${got}. ${advice}`;
    context.reportError(new GraphQLError(message, { nodes }));
  }

  return {
    OperationDefinition(operation) {
      const { depth, aliases, introspectionAliases, parts } = sizeOf(operation);
      hold(operation, 'depth', depth);
      hold(operation, 'aliases', aliases);
      hold(operation, 'introspectionAliases', introspectionAliases);
      hold(operation, 'parts', parts);
    },
    Directive: () => void directives++,
    Document: { leave: (document) => hold(document, 'directives', directives) },
  };
}

type Sized = ExecutableDefinitionNode | SelectionNode;
type Size = Pick<DocumentLimits, 'depth' | 'aliases' | 'introspectionAliases' | 'parts'> & {
  /** Aliases of fields with fields in them. */
  branches: number;
};

/** Measures each node once, also what fragments spread exponentially often. */
function sizing(getFragment: ValidationContext['getFragment']): (node: Sized) => Size {
  const sizes = new Map<Sized, Size>();

  function inside(node: Sized): readonly Sized[] {
    if (node.kind !== Kind.FRAGMENT_SPREAD) return node.selectionSet?.selections ?? [];
    const fragment = getFragment(node.name.value);
    return fragment ? [fragment] : [];
  }

  return function sizeOf(node) {
    const known = sizes.get(node);
    if (known) return known;
    const aliases = node.kind === Kind.FIELD && node.alias ? 1 : 0;
    const parts = (node.directives ?? []).filter(isIncremental).length;
    const size = { depth: 0, aliases, branches: 0, introspectionAliases: 0, parts };
    // Before what is inside, for a fragment may spread itself. Another rule refuses that.
    sizes.set(node, size);
    for (const inner of inside(node)) {
      const within = sizeOf(inner);
      size.depth = Math.max(size.depth, within.depth);
      size.aliases += within.aliases;
      size.branches += within.branches;
      size.introspectionAliases += within.introspectionAliases;
      size.parts += within.parts;
    }
    if (node.kind === Kind.FIELD) {
      const isIntrospection = /^__(schema|type)$/.test(node.name.value);
      size.depth = isIntrospection ? 1 : size.depth + 1;
      if (isIntrospection) size.introspectionAliases = size.branches;
      if (node.alias && node.selectionSet) size.branches += 1;
    }
    return size;
  };
}

function isIncremental({ name }: DirectiveNode): boolean {
  return name.value === 'defer' || name.value === 'stream';
}
