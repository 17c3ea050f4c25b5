import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { builtServer, startProgram } from './bench/program.js';
import { chromiumPath } from './browser.js';

/** Makes the pictures of the documentation, from the built server and its sandbox. Needs Chromium and a Chinese font. */
const folder = new URL('../docs/pictures/', import.meta.url);

const filter = {
  contentTags: ['美妆'],
  locations: ['广东省'],
  followerCount: { min: 500_000, max: 3_000_000 },
  price: { type: 'VIDEO_21_60S', min: null, max: '50000' },
};
const languages = { zh: 'zh-CN', en: 'en-GB' } as const;

async function acceptCost(page: Page): Promise<void> {
  await page.getByRole('dialog').locator('.primary').click();
}

if (!chromiumPath) throw new Error('Expected Chromium. Install it, or set CHROMIUM to its path.');
mkdirSync(folder, { recursive: true });
const server = await startProgram(builtServer, { PORT: '0', CALL_PRICE: '0.05' });
const origin = new URL(server.url).origin;
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  for (const [language, locale] of Object.entries(languages)) {
    const context = await browser.newContext({ locale, viewport: { width: 1280, height: 860 } });
    const page = await context.newPage();
    const shoot = (name: string) =>
      page.screenshot({ path: fileURLToPath(new URL(`${name}.${language}.png`, folder)) });

    const search = new URLSearchParams({ filter: JSON.stringify(filter), sort: 'FOLLOWERS' });
    await page.goto(`${origin}/#/find?${search}`);
    if (language === 'zh') await acceptCost(page);
    const boxes = page.locator('tbody input');
    await boxes.first().waitFor();
    for (let nth = 0; nth < 8; nth += 1) await boxes.nth(nth).check();
    await page.locator('a.button.primary').click();
    if (language === 'zh') await acceptCost(page);
    await page.locator('td.best').first().waitFor();
    await page.locator('#charts + .bar button').click();
    await page.locator('canvas').waitFor();
    await shoot('compare');

    await page.goto(`${origin}/graphql`);
    await page.locator('.graphiql-execute-button').click();
    await page.locator('.result-window').getByText('"totalCount"').first().waitFor();
    await shoot('graphiql');
    await context.close();
  }
} finally {
  await browser.close();
  await server.end();
}
