import type { Plugin } from 'graphql-yoga';
import type { AnswerTally } from '../response/responder.js';

/** Counts operations that are executed, and so none of the other things that are asked: health, metrics, pages. */
export function useTally(tally: AnswerTally): Plugin {
  return {
    onExecute() {
      tally.executed += 1;
    },
  };
}
