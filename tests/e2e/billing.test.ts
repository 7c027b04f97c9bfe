import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { embeddedDatabaseUrl } from '#activities/services/embedded.ts';
import type { Item } from '#server/contracts/client.ts';
import type { listMails } from '#server/contracts/mails.ts';
import { Api, eventually } from '#tests/support/api.ts';
import { unpaidWork } from '#tests/support/billing.ts';
import { openStore } from '#tests/support/own-store.ts';
import { newPerson } from '#tests/support/people.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { Visitor } from './support/browser.ts';
import { openShopStack, type ShopStack } from './support/shop-stack.ts';

/** People with accounts of their own: how they come in, and how they pay. */
let shop: ShopStack;
let stack: ShopStack['stack'];
let browser: ShopStack['browser'];
beforeAll(async () => {
  shop = await openShopStack();
  ({ stack, browser } = shop);
}, 240_000);
afterAll(() => shop?.close());

/** An administrator of the installation, made once. */
let made: Promise<Api> | undefined;
const administrator = () => (made ??= makeAdministrator());
async function makeAdministrator(): Promise<Api> {
  const words = ['scripts/cli/omoios.js', 'admin', 'create', 'admin@example.test', '--json'];
  const { email, password } = JSON.parse(
    execFileSync(process.execPath, words, { encoding: 'utf8', env: stack.address.env }),
  ) as Record<string, string>;
  const anonymous = new Api(stack.address.url, undefined);
  const { access_token: token } = await anonymous.post<{ access_token: string }>('/auth/login', { email, password });
  return anonymous.as(token);
}

test('[WEB-01] a person registers, verifies the address and sets a new password, by the mailed links', async () => {
  // On a machine without a mail server, an administrator of the installation reads the mails.
  const admin = await administrator();
  const mailed = async (title: RegExp) => {
    let text: string | undefined;
    await eventually(`a mail to ${email}`, async () => {
      const mails = await admin.all<Item<typeof listMails>>('/mails');
      text = mails.find(({ to, subject }) => to === email && title.test(subject))?.text;
      return text !== undefined;
    });
    const { pathname, search } = new URL(/https?:\/\/\S+/.exec(text ?? '')?.[0] ?? '');
    return `${pathname}${search}`;
  };
  const email = 'grace@example.test';
  const grace = await Visitor.open(browser, stack);
  const { page } = grace;
  await page.goto('/register');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('weak-horse-7');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('needs an upper-case letter').waitFor();
  await page.getByLabel('Password').fill('Correct-horse-7');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/onboarding');

  await page.goto(await mailed(/Verify/));
  const found = await grace.portray('verify-email');
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText(`${email} is verified.`).waitFor();

  await grace.context.clearCookies();
  await page.goto('/forgot-password');
  await page.getByLabel('E-mail').fill(email);
  await page.keyboard.press('Enter');
  await page.getByText('a mail is on its way').waitFor();
  const reset = await mailed(/new password/);
  await page.goto(reset);
  found.push(...(await grace.portray('reset-password')));
  await page.getByLabel('Password').fill('Another-horse-8');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/onboarding');
  // The link works once.
  await page.goto(reset);
  await page.getByLabel('Password').fill('Third-horse-9');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  expect(found).toEqual([]);
  await grace.context.close();
}, 60_000);

/** Work of an organization that nothing has paid, on an invoice, as at the end of a month. */
async function makeInvoice(id: string): Promise<void> {
  const url = embeddedDatabaseUrl(stack.address.dataDir);
  const sql = new pg.Client({ connectionString: url });
  await sql.connect();
  // More than the credit that is left.
  for (let n = 0; n < 3; n += 1) await sql.query(unpaidWork, [randomUUID(), id, `spec:${randomUUID()}`]);
  await sql.end();
  await openStore(url).invoices.create(id, { due_seconds: 86_400, tax_percent: 0 });
}

/** An owner of an organization on the plan Free, signed in in their own window. */
async function owner() {
  const person = await newPerson({ url: stack.address.url });
  const visitor = await Visitor.open(browser, stack);
  await visitor.signInAs(person);
  return { id: person.organization_id, api: person.api, visitor, page: visitor.page };
}

test('[BILL-07] [WEB-28] a person leaves Stripe’s page, then buys a plan there with a code, comes back, and cancels it', async () => {
  const { id, api, visitor, page } = await owner();
  await api.post(`/billing/account/${id}/payment-method`, { payment_method_id: 'pm_card_visa' });
  await visitor.go(`/organizations/${id}/billing`);
  const found = await visitor.portray('billing-free');
  await page.getByRole('button', { name: 'Receipts at Stripe' }).click();
  await page.getByRole('heading', { name: 'Cards and receipts' }).waitFor();
  await visitor.go(`/organizations/${id}/billing`);
  await page.getByRole('button', { name: 'Buy the plan Pro' }).click();
  await page.getByRole('heading', { name: '$50' }).waitFor();
  await page.getByRole('link', { name: 'Back' }).click();
  await page.getByRole('heading', { name: 'Nothing was bought' }).waitFor();
  await visitor.live();
  await page.getByRole('link', { name: 'Back to billing' }).click();

  await (await administrator()).post('/billing/promo-codes', { code: 'half', kind: 'percentage', value: 50 });
  const code = page.getByLabel('Promo code');
  await code.fill('nothing');
  await code.press('Enter');
  await page.getByRole('alert').getByText('invalid').waitFor();
  await code.fill('half');
  await code.press('Enter');
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>('input[minlength="3"]')?.value === '');
  await page.getByRole('button', { name: 'Buy the plan Pro' }).click();
  await page.getByRole('heading', { name: '$25' }).waitFor();
  await page.getByRole('button', { name: 'Pay' }).click();
  await page.getByRole('heading', { name: 'Back from the payment page' }).waitFor();
  await visitor.live();
  found.push(...(await visitor.portray('billing-success')));
  await page.getByRole('link', { name: 'Back to billing' }).click();
  await page.getByText('The plan Pro is paid.').waitFor();
  await visitor.live();
  found.push(...(await visitor.portray('billing-pro')));
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the plan' }).click();
  await page.getByRole('button', { name: 'Keep the plan' }).waitFor();
  await page.getByText('It ends on').waitFor();
  expect(found).toEqual([]);
}, 120_000);

test('[BILL-06] [WEB-28] a launch that is not paid for opens a dialog, where credit is bought, and then it starts', async () => {
  const { id, api, visitor, page } = await owner();
  const { id: project_id } = await api.post<{ id: string }>('/projects', {
    name: 'small',
    repository: { path: new TestRepository().path },
  });
  const work = { project_id, description: 'Works.', workflow_mode: 'quick', force_create: true };
  for (const title of ['One', 'Two', 'Three', 'Four', 'Five']) await api.post('/tickets', { ...work, title });
  const draft = await api.post<{ spec_id: string }>('/specs/launch', {
    project_id,
    title: 'Draft',
    description: 'A feature.',
    auto_execute: false,
  });
  await visitor.go(`/specs/${draft.spec_id}`);
  const start = page.getByRole('button', { name: 'Start', exact: true });
  await start.click();
  await page.getByRole('dialog').getByText('Monthly workflow limit (5)').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  // The button was disabled while it waited, and has the focus again.
  expect(await start.evaluate((button) => button === document.activeElement)).toBe(true);

  const dialog = page.getByRole('dialog', { name: 'Not started: it is not paid for' });
  await page.goto('/onboarding?step=first-spec', { waitUntil: 'networkidle' });
  await page.getByRole('button', { name: /^Add a page/ }).click();
  await page.getByRole('button', { name: 'Launch' }).click();
  await dialog.getByRole('button', { name: 'Buy credit' }).waitFor();
  await page.reload();
  const first = page.getByLabel('Describe a feature');
  await page.waitForFunction(() => document.querySelector('textarea')?.value.startsWith('Add a page'));
  await first.fill('');

  await visitor.go('/command?mode=spec_driven');
  const words = page.getByLabel('Describe the feature');
  await words.fill('Give the server a port');
  await words.press('Enter');
  await dialog.getByText('Monthly workflow limit (5) reached on the plan Free').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await words.evaluate((field) => field === document.activeElement)).toBe(true);
  expect(await words.inputValue()).toBe('Give the server a port');
  await page.getByRole('button', { name: 'Launch' }).click();
  await dialog.getByRole('link', { name: 'See plans' }).waitFor();
  await dialog.getByRole('button', { name: 'Buy credit' }).waitFor();
  const found = await visitor.portray('not-paid-for');
  await dialog.getByRole('button', { name: 'Buy credit' }).click();
  await page.getByRole('heading', { name: '$25' }).waitFor();
  await page.getByRole('button', { name: 'Pay' }).click();
  await page.getByRole('heading', { name: 'Back from the payment page' }).waitFor();
  // The text of the feature has survived the way to Stripe and back.
  await page.getByRole('link', { name: 'Back to your feature' }).click();
  await page.waitForURL('**/command?mode=spec_driven');
  expect(await words.inputValue()).toBe('Give the server a port');
  await words.press('Enter');
  await page.waitForURL(/\/specs\/[0-9a-f-]{36}/);

  // With a card that may be charged, work beyond the credit is invoiced, and the invoice is paid on its page.
  await api.post(`/billing/account/${id}/payment-method`, { payment_method_id: 'pm_card_visa' });
  await visitor.go(`/organizations/${id}/billing`);
  await page.getByRole('switch', { name: /^Invoice work/ }).click();
  await page.locator('[role=switch]:checked').waitFor();
  await makeInvoice(id);
  await page.getByRole('link', { name: /^INV-/ }).click();
  await page.getByRole('button', { name: /^Pay \$/ }).waitFor();
  await visitor.live();
  found.push(...(await visitor.portray('invoice')));
  await page.getByRole('button', { name: /^Pay \$/ }).click();
  await page.getByText('is paid.').first().waitFor();
  await visitor.go(`/organizations/${id}/billing`);
  const remove = page.getByRole('button', { name: 'Remove Visa 4242' });
  await remove.last().click();
  await remove.nth(1).waitFor({ state: 'detached' });
  await remove.click();
  await page.getByText('There is no card.').waitFor();
  expect(found).toEqual([]);
}, 120_000);

test('[WEB-27] roles show what they allow and from whom; what the editor lacks cannot be ticked', async () => {
  const { id, api, visitor, page } = await owner();
  await visitor.go(`/organizations/${id}/roles`);
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Show admin' }).click();
  expect(await dialog.getByRole('checkbox', { name: 'See billing and invoices' }).isChecked()).toBe(true);
  expect(await dialog.getByRole('checkbox', { name: 'Buy, pay, and change the plan' }).isChecked()).toBe(false);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'New role' }).click();
  await dialog.getByLabel('Name').fill('Release Manager');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await dialog.getByText('The name takes lower-case letters').waitFor();
  await dialog.getByLabel('Name').fill('viewer');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await dialog.getByText('The name is taken.').waitFor();
  await dialog.getByLabel('Name').fill('release-manager');
  await dialog.getByLabel('Inherits from').selectOption({ label: 'Viewer' });
  const seesRuns = dialog.getByRole('checkbox', { name: 'See runs' });
  expect([await seesRuns.isChecked(), await seesRuns.isDisabled()]).toEqual([true, true]);
  await dialog.getByText('From viewer').first().waitFor();
  await dialog.getByRole('checkbox', { name: 'Change the organization' }).check();
  const found = await visitor.portray('role-form');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('inherits from viewer').waitFor();
  found.push(...(await visitor.portray('roles')));

  // A circle by way of another role, which the list already shows: its roles cannot be chosen.
  await page.getByRole('button', { name: 'New role' }).click();
  await dialog.getByLabel('Name').fill('heir');
  await dialog.getByLabel('Inherits from').selectOption({ label: 'release-manager' });
  await dialog.getByRole('button', { name: 'Create' }).click();
  await page.getByText('inherits from release-manager, then viewer').waitFor();
  await page.getByRole('button', { name: 'Change release-manager' }).click();
  const heir = dialog.getByRole('option', { name: 'heir (inherits from this role)' });
  expect(await heir.isDisabled()).toBe(true);
  await dialog.getByRole('checkbox', { name: 'Change the organization' }).uncheck();
  await dialog.getByRole('checkbox', { name: 'See billing and invoices' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Delete release-manager' }).click();
  const asks = page.getByRole('alertdialog');
  await asks.getByRole('button', { name: 'Delete the role' }).click();
  await asks.getByText('The role heir inherits from this one').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Delete heir' }).click();
  await asks.getByRole('button', { name: 'Delete the role' }).click();
  await page.getByText('then viewer').waitFor({ state: 'detached' });

  // An administrator gives no right to buy, which they lack.
  const other = await newPerson({ url: stack.address.url, organization: false });
  const roles = await api.all<{ id: string; name: string }>(`/organizations/${id}/roles`);
  const role_id = roles.find(({ name }) => name === 'admin')?.id;
  await api.post(`/organizations/${id}/members`, { user_id: other.user_id, role_id });
  await visitor.signInAs(other);
  await visitor.go(`/organizations/${id}/roles`);
  await page.getByRole('button', { name: 'New role' }).click();
  const buys = dialog.getByRole('checkbox', { name: 'Buy, pay, and change the plan' });
  expect(await buys.isDisabled()).toBe(true);
  await dialog.getByText('You may not do this yourself').first().waitFor();
  expect(await dialog.getByRole('option', { name: 'Owner (allows more than you may)' }).isDisabled()).toBe(true);
  expect(found).toEqual([]);
}, 60_000);
