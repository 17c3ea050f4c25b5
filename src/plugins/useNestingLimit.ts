import { GraphQLError, Lexer, Source, TokenKind } from 'graphql';
import type { Plugin } from 'graphql-yoga';

const opening: ReadonlySet<string> = new Set([TokenKind.PAREN_L, TokenKind.BRACKET_L, TokenKind.BRACE_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.PAREN_R, TokenKind.BRACKET_R, TokenKind.BRACE_R]);

/**
 * Refuses documents with more than `most` levels of brackets before they are parsed. The parser and the validation rules
 * recurse, and how deep their stack lets them differs from process to process.
 */
export function useNestingLimit(most: number): Plugin {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source: string | Source, options) => {
        const text = typeof source === 'string' ? source : source.body;
        if (hasMoreBrackets(text, most) && isNestedDeeper(text, most)) throw nestedTooDeepError();
        return parseFn(source, options);
      });
    },
  };
}

/** A quick check for what nearly every text is: too short of brackets. Counts those in strings and comments, too. */
function hasMoreBrackets(text: string, most: number): boolean {
  let count = 0;
  for (const start of ['(', '[', '{']) {
    for (let at = text.indexOf(start); at >= 0 && count <= most; at = text.indexOf(start, at + 1)) count += 1;
  }
  return count > most;
}

function isNestedDeeper(text: string, most: number): boolean {
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      if (opening.has(token.kind)) depth += 1;
      if (closing.has(token.kind)) depth -= 1;
      if (depth > most) return true;
    }
  } catch {
    // A syntax error. The parser reports it, and goes no deeper than this.
  }
  return false;
}

function nestedTooDeepError(): GraphQLError {
  return new GraphQLError('The query is nested too deep to be parsed.', {
    extensions: { code: 'BAD_REQUEST', http: { spec: true, status: 400 } },
  });
}
