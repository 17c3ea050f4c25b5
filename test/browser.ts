import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { atEnd } from './fixtures.js';

/** Debian's and macOS's places; CHROMIUM names any other. The first is for programs only, and needs half the processor time. */
export const chromiumPath = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path !== undefined && existsSync(path));

/** Tests that share a browser. Each gets one without a past from `open`. */
export function describeInChromium(
  name: string,
  suite: (open: (options?: BrowserContextOptions) => Promise<BrowserContext>) => void,
): void {
  const title = chromiumPath
    ? name
    : `${name}: skipped, no browser found; install Chromium or set CHROMIUM to its path`;
  describe.skipIf(!chromiumPath)(title, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath: chromiumPath ?? '',
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
    suite(async (options = {}) => {
      const context = await browser.newContext(options);
      atEnd(() => context.close());
      return context;
    });
  });
}
