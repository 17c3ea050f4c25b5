import { describe, expect, it } from 'vitest';
import { faultIds, temporaryFaultIds } from '../../src/sandbox/faults.js';
import { type SandboxCall, type SandboxOptions, startSandbox } from '../../src/sandbox/server.js';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { atEnd } from '../fixtures.js';

const someId = '6712345678901234567';
const { path } = endpoints.cpMetrics;

async function sandbox(options: SandboxOptions = {}) {
  const billed: SandboxCall[] = [];
  const { baseUrl, close } = await startSandbox({ ...options, onBilled: (call) => billed.push(call) });
  atEnd(close);
  /** Waits for the answer to begin, and for no more of it. */
  const call = async (oAuthorId: string, { token = 'any', at = path } = {}) => {
    const hangUp = new AbortController();
    const query = new URLSearchParams({ token, oAuthorId });
    await fetch(`${baseUrl}${at}?${query}`, { redirect: 'manual', signal: hangUp.signal }).catch(() => {});
    hangUp.abort();
  };
  return { billed, call, baseUrl };
}

describe('the bill', () => {
  it('has every success, also repeated ones', async () => {
    const { billed, call } = await sandbox();
    await call(someId);
    await call(someId, { at: endpoints.prices.path });
    await call(someId);
    expect(billed).toEqual(
      [path, endpoints.prices.path, path].map((at) => ({
        path: at,
        creatorId: someId,
        platform: 'SHORT_VIDEO',
        query: `oAuthorId=${someId}`,
      })),
    );
  });

  it('has "no data" and answers that begin like a success, but no other failure', async () => {
    const { billed, call } = await sandbox();
    const answered = [...faultIds].filter(([, fault]) => fault !== 'timeout');
    for (const [id] of answered) await call(id);
    const faults = billed.map(({ creatorId }) => faultIds.get(creatorId ?? ''));
    expect(faults).toEqual([201, 202, 404, 'broken', 'half', 'base_resp', 'drip', 'gzip', 'huge']);
  });

  it('has no call that is never answered', async () => {
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const { billed, call, baseUrl } = await sandbox({ onCall: () => arrive() });
    call('9000000000000000901').catch(() => {});
    await arrived;
    // Another call is answered, so the one before has been dealt with.
    await fetch(baseUrl);
    expect(billed).toEqual([]);
  });

  it.each([...temporaryFaultIds])('has the first answer of %s that is one', async (id, { times }) => {
    const { billed, call } = await sandbox();
    for (let nth = 0; nth < times; nth += 1) await call(id);
    expect(billed).toHaveLength(0);
    await call(id);
    expect(billed).toHaveLength(1);
  });

  it('has no call that is refused', async () => {
    const { billed, call } = await sandbox();
    await call(someId, { token: '' });
    await call('1');
    await call(someId, { at: '/api/nothing/v1' });
    expect(billed).toEqual([]);
  });

  it('has no call during an outage', async () => {
    const { billed, call } = await sandbox({ outage: { everyMs: 1_000, forMs: 1_000 } });
    await call(someId);
    expect(billed).toEqual([]);
  });

  it('has a call whose client has disconnected', async () => {
    let bill = (_: SandboxCall) => {};
    const billed = new Promise<SandboxCall>((resolve) => {
      bill = resolve;
    });
    const hangUp = new AbortController();
    const { baseUrl, close } = await startSandbox({
      latency: { kind: 'constant', ms: 20 },
      onCall: () => hangUp.abort(),
      onBilled: (call) => bill(call),
    });
    atEnd(close);
    const query = new URLSearchParams({ token: 'any', oAuthorId: someId });
    const asked = fetch(`${baseUrl}${path}?${query}`, { signal: hangUp.signal });
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    expect(await billed).toMatchObject({ creatorId: someId });
  });
});
