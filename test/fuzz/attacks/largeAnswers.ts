import type { Random } from '../../../src/sandbox/random.js';
import { queries } from '../../largeBodies.js';
import { type Attack, graphqlShot, operationBytes } from '../attack.js';
import { warmedQueries } from './connections.js';

const [, mediumQuery = '', largeQuery = ''] = warmedQueries;

/** Those of the others that need no creator with a large body beyond the warmed one. */
const refused = [
  'one raw, 399 times, of 100 creators',
  'malformed ids',
  'introspection',
  'links beside sections',
] as const;

/** Answers near the bound of a response, and operations that would be beyond it. */
export const largeAnswers: Attack = {
  name: 'large answers',
  target: 'open',
  connections: 4,
  shot: (random: Random) => {
    const query = random.pick([mediumQuery, largeQuery, ...refused.map((name) => queries[name])]);
    const encoding = random.pick(['identity', 'br', 'gzip']);
    return graphqlShot(operationBytes({ query }, [['accept-encoding', encoding]]), { mayCost: true });
  },
};
