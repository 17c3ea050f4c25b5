import {
  type ASTNode,
  type ASTVisitFn,
  type ASTVisitor,
  BREAK,
  getEnterLeaveForKind,
  Kind,
  type ValidationRule,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Validates with all rules at once. graphql-js asks each of its thirty rules at each node, and the most have nothing to say
 * to the most kinds of nodes: to find that out once for a rule, and not once for each kind, takes a third off.
 */
export function useMergedRules(): Plugin {
  return {
    onValidate({ validateFn, setValidationFn }) {
      setValidationFn((schema, document, rules, ...rest) =>
        validateFn(schema, document, [merged(rules)], ...rest),
      );
    },
  };
}

/** One rule that reports what these do, in the same order. */
export function merged(rules: readonly ValidationRule[]): ValidationRule {
  return (context) => inParallel(rules.map((rule) => rule(context)));
}

type Visit = ASTVisitFn<ASTNode>;

/** A visitor's part in one kind of nodes. */
interface Part {
  readonly visitor: ASTVisitor;
  readonly at: number;
  readonly enter: Visit | undefined;
  readonly leave: Visit | undefined;
}

/** As `visitInParallel` of graphql-js, for visitors that don't change the document. */
function inParallel(visitors: readonly ASTVisitor[]): ASTVisitor {
  /** Where each visitor goes on: after the node that it wants to know nothing of, or (BREAK) never. */
  const skipping = new Array<unknown>(visitors.length).fill(null);
  const parallel: Record<string, { enter: Visit; leave: Visit }> = {};
  for (const [kind, parts] of partsByKind(visitors)) {
    parallel[kind] = {
      enter(node, key, parent, path, ancestors) {
        for (const { visitor, at, enter } of parts) {
          if (!enter || skipping[at] !== null) continue;
          const result = enter.call(visitor, node, key, parent, path, ancestors);
          if (result === false) skipping[at] = node;
          else if (result === BREAK) skipping[at] = BREAK;
        }
      },
      leave(node, key, parent, path, ancestors) {
        for (const { visitor, at, leave } of parts) {
          if (skipping[at] === node) skipping[at] = null;
          else if (leave && skipping[at] === null) {
            const result = leave.call(visitor, node, key, parent, path, ancestors);
            if (result === BREAK) skipping[at] = BREAK;
          }
        }
      },
    };
  }
  return parallel as ASTVisitor;
}

function partsByKind(visitors: readonly ASTVisitor[]): Map<string, Part[]> {
  const parts = new Map<string, Part[]>();
  for (const [at, visitor] of visitors.entries()) {
    const ofAnyKind = 'enter' in visitor || 'leave' in visitor;
    for (const kind of ofAnyKind ? Object.values(Kind) : (Object.keys(visitor) as Kind[])) {
      const { enter, leave } = getEnterLeaveForKind(visitor, kind);
      const part = { visitor, at, enter, leave };
      const others = parts.get(kind);
      if (others) others.push(part);
      else parts.set(kind, [part]);
    }
  }
  return parts;
}
