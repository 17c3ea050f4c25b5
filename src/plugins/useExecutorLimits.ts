import { type ASTVisitor, GraphQLError, OperationTypeNode, type ValidationContext } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Refuses what GraphQL allows and the executor cannot run, so that it fails before anything is paid. */
export function useExecutorLimits(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSubscriptionsRule);
      addValidationRule(NoThenRule);
    },
  };
}

/**
 * The schema has no subscriptions. Executed, one would fail, too, but Yoga sends the error as an empty body to a client
 * that accepts only `multipart/mixed`.
 */
function NoSubscriptionsRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      if (node.operation !== OperationTypeNode.SUBSCRIPTION) return;
      context.reportError(new GraphQLError('The schema has no subscriptions.', { nodes: node }));
    },
  };
}

/** The executor takes any object with a `then` for a promise. */
function NoThenRule(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      if (node.alias?.value !== 'then') return;
      context.reportError(new GraphQLError('Expected another alias than "then".', { nodes: node.alias }));
    },
  };
}
