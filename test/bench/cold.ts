import { endpointNames } from '../../src/upstream/endpoints/table.js';
import { type Benchmark, takeTurns } from './benchmark.js';
import { creatorFields, setUp } from './setUp.js';
import { median } from './statistics.js';

const query = `query Cold($id: ID!) { creator(id: $id) { ${creatorFields} } }`;

/** How much longer a creator without stored answers takes than its five calls. */
export const cold: Benchmark = {
  name: 'cold',
  async run() {
    const { ask, askBare, freshIds, close } = await setUp(endpointNames.length);
    const { server, bare } = await takeTurns(
      { warmUp: 20, measured: 300 },
      {
        bare: () => askBare(freshIds(1)),
        server: () => ask(query, { id: freshIds(1)[0] }),
      },
    );
    await close();
    const bareMs = median(bare);
    const bareSeries = { name: 'five calls, bare', values: bare, base: bareMs };
    return {
      unit: 'ms',
      series: [{ name: 'one creator, five sections', values: server, base: bareMs }, bareSeries],
      bare: [bareSeries],
      bounds: [{ what: 'median to the bare median', value: median(server) / bareMs, most: 1.06 }],
    };
  },
};
