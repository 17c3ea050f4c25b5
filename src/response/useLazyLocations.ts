import { type ASTNode, type DocumentNode, GraphQLError, parse } from 'graphql';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import { type Part, withParts } from '../protocol/incrementalResults.js';

interface Parsed {
  readonly document: DocumentNode;
}

/** For each place the text is searched from its beginning. Beyond so much of that, errors have their paths alone. */
const mostSearchedCharacters = 2_097_152;

/**
 * Parses without the places of things in the text, which are half of a document's memory, and tells those of an error
 * all the same (of some hundreds at most): for that the text is parsed once more.
 */
export function useLocations({ maxTokens }: { readonly maxTokens: number }): Plugin<Parsed> {
  return {
    onParse({ setParseFn }) {
      setParseFn((source, options) => parse(source, { ...options, maxTokens, noLocation: true }));
      return ({ result, extendContext }) => {
        if (result && !(result instanceof Error)) extendContext({ document: result });
      };
    },
    onExecutionResult({ result, setResult, context }) {
      if (!result || Array.isArray(result)) return;
      setResult(withParts(result, (part) => located(part, context as YogaInitialContext & Parsed)));
    },
  };
}

function located(part: Part, { document, params }: YogaInitialContext & Parsed): Part {
  let places: ReadonlyMap<ASTNode, ASTNode> | null = null;
  const text = params.query ?? '';
  let searched = 0;
  const find = (node: ASTNode) => {
    places ??= sameNodes(document, parse(text));
    return places.get(node) ?? node;
  };
  const locate = (error: GraphQLError) => {
    if (!error.nodes || error.locations || searched > mostSearchedCharacters) return error;
    searched += text.length;
    const { message, nodes, path, originalError, extensions } = error;
    return new GraphQLError(message, {
      nodes: nodes.map(find),
      path: path ?? null,
      originalError: originalError ?? null,
      extensions,
    });
  };
  if (!part.errors && !part.incremental) return part;
  return {
    ...part,
    ...(part.errors && { errors: part.errors.map(locate) }),
    ...(part.incremental && {
      incremental: part.incremental.map((patch) =>
        patch.errors ? { ...patch, errors: patch.errors.map(locate) } : patch,
      ),
    }),
  };
}

/** The nodes of a document by those of another that was parsed from the same text. */
function sameNodes(document: DocumentNode, other: DocumentNode): Map<ASTNode, ASTNode> {
  const same = new Map<ASTNode, ASTNode>();
  const pair = (one: unknown, two: unknown) => {
    if (typeof one !== 'object' || one === null) return;
    if ('kind' in one) same.set(one as ASTNode, two as ASTNode);
    for (const [key, child] of Object.entries(one)) pair(child, (two as Record<string, unknown>)[key]);
  };
  pair(document, other);
  return same;
}
