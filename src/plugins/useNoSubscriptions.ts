import { type ASTVisitor, GraphQLError, OperationTypeNode, type ValidationContext } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Refuses subscriptions, which the schema does not have, when they are validated. Executed, they would fail, too, but Yoga
 * sends the error as an empty body to a client that accepts only `multipart/mixed`.
 */
export function useNoSubscriptions(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSubscriptionsRule);
    },
  };
}

function NoSubscriptionsRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      if (node.operation !== OperationTypeNode.SUBSCRIPTION) return;
      context.reportError(new GraphQLError('The schema has no subscriptions.', { nodes: node }));
    },
  };
}
