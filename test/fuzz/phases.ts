import type { Attack, ConnectionAttack } from './attack.js';
import { bodies } from './attacks/bodies.js';
import { halfClosed, idleConnections, neverRead, slowBodies, slowHeads } from './attacks/connections.js';
import { documents } from './attacks/documents.js';
import { framing } from './attacks/framing.js';
import { headers } from './attacks/headers.js';
import { csv, persisted, wrongKeys } from './attacks/keyed.js';
import { largeAnswers } from './attacks/largeAnswers.js';
import { mutants, operations } from './attacks/operations.js';
import { targets } from './attacks/targets.js';
import { variables } from './attacks/variables.js';

export const attacks: readonly (Attack | ConnectionAttack)[] = [
  bodies,
  framing,
  headers,
  targets,
  variables,
  documents,
  operations,
  mutants,
  largeAnswers,
  wrongKeys,
  csv,
  persisted,
  slowHeads,
  slowBodies,
  idleConnections,
  neverRead,
  halfClosed,
];
