import { describe, expect, it } from 'vitest';
import type { StoreConfig } from '../../src/operator/commandContext.js';
import { readStoreCommand, runStoreCommand } from '../../src/operator/storeCommand.js';
import { alignedText, csv } from '../../src/operator/table.js';
import { chinaDate, chinaDay, chinaOffsetMs, dayMs } from '../../src/time.js';
import { fingerprintOf } from '../../src/upstream/call/circuit/stopStore.js';
import { Ledger, type LedgerEntry } from '../../src/upstream/call/ledger.js';
import { callOf } from '../../src/upstream/endpoints/call.js';
import type { EndpointName } from '../../src/upstream/endpoints/table.js';
import { openDriver } from '../../src/upstream/store/open.js';
import { atEnd, realClock, recordingLogger, testToken } from '../fixtures.js';
import { scriptedUpstream, startTestServer, success, testConfig } from '../harness.js';
import { describeRedis, startRedis } from '../redis.js';

const id = '6629722295873044494';
const hourMs = 3_600_000;

/** Some days ago in China, at this hour. Commands have the real time. */
function at(daysAgo: number, hour: number): number {
  return (chinaDay(Date.now()) - daysAgo) * dayMs - chinaOffsetMs + hour * hourMs;
}

const dateOf = (daysAgo: number) => chinaDate(chinaDay(Date.now()) - daysAgo);

/** A Redis with a ledger, and the command. */
async function setUp(env: Record<string, string> = {}) {
  const { url } = await startRedis();
  const config = testConfig({ STORE_URL: url, ...env });
  const store = await openDriver(config, recordingLogger().logger);
  atEnd(() => store.close());
  const { logger, logs } = recordingLogger();
  const fingerprint = fingerprintOf(testToken, config.baseUrl);
  const ledger = new Ledger({ store, fingerprint, logger });
  const spent = async (
    count: number,
    atMs: number,
    payer: string | null,
    endpoint: EndpointName,
    operationName: string | null,
    some: Partial<LedgerEntry> = {},
  ) => {
    const call = callOf(endpoint, { creatorId: id, platform: 'SHORT_VIDEO' });
    const facts = { outcome: 'OK', billed: 'yes', attempts: 1, ms: 5 } as const;
    for (let nth = 0; nth < count; nth += 1) {
      ledger.note({ atMs: atMs + nth, call, payer, operationName, ...facts, ...some });
    }
    await ledger.settled();
  };
  const run = (...args: string[]) => runSpend(args, config, logger);
  return { config, store, fingerprint, logs, spent, run };
}

async function runSpend(
  args: readonly string[],
  config: StoreConfig,
  logger = recordingLogger().logger,
): Promise<string> {
  const command = readStoreCommand(['spend', ...args]);
  if (!command) throw new Error('Expected a command.');
  return runStoreCommand(command, config, logger);
}

describeRedis('store spend', () => {
  it('prints the calls of a week by day, key, endpoint and operation, with the total', async () => {
    const { run, spent } = await setUp();
    await spent(12, at(0, 0), 'dash', 'profile', 'Compare');
    await spent(3, at(1, 14), 'batch', 'recommendedVideos', null, { billed: 'maybe' });
    await spent(1, at(1, 15), null, 'prices', 'Prices');
    await spent(1, at(7, 15), 'dash', 'profile', 'TooOld');
    expect(await run()).toBe(
      [
        'day         key    endpoint           operation  calls  uncertain',
        `${dateOf(0)}  dash   profile            Compare       12          0`,
        `${dateOf(1)}  batch  recommendedVideos  -              3          3`,
        `${dateOf(1)}  -      prices             Prices         1          0`,
        'total                                               16          3',
      ].join('\n'),
    );
  });

  it('says who spent 300 calls yesterday at 14:00, and on what', async () => {
    const { run, spent } = await setUp();
    await spent(300, at(1, 14), 'batch', 'profile', 'Nightly');
    await spent(2, at(1, 14), 'dash', 'profile', 'Compare');
    await spent(400, at(1, 13) + hourMs - 400, 'dash', 'profile', 'Compare');
    const lines = (await run('--days', '2', '--by', 'hour,key,operation,endpoint')).split('\n');
    expect(lines).toEqual([
      'hour              key    operation  endpoint  calls  uncertain',
      `${dateOf(1)} 14:00  batch  Nightly    profile     300          0`,
      `${dateOf(1)} 14:00  dash   Compare    profile       2          0`,
      `${dateOf(1)} 13:00  dash   Compare    profile     400          0`,
      'total                                           702          0',
    ]);
  });

  it('counts by any columns, such as the creator', async () => {
    const { run, spent } = await setUp();
    await spent(2, at(0, 0), 'dash', 'profile', 'Compare');
    await spent(1, at(0, 0), 'dash', 'prices', 'Compare');
    expect(await run('--by=creator')).toBe(
      [
        'creator              calls  uncertain',
        `${id}      3          0`,
        'total                    3          0',
      ].join('\n'),
    );
  });

  it('estimates the spend where a call has a price', async () => {
    const { run, spent } = await setUp({ CALL_PRICE: '0.05' });
    await spent(30, at(0, 0), 'dash', 'profile', 'Compare');
    await spent(1, at(0, 0), 'batch', 'profile', null, { billed: 'maybe' });
    expect(await run('--by', 'key')).toBe(
      [
        'key    calls  uncertain  yuan',
        'dash      30          0  1.50',
        'batch      1          1  0.05',
        'total     31          1  1.55',
      ].join('\n'),
    );
    expect(await run('--by', 'key', '--csv')).toBe(
      'key,calls,uncertain,yuan\r\ndash,30,0,1.50\r\nbatch,1,1,0.05\r\n',
    );
  });

  it('prints CSV in which no name is a formula', async () => {
    const { run, spent } = await setUp();
    await spent(5, at(0, 0), '-dash', 'profile', '=HYPERLINK("http://x","y")');
    await spent(4, at(0, 0), 'dash', 'profile', '+1');
    await spent(3, at(0, 0), 'dash', 'profile', '@SUM(A1)');
    await spent(2, at(0, 0), 'dash', 'profile', '-1');
    await spent(1, at(0, 0), null, 'profile', null);
    expect(await run('--csv', '--by', 'key,operation')).toBe(
      [
        'key,operation,calls,uncertain',
        `'-dash,"'=HYPERLINK(""http://x"",""y"")",5,0`,
        "dash,'+1,4,0",
        "dash,'@SUM(A1),3,0",
        "dash,'-1,2,0",
        ',,1,0',
        '',
      ].join('\r\n'),
    );
  });

  it('says that nothing was spent, and what could not be read', async () => {
    const { run, store, fingerprint, logs } = await setUp();
    expect(await run('--by', 'key')).toBe('key    calls  uncertain\ntotal      0          0');
    const series = { atMs: Date.now(), value: '{', digest: null };
    await store.append(`ledger:${fingerprint}:${chinaDay(Date.now())}`, series, { lifeMs: dayMs });
    expect(await run('--by', 'key')).toMatch(
      /\ntotal .*\nSkipped, because they can't be read: entries of the ledger: 1$/,
    );
    expect(await run('--by', 'key', '--csv')).toBe('key,calls,uncertain\r\n');
    expect(logs).toEqual([expect.stringContaining('"unreadable":1')]);
  });

  it('shows what a running server paid for, also after the answers were forgotten', async () => {
    const upstream = await scriptedUpstream(() => success({ follower: 1 }));
    const env = { JUSTONEAPI_BASE_URL: upstream.baseUrl, API_KEYS: 'dash:dashboard-key' };
    const { config, store } = await setUp(env);
    const server = await startTestServer({ upstream, store, clock: realClock, env });
    const query = `query Compare { creator(id: "${id}") { profile { followerCount } } }`;
    await server.ask(query, {}, { authorization: 'Bearer dashboard-key' });
    await server.client.settled(5_000);
    const forget = readStoreCommand(['forget', id]);
    expect(await (forget && runStoreCommand(forget, config, recordingLogger().logger))).toContain(
      '1 answers',
    );
    expect(await runSpend(['--days', '2', '--by', 'key,operation,endpoint,creator'], config)).toContain(
      `dash   Compare    profile   ${id}      1          0`,
    );
    expect(upstream.calls).toHaveLength(1);
  });
});

describe('a table', () => {
  it('has its texts at the left and its numbers at the right', () => {
    const table = { header: ['a', 'bb', 'n'], rows: [['ccc', '', '10']], textColumns: 2 };
    expect(alignedText(table)).toBe('a    bb   n\nccc      10');
  });

  it('is CSV as RFC 4180 says, with numbers as they are', () => {
    const table = {
      header: ['a', 'n'],
      rows: [
        ['x,y', '-1'],
        ['x\ny', '2'],
        ['"', '3'],
      ],
      textColumns: 1,
    };
    expect(csv(table)).toBe('a,n\r\n"x,y",-1\r\n"x\ny",2\r\n"""",3\r\n');
  });
});
