import { describe, expect, it } from 'vitest';
import { sandboxUpstream, scriptedUpstream, startTestServer } from '../harness.js';

const id = '6712345678901234502';
const otherId = '6712345678901234567';
const link = `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${otherId}`;
const key = 'a-key-of-the-sheet';
const withKeys = { API_KEYS: `sheets:${key}` };
const path = (query: Record<string, string>) => `/creators.csv?${new URLSearchParams(query)}`;

describe('GET /creators.csv', () => {
  it('gives the columns that it names, of ids and links, and says what that cost', async () => {
    const server = await startTestServer();
    const asked = path({ ids: `${id}, ${link}`, fields: 'name,followers,price21To60', language: 'en' });
    const response = await server.fetch(asked);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    expect(['paid', 'cached', 'failed'].map((name) => response.headers.get(`x-${name}-calls`))).toEqual([
      '4',
      '0',
      '0',
    ]);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(new TextDecoder().decode(bytes)).toBe(
      [
        'Name,Followers,"Price, 21–60 s (CNY)",errors',
        '陈在路上,31094474,338000,',
        '叶修电脑,4342315,40900,',
        '',
      ].join('\r\n'),
    );
    expect(server.calls).toHaveLength(4);
    const again = await server.fetch(asked, { headers: { 'accept-encoding': 'gzip' } });
    expect([again.headers.get('x-paid-calls'), again.headers.get('x-cached-calls')]).toEqual(['0', '4']);
    expect(server.calls).toHaveLength(4);
    const { data } = await server.ask('{ upstream { spend { operationName calls } } }');
    expect(
      data.upstream.spend.map(({ operationName }: { operationName: string }) => operationName),
    ).toContain('CreatorsCsv');
  });

  it('takes the key as Bearer, as the password that Excel sends, or in the URL', async () => {
    const upstream = await sandboxUpstream();
    const server = await startTestServer({ upstream, env: withKeys });
    const asked = { ids: id, fields: 'name' };
    const basic = `Basic ${Buffer.from(`anyone:${key}`).toString('base64')}`;
    const statuses = await Promise.all(
      [
        server.fetch(path(asked), { headers: { authorization: `Bearer ${key}` } }),
        server.fetch(path(asked), { headers: { authorization: basic } }),
        server.fetch(path({ ...asked, key })),
      ].map(async (response) => (await response).status),
    );
    expect(statuses).toEqual([200, 200, 200]);
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
    for (const refused of [path(asked), path({ ...asked, key: 'wrong' })]) {
      const response = await server.fetch(refused);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('Basic');
      expect(await response.text()).toMatch(/^This server .+API key.*\.\n$/);
    }
    expect(server.calls).toHaveLength(1);
    expect(JSON.stringify(server.logs)).not.toContain(key);
  });

  it('refuses what it cannot answer, with a sentence, before anything is called', async () => {
    const server = await startTestServer({ env: { QUERY_MAX_CALLS: '5' } });
    const many = Array.from({ length: 101 }, (_, nth) => String(BigInt(id) + BigInt(nth))).join();
    const refusals = [
      [path({ ids: '' }), 400, 'Expected ids or Xingtu links'],
      [path({ ids: id, fields: 'nam' }), 400, 'The nearest is name.'],
      [path({ ids: many, fields: 'id' }), 400, '100'],
      [path({ ids: `${id},${otherId}` }), 400, 'QUERY_MAX_CALLS'],
    ] as const;
    for (const [asked, status, sentence] of refusals) {
      const response = await server.fetch(asked);
      expect([asked.slice(0, 60), response.status]).toEqual([asked.slice(0, 60), status]);
      expect(await response.text()).toContain(sentence);
    }
    expect((await server.fetch(path({ ids: id }), { method: 'POST', body: '' })).status).toBe(405);
    expect((await server.fetch('/creators.csvx')).status).toBe(404);
    expect(server.calls).toEqual([]);
  });

  it("is refused to other sites' pages, which would spend money with it", async () => {
    const server = await startTestServer();
    const asked = path({ ids: id });
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'https://elsewhere.example' },
      { 'sec-purpose': 'prefetch', 'sec-fetch-site': 'same-origin' },
    ] as const) {
      expect((await server.fetch(asked, { headers })).status).toBe(403);
    }
    expect(server.calls).toEqual([]);
  });

  it('leaves the cells of a failed section empty, says why, and writes no formula', async () => {
    const upstream = await scriptedUpstream((call) =>
      call.startsWith('prices')
        ? { body: { code: 301 } }
        : { body: { code: 0, data: { nick_name: '=HYPERLINK("http://x")', follower: 7 } } },
    );
    const server = await startTestServer({ upstream, env: { UPSTREAM_RETRIES: '0' } });
    const response = await server.fetch(path({ ids: `${id},none`, fields: 'id,name,price21To60' }));
    expect(response.status).toBe(200);
    const [, first, second] = (await response.text()).split('\r\n');
    expect(first).toBe(`${id},"'=HYPERLINK(""http://x"")",,prices: UPSTREAM_COLLECTION_FAILED`);
    expect(second).toBe('none,,,id: BAD_USER_INPUT');
    expect(server.calls.toSorted()).toEqual([`prices ${id} SHORT_VIDEO`, `profile ${id} SHORT_VIDEO`]);
  });
});
