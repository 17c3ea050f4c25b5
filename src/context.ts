import type { GraphQLResolveInfo } from 'graphql';
import type { Payer } from './apiKeys.js';
import { noPages, type Pages, type Plan } from './cost/plan.js';
import { createHistoryLoader, type HistoryLoader } from './history.js';
import { createLoaders, type Loaders } from './loaders.js';
import type { ResponseSize } from './responseSize/responseSize.js';
import { createSelectionSizes, maxRowBytes } from './responseSize/selectionSize.js';
import type { Operation } from './upstream/cache/operation.js';
import type { Spend } from './upstream/call/spend.js';
import type { Client, UpstreamStatus } from './upstream/client.js';
import type { Call } from './upstream/endpoints/call.js';
import type { SectionRequest } from './upstream/section.js';

/** What resolvers can use: sections by endpoint, their history, upstream's status, and spend. Never a client, a URL or a token. */
export interface Context {
  readonly loaders: Loaders;
  readonly history: HistoryLoader;
  /** Whether endpoints may be called whose answers hold contact data of people. */
  readonly allowsPersonalData: boolean;
  readonly upstreamStatus: () => UpstreamStatus | Promise<UpstreamStatus>;
  /** `days`: with today. `info`: what is selected of a row. */
  readonly spend: (days: number, info: GraphQLResolveInfo) => readonly Spend[] | Promise<readonly Spend[]>;
}

/**
 * Created for each operation. The loaders load only planned calls, each with the strictest age that the operation asks of
 * it. `pages` were looked up for the operation before. When `size` refuses the response, the operation stops loading.
 */
export function createContext(
  client: Client,
  plan: Plan,
  operation: Operation,
  size: ResponseSize,
  pages: Pages = noPages,
): Context {
  const planned = ({ key }: Call): SectionRequest => {
    const request = plan.get(key);
    if (!request) throw new Error(`Expected a planned call, but ${key} was not planned.`);
    return request;
  };
  const selectionOf = createSelectionSizes();
  size.onRefusal = () => operation.giveUp();
  const loaders = createLoaders({
    hit: (call) => {
      if (size.refusal) throw size.refusal;
      const page = pages.get(call.key);
      if (page) {
        if (page.status === 'rejected') throw page.reason;
        return size.use(page.value);
      }
      const section = client.hit(planned(call), operation);
      return section && size.use(section);
    },
    lookUp: (calls) =>
      client.lookUp(calls.map(planned), operation).map(async (section) => size.use(await section)),
    selectionOf,
    add: (section, selection) => size.add(section, selection),
  });
  const history = createHistoryLoader({
    earlier: (section, most) => {
      operation.noteUnrepeatable();
      return client.earlier(section, { most, waitForTurn: (bytes) => size.waitForTurn(bytes) });
    },
    throwIfOver: ({ endpoint }) => {
      if (size.refusal) throw size.refusal;
      operation.throwIfOver(endpoint);
    },
    selectionOf,
    use: (section) => size.use(section),
    add: (section, selection) => size.add(section, selection),
  });
  const upstreamStatus = () => {
    operation.noteUnrepeatable();
    return client.status(spendShownTo(operation.payer));
  };
  const spend = async (days: number, info: GraphQLResolveInfo) => {
    const rows = await client.spend(days, spendShownTo(operation.payer));
    return size.addBytes(rows, maxRowBytes(selectionOf(info), rows));
  };
  return { loaders, history, allowsPersonalData: client.allowsPersonalData, upstreamStatus, spend };
}

/** The payer whose spend a key may see: its own. Null: everyone's. */
function spendShownTo(payer: Payer | null): Payer | null {
  return payer?.role === 'admin' ? null : payer;
}
