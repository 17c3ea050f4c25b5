import { type ASTNode, type DocumentNode, GraphQLError, parse } from 'graphql';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import { type DeliveredResult, mapIncrementalErrors, mapResults } from '../protocol/incrementalResults.js';
import { isShortEnoughToLocate } from '../protocol/sourceLocations.js';

/** What this plugin adds to an operation's context. */
interface Parsed {
  readonly document: DocumentNode;
}

/** graphql-js searches the text from its start for each location. After so much of that, errors get no locations. */
const mostSearchedCharacters = 2_097_152;

/**
 * Parses without locations, which take half of a document's memory. Only when there are errors to locate, the text is
 * parsed again with them.
 */
export function useLazyLocations(): Plugin<Parsed> {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source, options) => parseFn(source, { ...options, noLocation: true }));
      return ({ result, extendContext }) => {
        if (result && !(result instanceof Error)) extendContext({ document: result });
      };
    },
    onExecutionResult({ result, setResult, context }) {
      if (!result || Array.isArray(result)) return;
      setResult(mapResults(result, (one) => withLocations(one, context as YogaInitialContext & Parsed)));
    },
  };
}

function withLocations(
  result: DeliveredResult,
  { document, params }: YogaInitialContext & Parsed,
): DeliveredResult {
  const text = params.query ?? '';
  if ((!result.errors && !result.incremental) || !isShortEnoughToLocate(text)) return result;
  let located: ReadonlyMap<ASTNode, ASTNode> | null = null;
  let searched = 0;
  const locatedNode = (node: ASTNode) => {
    located ??= nodesByTwin(document, parse(text));
    return located.get(node) ?? node;
  };
  const locate = (error: GraphQLError) => {
    const { message, nodes, locations, path, originalError, extensions } = error;
    if (!nodes || locations || searched > mostSearchedCharacters) return error;
    searched += text.length;
    return new GraphQLError(message, {
      nodes: nodes.map(locatedNode),
      path: path ?? null,
      originalError: originalError ?? null,
      extensions,
    });
  };
  const changed = mapIncrementalErrors(result, locate);
  return changed.errors ? { ...changed, errors: changed.errors.map(locate) } : changed;
}

/** The nodes of one document by those of another, where both are parsed from the same text. */
function nodesByTwin(twin: DocumentNode, document: DocumentNode): Map<ASTNode, ASTNode> {
  const nodes = new Map<ASTNode, ASTNode>();
  const pair = (key: unknown, value: unknown) => {
    if (typeof key !== 'object' || key === null) return;
    if ('kind' in key) nodes.set(key as ASTNode, value as ASTNode);
    for (const [name, child] of Object.entries(key)) pair(child, (value as Record<string, unknown>)[name]);
  };
  pair(twin, document);
  return nodes;
}
