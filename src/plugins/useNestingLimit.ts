import { GraphQLError, Lexer, Source, TokenKind } from 'graphql';
import type { Plugin } from 'graphql-yoga';

const opening: ReadonlySet<string> = new Set([TokenKind.PAREN_L, TokenKind.BRACKET_L, TokenKind.BRACE_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.PAREN_R, TokenKind.BRACKET_R, TokenKind.BRACE_R]);

/**
 * Refuses documents with more than `most` brackets within one another before they are parsed. The parser and the rules
 * of validation go down with a document; how deep their stack lets them is another number in each process.
 */
export function useNestingLimit(most: number): Plugin {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source: string | Source, options) => {
        const text = typeof source === 'string' ? source : source.body;
        if (mayBeNested(text, most) && isNested(text, most)) throw tooDeep();
        return parseFn(source, options);
      });
    },
  };
}

/** Quick, and also true of brackets in strings and comments. */
function mayBeNested(text: string, most: number): boolean {
  let count = 0;
  for (const start of ['(', '[', '{']) {
    for (let at = text.indexOf(start); at >= 0 && count <= most; at = text.indexOf(start, at + 1)) count += 1;
  }
  return count > most;
}

function isNested(text: string, most: number): boolean {
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  try {
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      if (opening.has(token.kind)) depth += 1;
      if (closing.has(token.kind)) depth -= 1;
      if (depth > most) return true;
    }
  } catch {
    // The parser says what is wrong there, and has not gone deeper.
  }
  return false;
}

function tooDeep(): GraphQLError {
  return new GraphQLError('The query is nested too deep to be read.', {
    extensions: { code: 'BAD_REQUEST', http: { spec: true, status: 400 } },
  });
}
