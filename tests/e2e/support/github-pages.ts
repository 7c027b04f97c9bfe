import type { Browser } from 'playwright-core';
import type { Github } from '#tests/support/github.ts';
import { newPerson } from '#tests/support/people.ts';
import { TestRepository } from '#tests/support/repository.ts';
import type { TestStack } from '#tests/support/stack.ts';
import { Visitor } from './browser.ts';

/** A person connects GitHub, finds a repository, makes a project of it, and ends the project's connection. */
export async function walkGithub(browser: Browser, stack: TestStack, github: Github, login: string): Promise<void> {
  const ada = await newPerson({ url: stack.address.url });
  const visitor = await Visitor.open(browser, stack);
  const { page } = visitor;
  const open = async () => {
    await visitor.go('/projects');
    await page.getByRole('button', { name: 'New project' }).first().click();
  };
  await visitor.signInAs(ada);
  await open();
  await page.getByRole('button', { name: 'GitHub', exact: true }).click();
  const found = await visitor.portray('picker-unconnected');
  const back = page.waitForEvent('framenavigated', (frame) => frame.url().endsWith('/projects'));
  await page.getByRole('button', { name: 'Connect GitHub' }).click();
  await back;
  await open();
  await page.getByText('Your account shows no repositories').waitFor();
  found.push(...(await visitor.portray('picker-empty')));

  for (const name of ['shop', 'shop-admin', 'a-service-with-a-name-that-is-much-longer-than-those-of-the-others']) {
    github.host(`acme/${name}`, new TestRepository().path);
    github.grant(login, `acme/${name}`, name === 'shop-admin' ? 'read' : 'write');
  }
  await open();
  await page.getByLabel('acme/shop Private').waitFor();
  expect(await page.getByRole('radio', { name: /^acme\/shop-admin .*may only read/ }).isDisabled()).toBe(true);
  found.push(...(await visitor.portray('picker')));
  await page.getByLabel('Search repositories').fill('nothing');
  await page.getByText('No repository is called "nothing"').waitFor();
  await page.getByLabel('Search repositories').fill('SHOP');
  await page.getByText('acme/a-service').waitFor({ state: 'detached' });
  github.fail(/GET .*\/user\/repos/, { when: 'before', status: 502 });
  await page.getByLabel('Search repositories').fill('acme/shop');
  await page.getByRole('alert').getByText('GitHub does not answer').waitFor();
  found.push(...(await visitor.portray('picker-failed')));
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('radio', { name: 'acme/shop Private' }).check();
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'shop' }).waitFor();
  await page.getByRole('main').getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('link', { name: 'GitHub', exact: true }).click();
  await page.getByText('Registered', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Bring up to date' }).click();
  await page.getByText('Up to date.').first().waitFor();
  found.push(...(await visitor.portray('project-github')));
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('radio', { name: /^acme\/shop Private/ }).check();
  await page.getByRole('button', { name: 'Connect acme/shop', exact: true }).waitFor();
  found.push(...(await visitor.portray('project-github-none')));
  expect(github.hooks).toEqual([]);
  expect(found).toEqual([]);
  await visitor.context.close();
}
