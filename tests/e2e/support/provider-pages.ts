import type { Browser } from 'playwright-core';
import type { TestStack } from '#tests/support/stack.ts';
import { Visitor } from './browser.ts';

/** A person signs in at GitHub, connects Google, and keeps the last way in. */
export async function walkProviders(browser: Browser, stack: TestStack): Promise<void> {
  const eve = await Visitor.open(browser, stack);
  const { page } = eve;
  await page.goto('/sign-in?to=/runs');
  expect(await eve.audit()).toEqual([]);
  await page.getByRole('link', { name: 'Continue with GitHub' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  const token = (await eve.context.cookies()).find(({ name }) => name === 'omoios_access_token')?.value;
  await stack.api.as(token).post('/organizations', { name: 'Eves', slug: 'eves' });
  await eve.go('/settings/security');
  const back = page.waitForResponse((response) => response.url().includes('/oauth/google/callback'));
  await page.getByRole('button', { name: 'Connect Google' }).click();
  expect((await back).headers().location).toBe('/settings/security');
  await eve.go('/settings/security');
  await page.getByRole('button', { name: 'Disconnect GitHub' }).click();
  await page.getByRole('button', { name: 'Connect GitHub' }).waitFor();
  await page.getByRole('button', { name: 'Disconnect Google' }).click();
  await page.getByText('the only way in which you can sign in').waitFor();
  expect(await eve.audit()).toEqual([]);
  await page.goto('/sign-in?error=linked_elsewhere');
  await page.getByText('connected to another user').waitFor();
  await eve.context.close();
}
