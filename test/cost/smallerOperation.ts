import { type DocumentNode, type GraphQLSchema, Kind, parse, print, validate, visit } from 'graphql';
import type { Operation } from './randomOperation.js';

/**
 * The smallest part of a failing operation that still fails. Removes one node of its text after another, as long as the
 * rest is valid and `fails`.
 */
export async function smallestFailing(
  schema: GraphQLSchema,
  operation: Operation,
  fails: (operation: Operation) => Promise<boolean>,
): Promise<Operation> {
  let smallest = operation;
  let isDone = false;
  while (!isDone) {
    isDone = true;
    for (let nth = 0; ; ) {
      const query = without(smallest, nth);
      if (query === undefined) break;
      const smaller = { ...smallest, query };
      if (query !== smallest.query && isValid(schema, query) && (await fails(smaller))) {
        smallest = smaller;
        isDone = false;
        // Another node has this number now.
      } else {
        nth += 1;
      }
    }
  }
  const { query, variables } = smallest;
  const taken = Object.entries(variables).filter(([name]) => query.includes(`$${name}:`));
  return { ...smallest, variables: Object.fromEntries(taken) };
}

/** A value is removed only from a list. */
const removable: ReadonlySet<Kind> = new Set([
  Kind.OPERATION_DEFINITION,
  Kind.FIELD,
  Kind.FRAGMENT_SPREAD,
  Kind.INLINE_FRAGMENT,
  Kind.DIRECTIVE,
  Kind.ARGUMENT,
  Kind.STRING,
  Kind.INT,
  Kind.VARIABLE,
]);

/** Undefined: it has no node of this number. */
function without({ query, operationName }: Operation, nth: number): string | undefined {
  let passed = 0;
  const smaller = visit(parse(query), {
    enter: (node, key) => {
      if (!removable.has(node.kind) || typeof key !== 'number') return undefined;
      passed += 1;
      if (passed !== nth + 1) return undefined;
      return node.kind === Kind.OPERATION_DEFINITION && node.name?.value === operationName ? undefined : null;
    },
    leave: (node) => {
      const isEmpty = node.kind === Kind.SELECTION_SET && node.selections.length === 0;
      return isEmpty ? { ...node, selections: [typename] } : undefined;
    },
  });
  return passed <= nth ? undefined : print(withoutUnused(smaller));
}

const typename = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const;

/** Unused fragments and variables would make the document invalid. */
function withoutUnused(document: DocumentNode): DocumentNode {
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const spreadByAny = new Set<string>();
  const definitions = operations.map((operation) => {
    const { spread, variables } = usesOf(document, operation);
    for (const name of spread) spreadByAny.add(name);
    return visit(operation, {
      VariableDefinition: ({ variable }) => (variables.has(variable.name.value) ? undefined : null),
    });
  });
  const fragments = document.definitions.filter(
    (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && spreadByAny.has(definition.name.value),
  );
  return { ...document, definitions: [...definitions, ...fragments] };
}

function usesOf(document: DocumentNode, operation: DocumentNode['definitions'][number]) {
  const spread = new Set<string>();
  const variables = new Set<string>();
  const pending = [operation];
  for (let definition = pending.pop(); definition; definition = pending.pop()) {
    visit(definition, {
      VariableDefinition: () => false,
      Variable: ({ name }) => void variables.add(name.value),
      FragmentSpread: ({ name }) => {
        if (spread.has(name.value)) return;
        spread.add(name.value);
        const fragment = document.definitions.find(
          (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === name.value,
        );
        if (fragment) pending.push(fragment);
      },
    });
  }
  return { spread, variables };
}

function isValid(schema: GraphQLSchema, query: string): boolean {
  return query !== '' && validate(schema, parse(query)).length === 0;
}
