import { TestRepository } from '#tests/support/repository.ts';
import { Visitor } from './support/browser.ts';
import { setting, type Setting } from './support/setting.ts';

let here: Setting;
beforeAll(async () => {
  here = await setting(() => ({ hang: true }));
});
afterAll(() => here.close());

test('[WEB-08] a draft is worded, shared with everybody, archived and restored from its page', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Drafts',
    repository: { path: new TestRepository().path },
  });
  const { id } = await stack.api.post<{ id: string }>('/specs', { project_id: project.id, title: 'Dark mode' });
  await visitor.go(`/projects/${project.id}/specs/${id}`);
  const choose = async (item: string) => {
    await page.getByRole('button', { name: 'More about this spec' }).press('Enter');
    await page.getByRole('menuitem', { name: item }).press('Enter');
  };
  await choose('Edit title and description');
  await page.getByRole('textbox', { name: 'Description' }).fill('Pages follow the setting of the system.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Pages follow the setting of the system.').waitFor();

  await choose('Share by a public link');
  await page.getByRole('button', { name: 'Make a public link' }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  expect(await visitor.portray('spec-share')).toEqual([]);
  await page.keyboard.press('Escape');
  const outside = await Visitor.open(here.browser, stack);
  await outside.page.goto(new URL(link).pathname);
  await outside.page.getByRole('heading', { name: 'Dark mode' }).waitFor();
  expect(await outside.portray('showcase')).toEqual([]);
  await choose('Public link');
  await page.getByRole('button', { name: 'End the link' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await outside.page.reload();
  await outside.page.getByText('may have been ended').waitFor();
  await outside.context.close();

  await choose('Archive');
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await page.getByText('This spec is archived').waitFor();
  await visitor.go(`/projects/${project.id}`);
  expect(await page.getByText('Dark mode').count()).toBe(0);
  await visitor.go(`/projects/${project.id}/specs/${id}`);
  await choose('Restore');
  await page.getByText('This spec is archived').waitFor({ state: 'detached' });
}, 180_000);
