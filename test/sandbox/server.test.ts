import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sampleCreatorId, sandboxPlatforms } from '../../src/sandbox/creators.js';
import { randomFrom } from '../../src/sandbox/random.js';
import { type SandboxCall, type SandboxOptions, startSandbox } from '../../src/sandbox/server.js';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { type DocumentedEndpoint, documentedEndpoints } from '../documentedEndpoints.js';
import { atEnd, testClock } from '../fixtures.js';

const someId = '6712345678901234567';

interface Question {
  readonly path: string;
  readonly token?: string;
  readonly oAuthorId?: string;
  readonly platform?: string;
}

interface Asked {
  readonly baseUrl: string;
  fetch(question: Question, init?: RequestInit): Promise<Response>;
  /** The body that answers about a creator, as it was sent. */
  read(name: DocumentedEndpoint, id: string, platform?: string): Promise<string>;
}

async function sandbox(options?: SandboxOptions): Promise<Asked> {
  const { baseUrl, close } = await startSandbox(options);
  atEnd(close);
  const ask: Asked['fetch'] = ({ path, ...query }, init) =>
    fetch(`${baseUrl}${path}?${new URLSearchParams({ ...query })}`, init);
  return {
    baseUrl,
    fetch: ask,
    read: async (name, oAuthorId, platform) => {
      const { path } = endpoints[name];
      const response = await ask({ path, token: 'any', oAuthorId, ...(platform ? { platform } : {}) });
      return response.text();
    },
  };
}

describe('the creator of the vendor’s samples', () => {
  const sampleFiles = {
    profile: 'profile',
    prices: 'prices',
    cpMetrics: 'cp-metrics',
    recommendedVideos: 'recommended-videos',
    audienceTouch: 'audience-touch',
  } as const satisfies Record<DocumentedEndpoint, string>;

  it.each(documentedEndpoints)('is answered with the exact sample of %s', async (name) => {
    const sample = new URL(`../../src/sandbox/samples/${sampleFiles[name]}.json`, import.meta.url);
    const expected = JSON.stringify(JSON.parse(readFileSync(sample, 'utf8')));
    const { read } = await sandbox();
    expect(await read(name, sampleCreatorId, 'SHORT_VIDEO')).toBe(expected);
    expect(await read(name, sampleCreatorId)).toBe(expected);
  });

  it('is made up on the platforms without a sample', async () => {
    const { read } = await sandbox();
    const answers = await Promise.all(
      sandboxPlatforms.map((platform) => read('cpMetrics', sampleCreatorId, platform)),
    );
    expect(new Set(answers).size).toBe(sandboxPlatforms.length);
  });
});

describe('any other creator', () => {
  const questions = documentedEndpoints.flatMap((name) =>
    sandboxPlatforms.map((platform) => ({ name, platform })),
  );

  it.each(questions)(
    'has the same $name on $platform at every call and in every sandbox',
    async (question) => {
      const { name, platform } = question;
      const [first, second] = await Promise.all([sandbox(), sandbox()]);
      const answer = await first.read(name, someId, platform);
      expect(JSON.parse(answer)).toMatchObject({ code: 0, data: { base_resp: { status_code: 0 } } });
      expect(await first.read(name, someId, platform)).toBe(answer);
      expect(await second.read(name, someId, platform)).toBe(answer);
    },
  );

  it.each(documentedEndpoints)('has its own %s', async (name) => {
    const { read } = await sandbox();
    const others = ['6712345678901234568', '6712345678901234576', '7712345678901234567'];
    const answers = await Promise.all([someId, ...others].map((id) => read(name, id)));
    expect(new Set(answers).size).toBe(4);
  });

  it('may have an id of 15 to 20 digits, and any digits', async () => {
    const { read } = await sandbox();
    const longest = Array.from({ length: 10 }, (_, digit) => String(digit).repeat(20));
    const ids = [...longest, ...longest.map((id) => id.slice(0, 15)), '00000000000000000001'];
    for (const id of ids) {
      const { code, data } = JSON.parse(await read('profile', id));
      expect([code, Number(data.id)], id).toEqual([0, Number(id)]);
    }
  });

  it('may be asked for many times at once', async () => {
    const { read } = await sandbox();
    const answers = await Promise.all(Array.from({ length: 50 }, () => read('prices', someId)));
    expect(new Set(answers).size).toBe(1);
  });
});

describe('a request that the vendor would refuse', () => {
  const { path } = endpoints.profile;
  const token = 'any';

  it.each<[string, Question, number, number]>([
    ['without a token', { path, oAuthorId: someId }, 200, 100],
    ['with an empty token', { path, oAuthorId: someId, token: '' }, 200, 100],
    ['without an id', { path, token }, 200, 400],
    ['with an id of 14 digits', { path, token, oAuthorId: '67123456789012' }, 200, 400],
    ['with an id of 21 digits', { path, token, oAuthorId: '671234567890123456789' }, 200, 400],
    ['with an id that has a letter', { path, token, oAuthorId: '671234567890123456a' }, 200, 400],
    ['with an id after a blank', { path, token, oAuthorId: ` ${someId}` }, 200, 400],
    ['of an unknown platform', { path, token, oAuthorId: someId, platform: 'RADIO' }, 200, 400],
    ['of a platform in small letters', { path, token, oAuthorId: someId, platform: 'short_video' }, 200, 400],
    ['of an unknown path', { path: '/api/nothing/v1', token, oAuthorId: someId }, 404, 404],
    ['of a path gone on with', { path: `${path}/`, token, oAuthorId: someId }, 404, 404],
  ])('%s is answered with a code and no data', async (_, question, status, code) => {
    const { fetch } = await sandbox();
    const response = await fetch(question);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ code, data: null, message: expect.any(String) });
  });
});

describe('a creator with options of its own', () => {
  const { path } = endpoints.profile;
  const codeOf = async ({ fetch }: Asked, oAuthorId: string) =>
    ((await (await fetch({ path, token: 'any', oAuthorId })).json()) as { code: number }).code;

  it('fails in its own way, or not at all', async () => {
    const asked = await sandbox({
      faultRates: [{ fault: 301, rate: 1 }],
      creators: new Map([
        [sampleCreatorId, { faultRates: [{ fault: 500, rate: 1 }] }],
        ['6712345678901234568', { faultRates: [] }],
      ]),
    });
    expect(await codeOf(asked, someId)).toBe(301);
    expect(await codeOf(asked, sampleCreatorId)).toBe(500);
    expect(await codeOf(asked, '6712345678901234568')).toBe(0);
  });

  it('has its own latency, also when its id always fails', async () => {
    const asked = await sandbox({
      // Longer than any test runs.
      latency: { kind: 'constant', ms: 600_000 },
      creators: new Map([
        [someId, { latency: { kind: 'constant', ms: 0 } }],
        ['9000000000000000301', { latency: { kind: 'constant', ms: 0 }, faultRates: [] }],
      ]),
    });
    expect(await codeOf(asked, someId)).toBe(0);
    expect(await codeOf(asked, '9000000000000000301')).toBe(301);
  });
});

describe('random behaviour', () => {
  it('is the same for the same numbers', async () => {
    const { path } = endpoints.profile;
    const ids = Array.from({ length: 12 }, (_, index) => `${BigInt(someId) + BigInt(index)}`);
    const outcomes = async () => {
      const { fetch } = await sandbox({
        latency: { kind: 'uniform', minMs: 0, maxMs: 20 },
        faultRates: [{ fault: 301, rate: 0.5 }],
        random: randomFrom('luck').next,
      });
      const codes: number[] = [];
      for (const oAuthorId of ids) {
        const response = await fetch({ path, token: 'any', oAuthorId });
        codes.push(((await response.json()) as { code: number }).code);
      }
      return codes;
    };
    const first = await outcomes();
    expect(new Set(first)).toEqual(new Set([0, 301]));
    expect(await outcomes()).toEqual(first);
  });
});

describe('an outage', () => {
  const { path } = endpoints.profile;
  const question = { path, token: 'any', oAuthorId: someId };
  const outage = { everyMs: 300_000, forMs: 30_000 };
  const lost = { cause: { code: 'ECONNRESET' } };

  it('resets every connection until it ends', async () => {
    const { now, advance } = testClock();
    const calls: SandboxCall[] = [];
    const { fetch } = await sandbox({ outage, now, onCall: (call) => calls.push(call) });
    expect((await fetch(question)).status).toBe(200);
    advance(270);
    await expect(fetch(question)).rejects.toMatchObject(lost);
    await expect(fetch({ path: '/ping' })).rejects.toMatchObject(lost);
    advance(30);
    expect((await fetch(question)).status).toBe(200);
    expect(calls).toHaveLength(4);
  });

  it('resets without waiting for the latency', async () => {
    const { now, advance } = testClock();
    const { fetch } = await sandbox({ outage, now, latency: { kind: 'constant', ms: 600_000 } });
    advance(270);
    await expect(fetch(question)).rejects.toMatchObject(lost);
  });

  it('resets answers that are due when it has begun', async () => {
    // At the start, when the request comes, and when it would be answered.
    const times = [0, 269_999, 270_000];
    const billed: SandboxCall[] = [];
    const { fetch } = await sandbox({
      outage,
      now: () => times.shift() ?? Number.NaN,
      latency: { kind: 'constant', ms: 1 },
      onBilled: (call) => billed.push(call),
    });
    await expect(fetch(question)).rejects.toMatchObject(lost);
    expect(times).toEqual([]);
    expect(billed).toEqual([]);
  });
});

describe('the sandbox', () => {
  const { path } = endpoints.profile;
  const token = 'any';

  it('reports failing calls with their faults', async () => {
    const told: string[] = [];
    const { fetch } = await sandbox({
      onFault: ({ creatorId }, fault) => told.push(`${creatorId} ${fault}`),
    });
    await fetch({ path, token, oAuthorId: someId });
    await fetch({ path, token, oAuthorId: '9000000000000000301' });
    await fetch({ path, token, oAuthorId: '9000000000000000903' });
    expect(told).toEqual(['9000000000000000301 301', '9000000000000000903 html']);
  });

  it.each<[string, Question]>([
    ['a success', { path, token, oAuthorId: someId }],
    ['a business code', { path, token, oAuthorId: '9000000000000000301' }],
    ['a missing token', { path, oAuthorId: someId }],
    ['a malformed id', { path, token, oAuthorId: '1' }],
    ['an unknown path', { path: '/' }],
    ['half an answer', { path, token, oAuthorId: '9000000000000000905' }],
    ['broken JSON', { path, token, oAuthorId: '9000000000000000902' }],
    ['HTML', { path, token, oAuthorId: '9000000000000000903' }],
    ['an inner failure', { path, token, oAuthorId: '9000000000000000906' }],
    ['bytes that are no gzip', { path, token, oAuthorId: '9000000000000000908' }],
    ['a redirect', { path, token, oAuthorId: '9000000000000000910' }],
  ])('marks %s as an answer of a sandbox', async (_, question) => {
    const { fetch } = await sandbox();
    const response = await fetch(question, { redirect: 'manual' });
    await response.text().catch(() => {});
    expect(response.headers.get('x-justoneapi-sandbox')).toBe('1');
  });

  it('listens on one loopback address only', async () => {
    const { baseUrl } = await sandbox();
    const { hostname, port } = new URL(baseUrl);
    expect(hostname).toBe('127.0.0.1');
    // This machine too, by another of its addresses.
    const elsewhere = fetch(`http://127.0.0.2:${port}/`, { signal: AbortSignal.timeout(1_000) });
    await expect(elsewhere).rejects.toThrow();
  });

  it('lets every answer wait as long as it is told to, failures too', async () => {
    const { fetch } = await sandbox({ latency: { kind: 'uniform', minMs: 150, maxMs: 200 } });
    const ids = [someId, '9000000000000000301', '1'];
    const times = await Promise.all(
      ids.map(async (oAuthorId) => {
        const askedAt = performance.now();
        await (await fetch({ path, token, oAuthorId })).text();
        return performance.now() - askedAt;
      }),
    );
    // A timer may fire a millisecond early.
    expect(Math.min(...times)).toBeGreaterThanOrEqual(148);
  });

  it('reports every request in order, also failing ones', async () => {
    const calls: SandboxCall[] = [];
    const { fetch } = await sandbox({ onCall: (call) => calls.push(call) });
    const heard = (oAuthorId: string) => fetch({ path, token, oAuthorId }).catch(() => {});
    await heard(someId);
    await fetch({ path, token, oAuthorId: someId, platform: 'PICTURE_TEXT' });
    await heard('9000000000000000904');
    await fetch({ path, oAuthorId: someId });
    await fetch({ path: '/ping', platform: 'RADIO' });
    expect(calls).toEqual([
      { path, creatorId: someId, platform: 'SHORT_VIDEO', query: `oAuthorId=${someId}` },
      {
        path,
        creatorId: someId,
        platform: 'PICTURE_TEXT',
        query: `oAuthorId=${someId}&platform=PICTURE_TEXT`,
      },
      {
        path,
        creatorId: '9000000000000000904',
        platform: 'SHORT_VIDEO',
        query: 'oAuthorId=9000000000000000904',
      },
      { path, creatorId: someId, platform: 'SHORT_VIDEO', query: `oAuthorId=${someId}` },
      { path: '/ping', creatorId: null, platform: 'RADIO', query: 'platform=RADIO' },
    ]);
  });

  it('ends calls in flight when it is closed', async () => {
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const { baseUrl, close } = await startSandbox({ onCall: () => arrive() });
    const query = new URLSearchParams({ token, oAuthorId: '9000000000000000901' });
    const underWay = expect(fetch(`${baseUrl}${path}?${query}`)).rejects.toThrow('fetch failed');
    await arrived;
    await close();
    await underWay;
    await expect(fetch(baseUrl)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('lets many calls wait at once, until it is closed', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    let left = 20;
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const { baseUrl, close } = await startSandbox({
      latency: { kind: 'constant', ms: 600_000 },
      onCall: () => {
        left -= 1;
        if (left === 0) arrive();
      },
    });
    const query = new URLSearchParams({ token, oAuthorId: someId });
    const underWay = Array.from({ length: left }, () =>
      fetch(`${baseUrl}${path}?${query}`).catch((error: Error) => error.message),
    );
    await arrived;
    await close();
    expect(new Set(await Promise.all(underWay))).toEqual(new Set(['fetch failed']));
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });

  it('refuses a port that is taken', async () => {
    const { baseUrl } = await sandbox();
    const port = Number(new URL(baseUrl).port);
    await expect(startSandbox({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
