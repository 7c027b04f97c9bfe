import type { Browser } from 'playwright-core';
import { Secret, TOTP } from 'otpauth';
import { TestStack } from '#tests/support/stack.ts';
import { Github } from '#tests/support/github.ts';
import { startIdentityProviders } from '#tests/support/identity-providers.ts';
import { walkGithub } from './support/github-pages.ts';
import { Visitor } from './support/browser.ts';
import { openBrowser } from './support/chromium.ts';
import { walkProviders } from './support/provider-pages.ts';
import { walkOrganizations } from './support/organization-pages.ts';

/** The frame around the pages, and the page of all parts, which only development has: so this stack runs the sources. */
describe('the shell and the parts', () => {
  let stack: TestStack;
  let browser: Browser;
  let providers: Awaited<ReturnType<typeof startIdentityProviders>>;
  let visitor: Visitor;
  const github = new Github();
  beforeAll(async () => {
    const usual = { id: '7', email: 'eve@example.test', verified: true };
    providers = await startIdentityProviders(usual, github.serve.bind(github));
    github.url = providers.env.GITHUB_URL ?? '';
    stack = await TestStack.start({
      OMOIOS_SERVER_WEB: 'source',
      MODEL_PROVIDER: 'rehearsal',
      CODE_HOST: 'github',
      ...providers.env,
    });
    browser = await openBrowser();
    visitor = await Visitor.open(browser, stack);
    await visitor.signInByLink(stack);
    await visitor.live();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    providers?.stop();
    github.close();
  });

  const heading = (name: string) => visitor.page.getByRole('heading', { level: 1, name });
  const press = async (...keys: string[]) => {
    for (const key of keys) await visitor.page.keyboard.press(key);
  };

  test('[WEB-33] keys lead to sections and open the palette, the help and the panel', async () => {
    const { page } = visitor;
    const palette = page.getByRole('dialog', { name: 'Search and commands' });
    await press('Control+k');
    await palette.getByRole('combobox', { name: 'Search' }).fill('proj');
    await press('Enter');
    await heading('Projects').waitFor();
    // Enter with the last letter: nothing is selected in that moment.
    await press('Control+k');
    await palette.getByRole('combobox', { name: 'Search' }).evaluate((input: HTMLInputElement) => {
      input.setRangeText('runs');
      input.dispatchEvent(new Event('input', { bubbles: true }));
      input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    });
    await heading('Runs').waitFor();
    await press('g', 'p');
    await heading('Projects').waitFor();
    expect(await palette.count()).toBe(0);
    await press('g', 'r');
    await heading('Runs').waitFor();
    await press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Steer the agent').waitFor();
    // A key that is pressed over a window is not the page's.
    await press('g', 'p', 'Escape');
    expect(page.url()).toMatch(/\/runs$/);
    await press('/');
    await palette.waitFor();
    await press('Escape');

    const panel = page.getByRole('complementary', { name: 'Panel' });
    await panel.waitFor();
    await press('Control+b');
    await panel.waitFor({ state: 'detached' });
    await page.reload();
    await visitor.live();
    expect(await panel.count()).toBe(0);
    await press('Control+b');
    await panel.waitFor();

    await press('Tab');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.getByRole('link', { name: 'Skip to content' }).press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
  }, 120_000);

  test('[WEB-30] the look and single keys are chosen in the account, hold after a reload, and follow to a second browser', async () => {
    const { page } = visitor;
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('link', { name: 'Appearance' }).click();
    const choose = (group: string, name: string) =>
      page.getByRole('group', { name: group }).getByRole('button', { name }).click();
    await choose('Theme', 'Dark');
    await choose('Density', 'Compact');
    await choose('Font', 'System');
    await choose('Contrast', 'More');
    await choose('Motion', 'Reduce');
    await page.getByRole('switch', { name: 'Single-key shortcuts' }).press('Space');
    expect(await visitor.audit()).toEqual([]);
    await page.reload();
    await visitor.live();
    expect(await page.evaluate(() => ({ ...document.documentElement.dataset }))).toMatchObject({
      theme: 'dark',
      density: 'compact',
      font: 'system',
      contrast: 'more',
      motion: 'reduce',
    });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(10, 10, 10)');
    await press('g', 'p', '?');
    expect([new URL(page.url()).pathname, await page.getByRole('dialog').count()]).toEqual(['/settings/appearance', 0]);
    await press('Control+k');
    await page.getByRole('dialog').waitFor();
    await press('Escape');
    // A second browser has no copy of its own: the server draws its first page so.
    const second = await Visitor.open(browser, stack);
    const { url } = await stack.api.post<{ url: string }>('/auth/links');
    await second.page.goto(url);
    await second.page.waitForURL('**/command');
    const first = await (await second.context.request.get('/settings/appearance')).text();
    expect(first).toMatch(/<html[^>]* data-theme="dark" data-density="compact" data-font="system"/);
    await second.go('/settings/appearance');
    await second.page.getByRole('group', { name: 'Theme' }).getByRole('button', { name: 'Light' }).click();
    await page.locator('html[data-theme=light]').waitFor();
    await choose('Theme', 'Dark');
    await second.page.locator('html[data-theme=dark]').waitFor();
    await second.page.evaluate(() => fetch('/api/v1/auth/logout', { method: 'POST' }));
    await second.context.close();
    // As it was, for the tests that follow.
    for (const name of ['Theme', 'Contrast', 'Motion']) await choose(name, 'System');
    await choose('Density', 'Comfortable');
    await choose('Font', 'Inter');
    const keys = page.getByRole('switch', { name: 'Single-key shortcuts' });
    const kept = page.waitForResponse((answer) => answer.request().postData()?.includes('keys') === true);
    await keys.press('Space');
    expect((await kept).status()).toBe(200);
  }, 120_000);

  test('[WEB-30] a person sets up a second factor, and signs in with its code', async () => {
    const email = 'ada@example.test';
    const password = 'Correct-horse-7';
    const anonymous = stack.api.as(undefined);
    await anonymous.post('/auth/register', { email, password });
    const { access_token: token } = await anonymous.post<{ access_token: string }>('/auth/login', { email, password });
    await anonymous.as(token).post('/organizations', { name: 'Theirs', slug: 'theirs' });
    const ada = await Visitor.open(browser, stack);
    const { page } = ada;
    const signIn = async () => {
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    await page.goto('/sign-in?to=/runs');
    await signIn();
    await page.waitForURL('**/runs');
    await ada.live();
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('link', { name: 'Security' }).click();
    const security = page.getByRole('main');
    await security.getByLabel('Your password').fill(password);
    await security.getByRole('button', { name: 'Set up an authenticator app' }).click();
    await security.getByRole('img', { name: /QR code/ }).waitFor();
    const secret = await security.getByText(/^[A-Z2-7]{32}$/).innerText();
    const code = (later: number) =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + later * 30_000 });
    await security.getByLabel('Code').fill(code(0));
    await security.getByRole('button', { name: 'Confirm' }).click();
    await security.getByRole('button', { name: 'I have kept them' }).waitFor();
    expect(await security.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').count()).toBe(10);
    expect(await ada.audit()).toEqual([]);
    await security.getByRole('button', { name: 'I have kept them' }).click();
    await security.getByText('10 recovery codes left').waitFor();
    await ada.context.clearCookies();
    await page.goto('/sign-in?to=/runs');
    await signIn();
    await page.getByLabel('Code').fill('000000');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The code is wrong').waitFor();
    expect(await ada.audit()).toEqual([]);
    await page.getByLabel('Code').fill(code(1));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/runs');
    await ada.context.close();
  }, 120_000);

  test(
    '[AUTH-11] a person signs in at a provider and connects another one',
    () => walkProviders(browser, stack),
    120_000,
  );

  test('[WEB-30] each page of settings works: a key calls the API, a session ends, a model key is added and removed', async () => {
    const { page } = visitor;
    const found: string[] = [];
    await visitor.go('/settings/profile');
    await page.getByLabel('Name').fill('Grace');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Profile saved').first().waitFor();

    await visitor.go('/settings/api-keys');
    await page.getByRole('button', { name: 'New API key' }).click();
    await page.getByLabel('Name').fill('Robot');
    await page.getByRole('button', { name: 'Make key' }).click();
    const key = await page
      .getByRole('dialog')
      .getByText(/^sk_live_/)
      .innerText();
    expect((await stack.api.as(key).request('GET', '/projects')).status).toBe(200);
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.getByText('Robot').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    found.push(...(await visitor.audit()));
    await page.getByRole('button', { name: 'Revoke Robot' }).click();
    await page.getByText('Robot').waitFor({ state: 'detached' });
    expect((await stack.api.as(key).request('GET', '/projects')).status).toBe(401);

    const other = await Visitor.open(browser, stack);
    const { url } = await stack.api.post<{ url: string }>('/auth/links');
    await other.page.goto(url);
    await other.page.waitForURL('**/command');
    await other.live();
    await visitor.go('/settings/sessions');
    found.push(...(await visitor.audit()));
    await page.getByRole('button', { name: /^End / }).first().click();
    await page.getByRole('button', { name: /^End / }).first().waitFor({ state: 'detached' });
    await other.page.waitForURL(/\/sign-in\?to=%2Fcommand$/);
    await other.context.close();

    await visitor.go('/runs');
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('link', { name: 'Model keys' }).click();
    await page.getByRole('heading', { level: 1, name: 'Model keys' }).waitFor();
    await page.getByRole('button', { name: 'New model key' }).click();
    await page.getByLabel('Name').fill('Work');
    await page.getByLabel('API key').fill('sk-own-key-of-work-9999');
    await page.getByRole('button', { name: 'Add key' }).click();
    await page.getByText('Work', { exact: true }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    found.push(...(await visitor.portray('model-keys')));
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove key' }).click();
    await page.getByText('No model keys').waitFor();

    for (const name of ['profile', 'appearance', 'security', 'model-keys']) {
      await visitor.go(`/settings/${name}`);
      found.push(...(await visitor.audit()));
    }
    expect(found).toEqual([]);
  }, 120_000);

  test(
    '[WEB-27] an organization is made, named, limited, archived and restored',
    () => walkOrganizations(browser, stack),
    120_000,
  );

  test(
    '[WEB-04] [WEB-29] a person chooses a repository at GitHub for a project, and ends its connection',
    () => walkGithub(browser, stack, github, 'login-7'),
    120_000,
  );

  test('on a phone the sections are at the bottom and the panel is a sheet', async () => {
    const { page } = visitor;
    await page.setViewportSize({ width: 390, height: 844 });
    await visitor.go('/projects');
    const sections = await page.getByRole('navigation', { name: 'Sections' }).boundingBox();
    expect(sections?.y).toBeGreaterThan(700);
    const opener = page.getByRole('button', { name: 'Open the panel' });
    await opener.click();
    const sheet = page.getByRole('dialog', { name: 'Panel' });
    await sheet.getByText('Local').waitFor();
    expect(await visitor.overflow()).toBe(0);
    expect(await visitor.audit()).toEqual([]);
    await press('Escape');
    await sheet.waitFor({ state: 'detached' });
    expect(await opener.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.setViewportSize({ width: 1440, height: 900 });
  }, 120_000);

  test('every part in every state has no fault that axe can see, in both themes and widths', async () => {
    const { page } = visitor;
    await page.goto('/design', { waitUntil: 'networkidle' });
    await page.getByRole('heading', { name: 'Data', exact: true }).waitFor();
    expect(await visitor.portray('design')).toEqual([]);

    const rows = page.getByRole('table', { name: 'Rows' }).getByRole('link');
    expect(await rows.count()).toBeLessThan(60);
    await page.evaluate(() => window.scrollTo({ top: document.body.scrollHeight }));
    await page.getByText('Row 400').waitFor();
    expect(await rows.count()).toBeLessThan(60);

    await page.getByRole('button', { name: 'Toast with undo' }).click();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.getByText('Comment restored', { exact: true }).first().waitFor();
    const asker = page.getByRole('button', { name: 'Alert dialog' });
    await asker.click();
    // The answer that changes nothing has the focus.
    await press('Enter');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(await asker.evaluate((button) => button === document.activeElement)).toBe(true);
    const refused = page.getByRole('button', { name: /^Disabled with a reason/ }).first();
    await refused.focus();
    expect(await refused.isDisabled()).toBe(true);
    await page.getByRole('tooltip', { name: /does not allow/ }).waitFor();
    // In development React runs each effect twice, which closes the first connection of the feed.
    expect(visitor.complaints.filter((text) => !text.includes('closed before the connection'))).toEqual([]);
    expect(visitor.foreign).toEqual([]);
  }, 180_000);
});
