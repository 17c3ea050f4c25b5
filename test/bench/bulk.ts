import { endpointNames } from '../../src/upstream/endpoints/table.js';
import { type Benchmark, takeTurns } from './benchmark.js';
import { creatorFields, setUp, upstreamMs } from './setUp.js';
import { median } from './statistics.js';

const creators = 100;
const concurrency = 50;
const calls = creators * endpointNames.length;

/** With so many calls at once, no faster is possible. */
const limitMs = (calls / concurrency) * upstreamMs;

const query = `query Bulk($ids: [ID!]!) { creators(ids: $ids) { ${creatorFields} } }`;

/** How much longer the largest operation takes than its calls must. */
export const bulk: Benchmark = {
  name: 'bulk',
  async run() {
    const { ask, askBare, freshIds, close } = await setUp(concurrency);
    const { server, bare } = await takeTurns(
      { warmUp: 5, measured: 20 },
      {
        bare: () => askBare(freshIds(creators)),
        server: () => ask(query, { ids: freshIds(creators) }),
      },
    );
    await close();
    const bareSeries = { name: `${calls} calls, bare`, values: bare, base: limitMs };
    return {
      unit: 'ms',
      series: [{ name: `${creators} creators, five sections`, values: server, base: limitMs }, bareSeries],
      bare: [bareSeries],
      bounds: [{ what: `median to the limit of ${limitMs} ms`, value: median(server) / limitMs, most: 1.15 }],
    };
  },
};
