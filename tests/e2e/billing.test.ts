import { randomBytes } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { Api } from '#tests/support/api.ts';
import { password } from '#tests/support/people.ts';
import { TestStack } from '#tests/support/stack.ts';
import { StripeStub } from '#tests/support/stripe.ts';
import { openBrowser, Visitor } from './support/browser.ts';

let stub: StripeStub;
let stack: TestStack;
let browser: Browser;
let visitor: Visitor;
beforeAll(async () => {
  stub = await new StripeStub().start();
  stack = await TestStack.start({ OMOIOS_SERVER_WEB: 'build', MODEL_PROVIDER: 'rehearsal', ...stub.env });
  stub.webhook = `${stack.address.url}/api/v1/billing/webhooks/stripe`;
  browser = await openBrowser();
  visitor = await Visitor.open(browser, stack);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  stub?.stop();
});

test('[BILL-07] [WEB-28] a person buys a plan at Stripe’s page, comes back, and cancels it', async () => {
  const email = `${randomBytes(6).toString('hex')}@example.test`;
  const anonymous = new Api(stack.address.url, undefined);
  await anonymous.post('/auth/register', { email, password });
  const { access_token: token } = await anonymous.post<{ access_token: string }>('/auth/login', { email, password });
  const slug = randomBytes(6).toString('hex');
  const { id } = await stack.api.as(token).post<{ id: string }>('/organizations', { name: 'Acme', slug });
  await stack.api.as(token).post(`/billing/account/${id}/payment-method`, { payment_method_id: 'pm_card_visa' });

  const { page } = visitor;
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(/command|onboarding/);
  await visitor.go(`/organizations/${id}/billing`);
  const found = await visitor.portray('billing-free');
  await page.getByRole('button', { name: 'Buy the plan Pro' }).click();
  await page.getByRole('heading', { name: '$50' }).waitFor();
  await page.getByRole('button', { name: 'Pay' }).click();
  await page.getByRole('heading', { name: 'Thank you' }).waitFor();
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
