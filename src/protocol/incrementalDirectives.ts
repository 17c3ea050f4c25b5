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

/** A `@defer` or `@stream`, and what it is given. */
export interface Incremental {
  readonly node: DirectiveNode;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Each `@defer` and `@stream` of an operation that isn't switched off. Throws: one is given what it can't take. */
export function incrementalOf({
  schema,
  document,
  operationName,
  variableValues,
  text,
}: ExecutionArgs & { readonly text: string }): Incremental[] {
  const operation = getOperationAST(document, operationName);
  if (!operation || !text.includes('@') || !mentionsAny(document)) return [];
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
  // The executor tells what is wrong with them.
  if (!coerced) return [];
  const found: Incremental[] = [];
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

/** Few documents do, and each is executed many times. */
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
