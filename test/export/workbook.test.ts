import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { readSheet } from 'read-excel-file/node';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures.js';
import { sandboxUpstream, scriptedUpstream, startTestServer, success } from '../harness.js';
import { exportWith, fileWith, linkOf, manyIds } from './material.js';

const fields = 'id,name,tags,followers,price21To60,viralRate,url';

/** "达人,链接" and "张大仙" as Excel saves them in China. */
const gbk = {
  titles: [0xb4, 0xef, 0xc8, 0xcb, 0x2c, 0xc1, 0xb4, 0xbd, 0xd3],
  name: [0xd5, 0xc5, 0xb4, 0xf3, 0xcf, 0xc9],
} as const;

describe('a workbook', () => {
  it('has 120 creators out of the links of a GBK file, cell by cell, read by another library', async () => {
    const ids = ['6629722295873044494', ...manyIds(119)];
    const lines = ids.map((id) =>
      Buffer.concat([Buffer.from([...gbk.name]), Buffer.from(`,${linkOf(id)}\r\n`)]),
    );
    const list = await fileWith(Buffer.concat([Buffer.from([...gbk.titles, 0x0d, 0x0a]), ...lines]));
    const upstream = await sandboxUpstream();
    const out = join(await temporaryFolder(), 'out.xlsx');
    const exported = await exportWith([list, '-o', out, '--yes', '--fields', fields], { upstream });
    expect(exported.code).toBe(0);
    expect(exported.err).toContain('120 creators × 3 sections: 360 calls to pay');
    expect(new Set(upstream.calls).size).toBe(360);
    expect(upstream.calls).toHaveLength(360);

    // Another server says what the cells must be, out of the same sandbox.
    const server = await startTestServer({ upstream: await sandboxUpstream() });
    const query = `query ($ids: [ID!]!) { creators(ids: $ids) {
      id xingtuUrl profile { name followerCount tags { name } } cpMetrics { viralRate }
      prices { byDuration { seconds21To60 { price { amount } } } }
    } }`;
    const answers = [];
    for (const part of [ids.slice(0, 60), ids.slice(60)]) {
      answers.push(...(await server.ask(query, { ids: part })).data.creators);
    }
    const rows = await readSheet(out, '达人');
    expect(rows).toEqual([
      ['达人 ID', '昵称', '内容标签', '粉丝数', '21–60 秒报价（元）', '爆文率', '星图主页'],
      ...answers.map(({ id, xingtuUrl, profile, prices, cpMetrics }) => [
        id,
        profile.name,
        profile.tags.map(({ name }: { name: string }) => name).join('、') || null,
        profile.followerCount,
        prices.byDuration.seconds21To60?.price ? Number(prices.byDuration.seconds21To60.price.amount) : null,
        cpMetrics.viralRate,
        xingtuUrl,
      ]),
    ]);
    expect(rows[1]?.slice(0, 2)).toEqual(['6629722295873044494', '张大仙']);
    expect(await readSheet(out, '失败')).toHaveLength(1);
    const cost = Object.fromEntries(await readSheet(out, '费用'));
    expect(cost).toMatchObject({ 达人数: 120, 付费调用: 360, 缓存命中: 0, 失败的调用: 0 });
    expect(cost['数据来源']).toContain('沙盒');
  });

  it('has texts as texts, numbers with their formats, fixed titles with filters, and failures with advice', async () => {
    const upstream = await scriptedUpstream((call) =>
      call.startsWith('prices')
        ? { body: { code: 600, data: null } }
        : success({ nick_name: '=1+1', follower: 1_234_567, avg_engage: 1 }),
    );
    const [id = ''] = manyIds(1);
    const out = join(await temporaryFolder(), 'out.xlsx');
    const list = await fileWith(`Creator\n${id}\nhttps://v.douyin.com/abc\n`);
    const args = [list, '-o', out, '--yes', '--language', 'en', '--fields', 'id,name,followers,price21To60'];
    const exported = await exportWith(args, { upstream });
    expect(exported.code).toBe(3);
    expect(exported.err).toContain(
      'Row 3 (https://v.douyin.com/abc): "https://v.douyin.com/abc" is a short link',
    );
    expect(await readSheet(out, 'Creators')).toEqual([
      ['Creator ID', 'Name', 'Followers', 'Price, 21–60 s (CNY)'],
      [id, '=1+1', 1_234_567, null],
    ]);
    expect(await readSheet(out, 'Failures')).toEqual([
      ['Creator ID', 'Section', 'Error code', 'What happened', 'What to do'],
      [id, 'prices', 'UPSTREAM_FORBIDDEN', expect.any(String), expect.stringContaining('operator')],
      [
        'https://v.douyin.com/abc',
        'Row 3 of the list',
        'BAD_USER_INPUT',
        expect.stringContaining('short link'),
        expect.stringContaining('15 to 20 digits'),
      ],
    ]);
    expect(Object.fromEntries(await readSheet(out, 'Cost'))).toMatchObject({
      'Paid calls': 1,
      'Failed calls': 1,
      Source: 'Live',
    });
    expect(upstream.calls).toHaveLength(2);

    const files = unzipSync(await readFile(out));
    const part = (path: string) => strFromU8(files[path] ?? new Uint8Array());
    const sheet = part('xl/worksheets/sheet1.xml');
    expect(sheet).toMatch(/<pane [^>]*ySplit="1"[^>]*state="frozen"/);
    expect(sheet).toContain('</sheetData><autoFilter ref="A1:D2"/>');
    expect(sheet).not.toContain('<f>');
    // Of each kind of cell, the style, and of that the format.
    const styles = part('xl/styles.xml');
    expect(styles).toContain('formatCode="#,##0"');
    const styleOf = (address: string) => new RegExp(`<c [^>]*r="${address}"[^>]*>`).exec(sheet)?.[0] ?? '';
    expect(styleOf('C2')).toMatch(/ s="\d+"/);
    expect(styleOf('C2')).not.toContain('t="s"');
  });
});
