import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { rootDir } from '#activities/services/config.ts';
import { share } from '#tests/support/share.ts';
import type { TestStack } from '#tests/support/stack.ts';

const wide = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
const looks = [
  ['wide', wide, 'light'],
  ['phone', phone, 'dark'],
  ['wide', wide, 'dark'],
  ['phone', phone, 'light'],
] as const;

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screenshots = path.join(rootDir, 'tests/e2e/screenshots');

/** One person's window on a stack, and everything the browser complained of in it. */
export class Visitor {
  readonly complaints: string[] = [];
  readonly foreign: string[] = [];

  private constructor(
    readonly origin: string,
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on(
      'console',
      (message) =>
        ['error', 'warning'].includes(message.type()) &&
        this.complaints.push(`${message.type()}: ${message.text()} (${page.url()})`),
    );
    page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.message} (${page.url()})`));
    page.on(
      'request',
      (request) =>
        !request.url().startsWith(origin) && !request.url().startsWith('data:') && this.foreign.push(request.url()),
    );
  }

  static async open(browser: Browser, stack: TestStack): Promise<Visitor> {
    const origin = stack.address.url.replace('127.0.0.1', 'localhost');
    const context = await browser.newContext({
      viewport: wide,
      baseURL: origin,
      colorScheme: 'light',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    return new Visitor(origin, context, page);
  }

  /** Opens the link that the stack printed at its start. */
  async signInByLink(stack: TestStack): Promise<void> {
    // A stack that runs the web app's sources compiles all of them for its first page.
    const timeout = 90_000;
    await this.page.goto(signInLink(stack), { timeout });
    await this.page.waitForURL('**/command', { timeout });
  }

  /** Signs somebody in, without the sign-in page. */
  async signInAs({ token }: { token: string }): Promise<void> {
    await this.context.addCookies([{ name: 'omoios_access_token', value: token, url: this.origin, httpOnly: true }]);
  }

  /** Until the page is alive: its scripts run and the feed is connected. */
  async live(): Promise<void> {
    await this.page.locator('[data-connection=live]').waitFor();
  }

  async go(to: string): Promise<void> {
    await this.page.goto(to);
    await this.live();
  }

  /** The findings of axe on the page, one line each. */
  async audit(): Promise<string[]> {
    if (!(await this.page.evaluate(() => 'axe' in window))) await this.page.evaluate(axeSource);
    const violations = await this.page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: {
          run: (
            root: Document,
            options: object,
          ) => Promise<{
            violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[];
          }>;
        };
      };
      return (await axe.run(document, { resultTypes: ['violations'] })).violations;
    });
    return violations.map(
      ({ id, impact, nodes }) =>
        `${impact} ${id}: ${nodes
          .slice(0, 3)
          .map((node) => `${node.target.join(' ')} ${node.failureSummary.split('\n').slice(1).join(' ').trim()}`)
          .join(' | ')}`,
    );
  }

  /** Until what a change of size or theme caused has ended: effects of the new size, and transitions. */
  private async settled(): Promise<void> {
    await this.page.evaluate(async () => {
      const began = performance.now();
      const waited = () => performance.now() - began;
      const moves = () =>
        document
          .getAnimations()
          .some((one) => one.playState === 'running' && one.effect?.getComputedTiming().endTime !== Infinity);
      // Frames are counted, since on a busy machine the first one may come after any number of milliseconds.
      for (let still = 0; (still < 3 || waited() < 80) && waited() < 10_000; still = moves() ? 0 : still + 1)
        await new Promise((resolve) => requestAnimationFrame(resolve));
    });
  }

  /** How far the page is wider than its window. */
  overflow(): Promise<number> {
    return this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  }

  /**
   * Pictures in both themes and both widths, or a share of these; says what axe finds in each and where the page overflows.
   */
  async portray(name: string): Promise<string[]> {
    mkdirSync(screenshots, { recursive: true });
    const found: string[] = [];
    // Elements out of view keep the colours of their last paint: invisible to people, not to axe.
    await this.page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('.lazy-paint { content-visibility: visible !important }');
      document.adoptedStyleSheets = [sheet];
    });
    for (const [size, viewport, colorScheme] of share(looks)) {
      await this.page.setViewportSize(viewport);
      await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await this.settled();
      await this.page.screenshot({ path: path.join(screenshots, `${name}-${size}-${colorScheme}.png`) });
      found.push(...(await this.audit()).map((violation) => `${name}, ${size}, ${colorScheme}: ${violation}`));
      const overflow = await this.overflow();
      if (overflow > 0) found.push(`${name}, ${size}: ${overflow} px wider than its window`);
    }
    await this.page.setViewportSize(wide);
    await this.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    return found;
  }
}

function signInLink(stack: TestStack): string {
  const link = /http:\/\/localhost:\d+\/sign-in\?token=\S+/.exec(stack.said)?.[0];
  if (!link) throw new Error(`The start printed no sign-in link:\n${stack.said}`);
  return link;
}
