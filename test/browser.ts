import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { atEnd } from './fixtures.js';

/** Debian's and macOS's places; CHROMIUM names any other. */
const executablePath = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path !== undefined && existsSync(path));

/** Tests that share a browser. Each gets one without a past from `open`. */
export function describeInChromium(
  name: string,
  suite: (open: (options?: BrowserContextOptions) => Promise<BrowserContext>) => void,
): void {
  const title = executablePath
    ? name
    : `${name}: skipped, no browser found; install Chromium or set CHROMIUM to its path`;
  describe.skipIf(!executablePath)(title, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath: executablePath ?? '',
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      });
    }, 60_000);
    afterAll(() => browser.close());
    suite(async (options) => {
      const context = await browser.newContext(options);
      atEnd(() => context.close());
      return context;
    });
  });
}
