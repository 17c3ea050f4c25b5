import { describe, expect, it } from 'vitest';
import { sandboxUpstream, scriptedUpstream, startTestServer, success } from '../harness.js';

const ids = ['6629722295873044494', '6712345678901234502'] as const;
const [first, second] = ids;
const key = 'sheet-key-123';
const withKey = { API_KEYS: `sheet:${key}` };
const basic = (password: string) => `Basic ${Buffer.from(`anybody:${password}`).toString('base64')}`;
const callsOf = (...sections: string[]) =>
  ids.flatMap((id) => sections.map((section) => `${section} ${id} SHORT_VIDEO`)).toSorted();

describe('GET /creators.csv', () => {
  it('answers with the columns that were asked for, in the order and number of the ids, and with the cost', async () => {
    const upstream = await sandboxUpstream();
    const server = await startTestServer({ upstream, env: { CALL_PRICE: '0.05' } });
    const link = encodeURIComponent(
      `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${second}`,
    );
    const path = `/creators.csv?ids=${first},${link}%20${first}&fields=id,name,followers,price21To60,viralRate`;
    const response = await server.fetch(path);
    expect(response.status).toBe(200);
    expect(new Uint8Array(await response.clone().arrayBuffer()).slice(0, 3)).toEqual(
      new Uint8Array([0xef, 0xbb, 0xbf]),
    );
    const zhang = `${first},张大仙,42796417,659100,0.12,\r\n`;
    const chen = `${second},陈在路上,31094474,338000,0.0301,\r\n`;
    const titles = '达人 ID,昵称,粉丝数,21–60 秒报价（元）,爆文率,errors\r\n';
    expect(await response.text()).toBe(`${titles}${zhang}${chen}${zhang}`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'cache-control': 'no-store',
      'x-cost':
        'requested=6, paid=6, cached=0, coalesced=0, failed=0, uncertain=0, renewals=0, spend="0.30 CNY"',
    });
    expect(upstream.calls.toSorted()).toEqual(callsOf('profile', 'prices', 'cpMetrics').toSorted());

    const again = await server.fetch(`${path}&language=en`);
    expect(await again.text()).toBe(
      `Creator ID,Name,Followers,"Price, 21–60 s (CNY)",Viral rate,errors\r\n${zhang}${chen}${zhang}`,
    );
    expect(again.headers.get('x-cost')).toMatch(/^requested=6, paid=0, cached=6, /);
    expect(upstream.calls).toHaveLength(6);
  });

  it('says the cost of each request, also of one that is repeated', async () => {
    const server = await startTestServer();
    const costs = [];
    for (let nth = 0; nth < 4; nth += 1) {
      costs.push((await server.fetch(`/creators.csv?ids=${first}&fields=name`)).headers.get('x-cost'));
    }
    const rest = 'coalesced=0, failed=0, uncertain=0, renewals=0';
    const cached = `requested=1, paid=0, cached=1, ${rest}`;
    expect(costs).toEqual([`requested=1, paid=1, cached=0, ${rest}`, cached, cached, cached]);
    expect(server.calls).toHaveLength(1);
  });

  it('leaves the cells of a failed section empty, and names it in the last column', async () => {
    const upstream = await scriptedUpstream((call) =>
      call.startsWith('prices')
        ? { body: { code: 600, data: null } }
        : success({ nick_name: '张', follower: 5 }),
    );
    const server = await startTestServer({ upstream });
    const response = await server.fetch(
      `/creators.csv?ids=${first},12345&fields=id,name,followers,price21To60&language=en`,
    );
    expect(response.status).toBe(200);
    expect((await response.text()).split('\r\n').slice(1)).toEqual([
      `${first},张,5,,prices: UPSTREAM_FORBIDDEN`,
      '12345,,,,id: BAD_USER_INPUT',
      '',
    ]);
    expect(upstream.calls).toHaveLength(2);
  });

  it('gives a spreadsheet no formula to calculate', async () => {
    const names = ['=HYPERLINK("http://evil")', '+1', '-1', '@SUM(A1)', '＝1+1', '\n=1', '张,"大"\n仙'];
    const upstream = await scriptedUpstream((_, nth) => success({ nick_name: names[nth - 1], follower: 5 }));
    const server = await startTestServer({ upstream });
    const cells = [];
    for (const at of names.keys()) {
      const response = await server.fetch(`/creators.csv?ids=662972229587304449${at}&fields=name`);
      cells.push((await response.text()).split('\r\n').slice(1).join('\r\n'));
    }
    expect(cells).toEqual([
      `"'=HYPERLINK(""http://evil"")",\r\n`,
      `'+1,\r\n`,
      `'-1,\r\n`,
      `'@SUM(A1),\r\n`,
      `'＝1+1,\r\n`,
      `'=1,\r\n`,
      `"张,""大""\n仙",\r\n`,
    ]);
    expect(upstream.calls).toHaveLength(names.length);
  });

  it.each([
    ['Bearer', `/creators.csv?ids=${first}&fields=name`, { authorization: `Bearer ${key}` }],
    ['Basic', `/creators.csv?ids=${first}&fields=name`, { authorization: basic(key) }],
    ['its address', `/creators.csv?ids=${first}&fields=name&key=${key}`, {}],
  ])('takes a key by %s, and charges its owner', async (_, path, headers) => {
    const server = await startTestServer({ env: withKey });
    const response = await server.fetch(path, { headers: headers as Record<string, string> });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('张大仙');
    expect(server.calls).toEqual([`profile ${first} SHORT_VIDEO`]);
    const spend = '{ upstream { spend(days: 1) { payer operationName calls } } }';
    const { data } = await server.ask(spend, {}, { authorization: `Bearer ${key}` });
    expect(data.upstream.spend).toEqual([{ payer: 'sheet', operationName: 'CreatorsCsv', calls: 1 }]);
    expect(server.logs.join('')).not.toContain(key);
  });

  it.each([
    ['no key', '', {}, 'This server requires an API key.'],
    ['a wrong key', '', { authorization: 'Bearer wrong-key-123' }, 'does not know the API key'],
    ['a wrong password', '', { authorization: basic('wrong-key-123') }, 'does not know the API key'],
    ['a wrong key in the address', '&key=wrong-key-123', {}, 'does not know the API key'],
    ['no characters of a key', '&key=%0d%0ax:1', {}, 'This server requires an API key.'],
  ])('answers 401 to %s, in a plain sentence, and calls nothing', async (_, query, headers, why) => {
    const server = await startTestServer({ env: withKey });
    const response = await server.fetch(`/creators.csv?ids=${first}${query}`, {
      headers: headers as Record<string, string>,
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(response.headers.get('www-authenticate')).toContain(', Basic realm="Xingtu GraphQL"');
    const text = await response.text();
    expect(text).toContain(why);
    expect(text).not.toContain('wrong-key-123');
    expect(server.calls).toEqual([]);
  });

  it('does not let a browser ask for a password, which it would then send for the images of other sites', async () => {
    const server = await startTestServer({ env: withKey });
    for (const headers of [{ 'sec-fetch-site': 'none' }, { accept: 'text/html,*/*' }]) {
      const response = await server.fetch(`/creators.csv?ids=${first}`, {
        headers: headers as Record<string, string>,
      });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).not.toContain('Basic');
    }
  });

  it.each([
    [{ 'sec-fetch-site': 'cross-site' }, {}],
    [{ 'sec-fetch-site': 'same-site' }, {}],
    [{ origin: 'https://evil.example' }, {}],
    [{ 'sec-purpose': 'prefetch', 'sec-fetch-site': 'same-origin' }, {}],
    [{ host: 'evil.example' }, {}],
    [{ 'sec-fetch-site': 'cross-site', authorization: basic(key) }, withKey],
  ] as const)('refuses a page of another site that sends %j', async (headers, env) => {
    const server = await startTestServer({ env });
    const response = await server.fetch(`/creators.csv?ids=${first}`, { headers });
    expect(response.status).toBe(403);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(server.calls).toEqual([]);
  });

  const manyIds = Array.from({ length: 101 }, (_, at) => `${6_600_000_000_000_000 + at}`);
  it.each([
    ['no ids', '', 'Expected ids in the address'],
    ['only malformed ids', '?ids=12345', 'Expected a creator'],
    ['over 100 ids', `?ids=${manyIds.join(',')}&fields=url`, 'Expected at most 100 ids'],
    ['over QUERY_MAX_CALLS', `?ids=${manyIds.slice(0, 67).join(',')}`, 'asks for 201 calls'],
    ['an unknown field', `?ids=${first}&fields=naem`, 'The nearest is name.'],
    ['a long unknown field', `?ids=${first}&fields=${'x'.repeat(15_000)}`, 'The nearest is'],
    ['an unknown language', `?ids=${first}&language=fr`, 'Expected the language to be zh or en'],
  ])('answers 400 to %s, and calls nothing', async (_, query, why) => {
    const server = await startTestServer();
    const response = await server.fetch(`/creators.csv${query}`);
    expect(await response.text()).toContain(why);
    expect(response.status).toBe(400);
    expect(server.calls).toEqual([]);
  });

  it('answers 429 when the budget of the key is spent, and says when to ask again', async () => {
    const server = await startTestServer({ env: { API_KEYS: `sheet:${key}:1` } });
    const headers = { authorization: `Bearer ${key}` };
    expect((await server.fetch(`/creators.csv?ids=${first}&fields=name`, { headers })).status).toBe(200);
    const response = await server.fetch(`/creators.csv?ids=${second}&fields=name`, { headers });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.text()).toMatch(/budget|limit/i);
    expect(server.calls).toEqual([`profile ${first} SHORT_VIDEO`]);
  });

  it('answers 503 when upstream is down', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 601, data: null } }));
    const server = await startTestServer({ upstream });
    const response = await server.fetch(`/creators.csv?ids=${first}&fields=name`);
    expect(response.status).toBe(503);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(upstream.calls).toHaveLength(1);
  });

  it('answers a dry run with a sentence, HEAD without a body, and calls nothing for them', async () => {
    const server = await startTestServer();
    const path = `/creators.csv?ids=${first}`;
    const dryRun = await server.fetch(path, { headers: { 'x-dry-run': '1' } });
    expect([dryRun.status, await dryRun.text()]).toEqual([
      200,
      'Dry run: 3 paid calls; nothing was executed.\n',
    ]);
    const head = await server.fetch(path, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
      200,
      'text/csv; charset=utf-8; header=present',
      '',
    ]);
    expect((await server.fetch(path, { method: 'POST', body: '' })).status).toBe(405);
    expect(server.calls).toEqual([]);
  });
});
