import { type DocumentNode, Kind, NoFragmentCyclesRule, validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Refuses documents whose fragments spread themselves before the other rules see them. The rule that compares fields
 * follows pairs of fragments, each pair once: with 90 fragments in circles it goes 8,000 pairs deep, and its stack
 * overflows.
 */
export function useFragmentCycleCheck(): Plugin {
  return {
    onValidate({ params, setResult }) {
      const document: DocumentNode = params.documentAST;
      if (!document.definitions.some(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)) return;
      const errors = validate(params.schema, document, [NoFragmentCyclesRule]);
      if (errors.length > 0) setResult(errors);
    },
  };
}
