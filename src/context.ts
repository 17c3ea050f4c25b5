import type { AnswerSize } from './answerSize/answerSize.js';
import { createScales } from './answerSize/weight.js';
import type { Payer } from './apiKeys.js';
import { type Plan, plannedName } from './cost/plan.js';
import { createLoaders, type Loaders, type SectionKey } from './loaders.js';
import type { Asker } from './upstream/cache/operation.js';
import type { Client, UpstreamStatus } from './upstream/client.js';
import type { EndpointName } from './upstream/endpoints/table.js';

/** What resolvers see of the world: sections by name, and upstream's state. Never a client, a URL or a token. */
export interface Context {
  readonly loaders: Loaders;
  readonly upstreamStatus: () => UpstreamStatus | Promise<UpstreamStatus>;
}

/**
 * Made anew for each operation. What it asks for is in its plan, which knows the strictest age for each. Once its answer is
 * too large, nothing more is asked for.
 */
export function createContext(client: Client, plan: Plan, asker: Asker, size: AnswerSize): Context {
  const planned = (endpoint: EndpointName, key: SectionKey) => plan.get(plannedName(endpoint, key));
  const weightOf = createScales();
  size.onRefusal = () => asker.giveUp();
  const loaders = createLoaders({
    atHand: (endpoint, key) => {
      if (size.refusal) throw size.refusal;
      const request = planned(endpoint, key);
      const section = request ? client.atHand(request, asker) : null;
      return section && size.hold(section);
    },
    get: async (endpoint, key) => {
      const request = planned(endpoint, key);
      // It fails alone, for others that are asked for at the same moment have started their calls.
      if (!request) throw new Error(`${endpoint} of ${key.creatorId} is asked for, and was not planned`);
      return size.hold(await client.get(request, asker));
    },
    admit: (section, info) => size.admit(section, weightOf(info)),
  });
  const upstreamStatus = () => {
    asker.sawStatus = true;
    return client.status(spendShownTo(asker.payer));
  };
  return { loaders, upstreamStatus };
}

/** Whose spend a key may see: its own, or (null) everybody's. */
function spendShownTo(payer: Payer | null): Payer | null {
  return payer?.isAdmin ? null : payer;
}
