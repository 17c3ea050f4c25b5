import { describe, expect, it } from 'vitest';
import { namespaceOf } from '../../src/upstream/cache/storedAnswer.js';
import { openDriver } from '../../src/upstream/store/open.js';
import { atEnd, recordingLogger, temporaryStore, testClock } from '../fixtures.js';
import { cost, startTestServer, testConfig } from '../harness.js';
import { fill, idsOf } from './fill.js';
import { creatorFields } from './setUp.js';

describe('fill', () => {
  it('stores all that the benchmarks ask for, so that a server answers without a call', async () => {
    const config = testConfig({ STORE_URL: await temporaryStore() });
    const store = await openDriver(config, recordingLogger().logger);
    atEnd(() => store.close());
    const ids = idsOf(3);
    await fill(store, namespaceOf(config), ids);
    const server = await startTestServer({ store, clock: testClock(Date.now()) });
    const { data, errors, extensions } = await server.ask(
      `query ($ids: [ID!]!) { creators(ids: $ids) { ${creatorFields} } }`,
      { ids },
    );
    expect(errors).toBeUndefined();
    expect(data.creators.map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(extensions?.cost).toEqual(cost({ cachedCalls: 15 }));
    expect(server.calls).toEqual([]);
  });
});
