import type { Plugin } from 'graphql-yoga';
import type { AnswerTally } from '../telemetry/answerTally.js';

/** Counts executed operations. Health, metrics and pages are no operations. */
export function useExecutionCount(tally: AnswerTally): Plugin {
  return {
    onExecute() {
      tally.executed += 1;
    },
  };
}
