import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { readSheet } from 'read-excel-file/node';
import { expect, it } from 'vitest';
import { listen } from '../../src/http.js';
import { stringify } from '../../src/sandbox/bodies/body.js';
import { bodies } from '../../src/sandbox/bodies/table.js';
import { describeInChromium } from '../browser.js';
import { atEnd } from '../fixtures.js';
import {
  type Reply,
  type SeenCall,
  sandboxUpstream,
  scriptedUpstream,
  startTestServer,
  testConfig,
  type Upstream,
} from '../harness.js';

const dashboardFolder = new URL('../../dist/dashboard/', import.meta.url);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const id = '6712345678901234502';
const otherId = '6712345678901234567';
const chinese: BrowserContextOptions = { locale: 'zh-CN' };

interface PageOptions {
  readonly browser?: BrowserContextOptions;
  readonly env?: Record<string, string>;
  readonly upstream?: Upstream;
}

/** The sandbox's answers, but where `script` says something else. A creator's page of results needs the real sandbox. */
function sandboxBut(script: (call: SeenCall, nth: number) => Reply | null) {
  return scriptedUpstream((call, nth) => {
    const reply = script(call, nth);
    if (reply) return reply;
    const [name = '', creatorId = '', platform = ''] = call.split(' ');
    const body = bodies[name as keyof typeof bodies];
    const data = body.data(new URLSearchParams({ oAuthorId: creatorId, platform }));
    return { body: stringify({ code: 0, data }) };
  });
}

describeInChromium('the page in Chromium', (open) => {
  async function openPage(path: string, { browser = chinese, env = {}, upstream }: PageOptions = {}) {
    const server = await startTestServer({
      env,
      dashboardFolder,
      upstream: upstream ?? (await sandboxUpstream()),
    });
    const http = await listen(server.respond, testConfig({ ...env, PORT: '0' }));
    atEnd(() => http.close());
    const context = await open(browser);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const faults: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(http.origin) && !request.url().startsWith('data:'))
        faults.push(request.url());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
    });
    await page.goto(`${http.origin}/${path}`);
    return { server, http, context, page, faults };
  }

  const dialog = (page: Page) => page.getByRole('dialog');
  const accept = (page: Page) => page.getByRole('dialog').locator('.primary').click();
  const column = (page: Page, key: string) => page.locator(`td[data-column="${key}"]`);
  const followers = async (page: Page) =>
    (await column(page, 'followers').allInnerTexts()).map((text) => Number(/^[\d.]+/.exec(text)?.[0]));

  it('finds creators in Chinese, sorts them, and compares those that are chosen', async () => {
    const { server, page, faults } = await openPage('', { env: { CALL_PRICE: '0.05' } });
    await page.getByLabel('达人类型', { exact: true }).fill('美妆');
    await page.getByLabel('所在地', { exact: true }).fill('广东省');
    await page.getByRole('button', { name: '搜索', exact: true }).click();
    await expect.poll(() => dialog(page).innerText()).toContain('将产生 1 次付费调用（¥0.05）');

    // Refused: nothing is called.
    await dialog(page).getByRole('button', { name: '取消' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    expect(server.calls).toEqual([]);

    await page.getByRole('button', { name: '搜索', exact: true }).click();
    await accept(page);
    await page
      .getByText(/找到 \d+ 位达人/)
      .first()
      .waitFor();
    expect(server.calls).toHaveLength(1);
    await page.getByText('付费 1 次（¥0.05），缓存 0 项').waitFor();

    const descending = await followers(page);
    expect(descending).toEqual(descending.toSorted((a, b) => b - a));
    await page.getByRole('button', { name: '粉丝数' }).click();
    await page.getByRole('button', { name: '粉丝数' }).click();
    await expect.poll(() => followers(page)).toEqual(descending.toSorted((a, b) => a - b));

    for (const nth of Array.from({ length: 10 }, (_, at) => at))
      await page.locator('tbody input').nth(nth).check();
    await page.getByRole('link', { name: '对比所选 10 位' }).click();
    await expect.poll(() => dialog(page).innerText()).toContain('将产生 30 次付费调用（¥1.50）');
    await accept(page);
    await page.locator('td.best').first().waitFor();
    await page.getByText('付费 30 次（¥1.50），缓存 0 项').waitFor();
    expect(server.calls).toHaveLength(31);
    expect(await page.locator('tbody tr').count()).toBe(10);

    // The best of a column is marked, and comes first when the column is sorted.
    await page.getByRole('button', { name: '21–60 秒预期 CPM' }).click();
    const cheapest = column(page, 'cpm21To60');
    await expect.poll(() => cheapest.first().getAttribute('class')).toContain('best');
    const address = page.url();
    const shown = await cheapest.allInnerTexts();
    expect(address).toContain('sort=cpm21To60');

    // A link shows the same, and costs nothing.
    await page.reload();
    await page.locator('td.best').first().waitFor();
    await expect.poll(() => cheapest.allInnerTexts()).toEqual(shown);
    expect(page.url()).toBe(address);
    expect(server.calls).toHaveLength(31);
    expect(faults).toEqual([]);
  });

  it('loads only the section of a column that is added', async () => {
    const upstream = await sandboxUpstream();
    const { server, page, faults } = await openPage(`#/compare?ids=${id},${otherId}&columns=name,followers`, {
      upstream,
    });
    await accept(page);
    await page.locator('td.best').first().waitFor();
    expect(server.calls.toSorted()).toEqual([`profile ${id} SHORT_VIDEO`, `profile ${otherId} SHORT_VIDEO`]);
    await page.getByText('列', { exact: true }).click();
    await page.getByLabel('30 天播放量中位数').check();
    await expect.poll(() => dialog(page).innerText()).toContain('将产生 2 次付费调用');
    await accept(page);
    await expect.poll(() => column(page, 'medianPlays').first().innerText()).toMatch(/\d/);
    expect(server.calls.slice(2).toSorted()).toEqual([
      `performance ${id} SHORT_VIDEO`,
      `performance ${otherId} SHORT_VIDEO`,
    ]);
    expect(faults).toEqual([]);
  });

  it('downloads what is shown, as a workbook and as CSV, in the order of the table', async () => {
    const ids = [otherId, id];
    const path = `#/compare?ids=${ids}&columns=name,followers,price21To60,viralRate&sort=-followers`;
    const { server, page, faults } = await openPage(path);
    await accept(page);
    await page.locator('td.best').first().waitFor();
    const download = async (name: string) => {
      const started = page.waitForEvent('download');
      await page.getByRole('button', { name }).click();
      return (await started).path();
    };
    const cells = [
      [id, '陈在路上', 31_094_474, 338_000, 0.0301],
      [otherId, '叶修电脑', 4_342_315, 40_900, null],
    ];
    const link = (creator: string) =>
      `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${creator}`;
    const workbook = await download('下载 XLSX');
    expect(await readSheet(workbook, '达人')).toEqual([
      ['达人 ID', '昵称', '粉丝数', '21–60 秒报价（元）', '爆文率', '星图主页'],
      ...cells.map((row) => [...row, link(String(row[0]))]),
    ]);
    expect(await readSheet(workbook, '费用')).toEqual(expect.arrayContaining([['付费调用', 6]]));
    const csv = readFileSync(await download('下载 CSV'), 'utf8');
    expect(csv.split('\r\n').slice(1)).toEqual([
      ...cells.map((row) => [...row, link(String(row[0])), ''].join(',')),
      '',
    ]);
    expect(server.calls).toHaveLength(6);
    expect(faults).toEqual([]);
  });

  it('asks no more below the number of calls that the user sets, but always after a link has opened it', async () => {
    const link = `#/compare?ids=${id}&columns=name`;
    const { server, context, page, http } = await openPage(link);
    await dialog(page).getByLabel('不再询问的上限').selectOption('5');
    await accept(page);
    await column(page, 'name').getByText('陈在路上').waitFor();
    await page.getByText('列', { exact: true }).click();
    await page.getByLabel('30 天播放量中位数').check();
    await expect.poll(() => column(page, 'medianPlays').first().innerText()).toMatch(/\d/);
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`, `performance ${id} SHORT_VIDEO`]);
    // What Playwright does counts as a user's action, so a page that nobody has touched has to be told so.
    const opened = await context.newPage();
    await opened.addInitScript(
      "Object.defineProperty(UserActivation.prototype, 'hasBeenActive', { get: () => false })",
    );
    await opened.goto(`${http.origin}/${link.replace(id, otherId)}`);
    await expect.poll(() => dialog(opened).innerText()).toContain('将产生 1 次付费调用');
    expect(server.calls).toHaveLength(2);
  });

  it('takes no harm from an address that somebody has made up', async () => {
    const filter = JSON.stringify({
      contentTags: '美妆',
      audience: [1],
      price: 'x',
      followerCount: [],
      keyword: { a: 1 },
      isCelebrity: 'yes',
    });
    const addresses = [
      `#/find?${new URLSearchParams({ filter, sort: 'x', page: '-1' })}`,
      '#/find?filter=%7B',
      `#/compare?ids=${id},1,<b>,__proto__&columns=__proto__,name,constructor&sort=-constructor`,
      '#/creator?id=1',
      '#/elsewhere',
    ];
    const { server, page, http, faults } = await openPage('');
    for (const address of addresses) {
      await page.goto(`${http.origin}/${address}`);
      await page.reload();
      await page.locator('main h1').first().waitFor();
      if (await dialog(page).isVisible()) await dialog(page).getByRole('button', { name: '取消' }).click();
    }
    expect(faults).toEqual([]);
    expect(server.calls).toEqual([]);
  });

  it('reads a pasted column, merges duplicates, and says what is no creator', async () => {
    const { server, page, faults } = await openPage('');
    await page.getByRole('textbox', { name: /每行一个/ }).fill(`${id}\n${otherId}\n${id}\n6.62972E+18`);
    await page.getByRole('button', { name: '读取' }).click();
    await page.getByText('识别到 2 位达人 · 已合并 1 个重复项').waitFor();
    await page.getByText('数字已被表格软件取整').waitFor();
    await page.getByRole('link', { name: '对比所选 2 位' }).click();
    await accept(page);
    await page.locator('td.best').first().waitFor();
    expect(server.calls).toHaveLength(6);
    expect(faults).toEqual([]);
  });

  it('says in its place why a section failed, and asks again for that alone', async () => {
    let isFailing = true;
    const failing: Reply = { body: { code: 301, message: 'collect failed' } };
    const upstream = await sandboxBut((call) =>
      isFailing && call.startsWith(`prices ${otherId}`) ? failing : null,
    );
    const { server, page, faults } = await openPage(`#/compare?ids=${id},${otherId}`, {
      upstream,
      env: { UPSTREAM_RETRIES: '0' },
    });
    await accept(page);
    const failed = page.locator('button.failed');
    await failed.first().waitFor();
    expect(await failed.count()).toBe(3);
    expect(await failed.first().getAttribute('title')).toContain('未能采集到数据');
    expect(server.calls).toHaveLength(6);
    isFailing = false;
    await failed.first().click();
    await expect.poll(() => dialog(page).innerText()).toContain('将产生 1 次付费调用');
    await accept(page);
    await expect.poll(() => failed.count()).toBe(0);
    expect(server.calls.slice(6)).toEqual([`prices ${otherId} SHORT_VIDEO`]);
    expect(faults).toEqual([]);
  });

  it('shows one creator in sections as they come, and how the price has changed', async () => {
    let isLater = false;
    const upstream = await sandboxBut((call) => {
      if (!isLater || !call.startsWith('prices')) return null;
      const data = bodies.prices.data(new URLSearchParams({ oAuthorId: id, platform: 'SHORT_VIDEO' }));
      return { body: stringify({ code: 0, data: data ?? {} }).replaceAll('338000', '350000') };
    });
    const { server, page, faults } = await openPage('', { upstream });
    await server.ask(`{ creator(id: "${id}") { prices { fetchedAt } } }`);
    isLater = true;
    server.clock.advance(60);
    await server.ask(`{ creator(id: "${id}") { prices(maxAgeSeconds: 0) { fetchedAt } } }`);
    expect(server.calls).toHaveLength(2);

    await page.goto(page.url().replace(/#.*|$/, `#/creator?id=${id}`));
    await expect.poll(() => dialog(page).innerText()).toContain('将产生 10 次付费调用');
    expect(await dialog(page).innerText()).toContain('另有 1 项已缓存');
    await accept(page);
    const prices = page.locator('[data-section="prices"]');
    await prices.locator('canvas').waitFor();
    await prices.getByText('表格形式').click();
    const cells = (await prices.locator('figure tbody tr').allInnerTexts()).map((row) =>
      row.split('\t').at(-1),
    );
    expect(cells).toEqual(['¥338,000', '¥350,000']);
    await page.locator('[data-section="audienceTouch"] canvas').waitFor();
    await page.locator('[data-section="recommendedVideos"] li').first().waitFor();
    expect(await page.locator('[data-section]').count()).toBe(11);
    expect(server.calls).toHaveLength(12);
    expect(faults).toEqual([]);
  });

  it('compares audiences in a chart, and asks before that costs', async () => {
    const { server, page, faults } = await openPage(`#/compare?ids=${id},${otherId}`);
    await accept(page);
    await page.getByRole('button', { name: '显示图表' }).click();
    await page.locator('canvas').waitFor();
    await page.getByRole('tab', { name: '观众画像' }).click();
    await expect.poll(() => dialog(page).innerText()).toContain('将产生 2 次付费调用');
    await dialog(page).getByRole('button', { name: '取消' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    expect(server.calls).toHaveLength(6);
    await page.getByRole('tab', { name: '观众画像' }).click();
    await accept(page);
    await expect.poll(() => page.locator('canvas').count()).toBe(3);
    expect(server.calls.slice(6).toSorted()).toEqual([
      `audience ${id} SHORT_VIDEO`,
      `audience ${otherId} SHORT_VIDEO`,
    ]);
    // Earlier prices are free.
    await page.getByRole('tab', { name: '报价走势' }).click();
    await page.getByText('暂无历史变化').waitFor();
    expect(server.calls).toHaveLength(8);
    expect(faults).toEqual([]);
  });

  it('asks once for the API key, keeps it for the session alone, and says when it is wrong', async () => {
    const env = { API_KEYS: 'dashboard:a-secret-key-of-the-page' };
    const { server, context, http, page } = await openPage('', { env });
    const field = page.getByLabel('API 密钥');
    await field.fill('wrong');
    await page.getByRole('button', { name: '使用此密钥' }).click();
    await page.getByText('密钥无效').waitFor();
    await field.fill('a-secret-key-of-the-page');
    await page.getByRole('button', { name: '使用此密钥' }).click();
    await page.getByText('今日已用 0 次').waitFor();
    await page.reload();
    await page.getByText('今日已用 0 次').waitFor();
    expect(
      await page.evaluate('JSON.stringify(localStorage) + location.href + document.cookie'),
    ).not.toContain('secret');
    const another = await context.newPage();
    await another.goto(http.origin);
    await another.getByText('需要 API 密钥').waitFor();
    expect(server.calls).toEqual([]);
  });

  const views = [
    ['', 'h1'],
    [`#/compare?ids=${id},${otherId}`, 'td.best'],
    [`#/creator?id=${id}`, '[data-section="recommendedVideos"] li'],
  ] as const;
  const browsers: readonly (readonly [string, BrowserContextOptions])[] = [
    ['a desktop, light, Chinese', chinese],
    [
      'a phone, dark, English',
      { locale: 'en-GB', colorScheme: 'dark', viewport: { width: 375, height: 740 } },
    ],
  ];

  it.each(browsers)('is usable and accessible on %s', async (_, browser) => {
    for (const [path, loaded] of views) {
      const { page, server, faults } = await openPage(path, { browser });
      if (path !== '') await accept(page);
      await page.locator(loaded).first().waitFor();
      if (path.startsWith('#/compare')) {
        await page.locator('#charts + .bar button').click();
        await page.locator('canvas').waitFor();
      }
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
      await page.evaluate(axe);
      const violations = await page.evaluate('axe.run().then(({ violations }) => violations)');
      const serious = (
        violations as readonly { id: string; impact: string; nodes: { html: string }[] }[]
      ).filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map((fault) => [path, fault.id, fault.nodes[0]?.html])).toEqual([]);
      expect(server.calls).toHaveLength(path === '' ? 0 : path.startsWith('#/compare') ? 6 : 11);
      expect(faults).toEqual([]);
    }
  });

  it('shows the covers of real videos, which it asks other hosts for', async () => {
    const { page, server, faults } = await openPage(`#/creator?id=${id}`, {
      upstream: await sandboxBut(() => null),
    });
    await page.route(/^https:/, (route) =>
      route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' }),
    );
    await accept(page);
    await expect.poll(() => page.locator('ul.videos img').count()).toBeGreaterThan(0);
    await page.locator('ul.videos img').first().scrollIntoViewIfNeeded();
    await expect.poll(() => faults.length).toBeGreaterThan(0);
    expect(faults.filter((fault) => !fault.startsWith('https://p3-sign.douyinpic.com/'))).toEqual([]);
    expect(server.calls).toHaveLength(11);
  });

  it('works where only persisted documents are taken', async () => {
    const { server, page, faults } = await openPage(`#/compare?ids=${id},${otherId}`, {
      env: { PERSISTED_ONLY: '1', PERSISTED_DOCUMENTS: 'test/client/generated' },
    });
    await accept(page);
    await page.locator('td.best').first().waitFor();
    expect(server.calls).toHaveLength(6);
    expect(faults).toEqual([]);
  });

  it('changes its language and its theme, and keeps both', async () => {
    const { server, page, faults } = await openPage('');
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    await page.getByRole('button', { name: '深色 / 浅色' }).click();
    await expect.poll(background).not.toBe(light);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Search creators' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('en');
    await page.reload();
    await page.getByRole('heading', { name: 'Search creators' }).waitFor();
    expect(await background()).not.toBe(light);
    expect(server.calls).toEqual([]);
    expect(faults).toEqual([]);
  });
});
