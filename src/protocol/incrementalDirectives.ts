import {
  type DirectiveNode,
  type DocumentNode,
  type ExecutionArgs,
  getDirectiveValues,
  getOperationAST,
  getVariableValues,
  separateOperations,
  visit,
} from 'graphql';
import { defer, stream } from '../schema/incremental.js';

/** A `@defer` or `@stream` and its arguments. */
export interface IncrementalDirective {
  readonly node: DirectiveNode;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Every `@defer` and `@stream` of an operation, without those that have `if: false`. Throws a GraphQLError when an
 * argument has the wrong type.
 */
export function incrementalOf({
  schema,
  document,
  operationName,
  variableValues,
  text,
}: ExecutionArgs & { readonly text: string }): IncrementalDirective[] {
  const operation = getOperationAST(document, operationName);
  if (!operation || !text.includes('@') || !mentionsAny(document)) return [];
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
  // The executor reports what is wrong with the variables.
  if (!coerced) return [];
  const found: IncrementalDirective[] = [];
  const collect = (owner: { readonly directives?: readonly DirectiveNode[] }) => {
    for (const node of owner.directives ?? []) {
      const directive = [defer, stream].find(({ name }) => name === node.name.value);
      const values = directive && getDirectiveValues(directive, owner, coerced);
      if (values && values['if'] !== false) found.push({ node, values });
    }
  };
  const alone = separateOperations(document)[operation.name?.value ?? ''];
  if (alone) visit(alone, { Field: collect, FragmentSpread: collect, InlineFragment: collect });
  return found;
}

const mentioning = new WeakMap<DocumentNode, boolean>();

/** Cached, because few documents mention any, and a document is executed many times. */
function mentionsAny(document: DocumentNode): boolean {
  let mentions = mentioning.get(document);
  if (mentions === undefined) {
    mentions = false;
    visit(document, {
      Directive: ({ name }) => {
        mentions ||= name.value === defer.name || name.value === stream.name;
      },
    });
    mentioning.set(document, mentions);
  }
  return mentions;
}
