import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { embeddedDatabaseUrl } from '#activities/services/embedded.ts';
import { unpaidWork } from '#tests/support/billing.ts';
import { newPerson, password } from '#tests/support/people.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { Visitor } from './support/browser.ts';
import { openShopStack, type ShopStack } from './support/shop-stack.ts';

/** From the choice of a plan to its purchase, and what becomes of who does not pay. The days of dunning are seconds. */
let shop: ShopStack;
let stack: ShopStack['stack'];
let browser: ShopStack['browser'];
beforeAll(async () => {
  shop = await openShopStack({
    OMOIOS_BILLING_INVOICE_DUE: '2',
    OMOIOS_BILLING_INVOICE_REMINDER: '1',
    OMOIOS_BILLING_DUNNING_RETRY_HOURS: '0.0005',
    OMOIOS_BILLING_SUSPEND_AFTER: '6',
  });
  ({ stack, browser } = shop);
}, 240_000);
afterAll(() => shop?.close());

test('[WEB-01] the plan that a person chose leads them through the first steps to its purchase, and straight to it at a sign-in', async () => {
  const email = 'ada@example.test';
  const ada = await Visitor.open(browser, stack);
  const { page } = ada;
  /** Both entrances have the same fields. */
  const enter = async (title: string) => {
    await page.getByRole('heading', { name: title }).waitFor();
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
  };
  await page.goto('/sign-in?plan=team');
  await page.getByRole('link', { name: 'Register' }).click();
  await enter('Register at OmoiOS');
  await page.waitForURL('**/onboarding');
  // The choice is with the account: the address does not carry it through the steps.
  await page.getByLabel('Name').fill('Analytical Engines');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name: 'Choose a repository' }).waitFor();
  await page.goto('/onboarding?step=plan');
  const found = await ada.portray('onboarding-plan');
  await page.getByRole('button', { name: 'Buy Team' }).click();
  await page.waitForURL('**/billing?plan=team');
  await page.getByText('You chose the plan Team.').waitFor();
  await ada.live();
  found.push(...(await ada.portray('billing-chosen')));
  const buy = page.getByRole('button', { name: 'Buy the plan Team' });
  expect(await buy.evaluate((button) => button === document.activeElement)).toBe(true);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '$150' }).waitFor();

  await ada.context.clearCookies();
  await page.goto('/register?plan=pro');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await enter('Sign in to OmoiOS');
  await page.waitForURL('**/billing?plan=pro');
  await page.getByText('You chose the plan Pro.').waitFor();
  expect(found).toEqual([]);
}, 60_000);

test('[BILL-12] [WEB-28] an invoice that the card does not pay is past due, suspends the account, and restores it when a person pays', async () => {
  const { organization_id: id, api, ...person } = await newPerson({ url: stack.address.url });
  const visitor = await Visitor.open(browser, stack);
  await visitor.signInAs(person);
  const { page } = visitor;
  await api.post('/projects', { name: 'small', repository: { path: new TestRepository().path } });
  await api.post(`/billing/account/${id}/payment-method`, { payment_method_id: 'pm_card_chargeCustomerFail' });
  await visitor.go(`/organizations/${id}/billing`);
  await page.getByRole('switch', { name: /^Invoice work/ }).click();
  await page.locator('[role=switch]:checked').waitFor();
  const sql = new pg.Client({ connectionString: embeddedDatabaseUrl(stack.address.dataDir) });
  await sql.connect();
  for (let n = 0; n < 2; n += 1) await sql.query(unpaidWork, [randomUUID(), id, `spec:${randomUUID()}`]);
  await sql.end();
  await api.post(`/billing/account/${id}/invoices/generate`);

  // The page follows by itself: the card is refused, and refused again, and then no work starts.
  await page.getByText('Past due').waitFor();
  const suspended = page.getByText('is suspended because an invoice is unpaid');
  await suspended.waitFor();
  const found = await visitor.portray('billing-suspended');
  await visitor.go('/command?mode=spec_driven');
  const words = page.getByLabel('Describe the feature');
  await words.fill('Give the server a port');
  await words.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Not started: it is not paid for' });
  await dialog.getByText('is suspended because an invoice is unpaid').waitFor();
  expect(await dialog.getByRole('button', { name: 'Buy credit' }).count()).toBe(0);
  await dialog.getByRole('link', { name: 'Open billing' }).click();
  const pay = page.getByRole('button', { name: /^Pay \$/ });
  await pay.click();
  await page.getByText('Your card was declined.').first().waitFor();
  expect(await suspended.count()).toBe(1);

  await api.post(`/billing/account/${id}/payment-method`, { payment_method_id: 'pm_card_visa' });
  await pay.click();
  await page.getByText('is paid.').first().waitFor();
  await suspended.waitFor({ state: 'detached' });
  await page.getByText('Past due').waitFor({ state: 'detached' });
  await visitor.go('/command?mode=spec_driven');
  await page.waitForFunction(() => document.querySelector('textarea')?.value === 'Give the server a port');
  await words.press('Enter');
  await page.waitForURL(/\/specs\/[0-9a-f-]{36}/);
  expect(found).toEqual([]);
}, 120_000);
