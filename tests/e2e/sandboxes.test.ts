import { TestRepository } from '#tests/support/repository.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { setting, type Setting } from './support/setting.ts';

let here: Setting;
beforeAll(async () => {
  here = await setting((request) => answerValue(request) ?? { hang: true });
});
afterAll(() => here.close());

test('[WEB-11] the page of sandboxes counts work by state, finds it, stops one run and marks another task as failed', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Sandboxes',
    repository: { path: new TestRepository().path },
  });
  const begin = async (title: string) => {
    const { task_id } = await stack.api.post<{ task_id: string }>('/tickets', {
      project_id: project.id,
      title,
      description: `Do it: ${title}.`,
      workflow_mode: 'quick',
      force_create: true,
    });
    return stack.api.until<{ id: string; key: string; run_id: string }>(
      `/tasks/${task_id}`,
      (row: { id: string; key: string; run_id: string; status?: string }) => row.status === 'running',
      60_000,
    );
  };
  const [stays, goes] = [await begin('Write a parser'), await begin('Draw a chart')];
  await visitor.go('/runs');
  await page.getByRole('link', { name: 'By task' }).click();
  const state = page.getByRole('navigation', { name: 'State' });
  const counts = (name: RegExp) => state.getByRole('link', { name }).waitFor();
  await counts(/^Running\s*2$/);
  expect(await visitor.portray('sandboxes')).toEqual([]);

  await page.getByRole('searchbox').fill('chart');
  await counts(/^Running\s*1$/);
  await page.getByRole('link', { name: /Draw a chart/ }).waitFor();
  expect(await page.getByRole('link', { name: /Write a parser/ }).count()).toBe(0);
  await page.getByRole('searchbox').fill('');
  await counts(/^Running\s*2$/);

  await page.getByRole('button', { name: `Mark ${goes.key} as failed` }).click();
  await page.getByRole('textbox', { name: 'Reason' }).fill('Nobody wants it.');
  await page.getByRole('button', { name: 'Mark as failed', exact: true }).click();
  await counts(/^Running\s*1$/);
  await counts(/^Failed\s*1$/);
  expect(await stack.api.get(`/tasks/${goes.id}`)).toMatchObject({ status: 'failed' });

  await page.getByRole('button', { name: `Stop ${stays.key}` }).click();
  await page.getByRole('button', { name: 'Stop the run' }).click();
  await counts(/^Running\s*0$/);
  await counts(/^Failed\s*2$/);
  await state.getByRole('link', { name: /^Completed/ }).click();
  await page.waitForURL(/state=completed/);
  await page.getByText('No such work').waitFor();
}, 150_000);

test('[WEB-29] the settings of a project say how its work is carried out, and name what cannot be used here', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Work',
    repository: { path: new TestRepository().path },
  });
  await visitor.go(`/projects/${project.id}`);
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  const card = page.locator('section', { has: page.getByRole('heading', { name: 'Work', level: 2 }) });
  const save = () => card.getByRole('button', { name: 'Save' }).click();
  await card.getByRole('combobox', { name: 'Sandboxes' }).selectOption('From an image');
  await card.getByRole('textbox', { name: /^Image/ }).fill('node:22');
  await save();
  await page.getByText(/^The name has no use here: sandboxes of local are made from no image/).waitFor();
  expect(await visitor.portray('project-settings')).toEqual([]);

  await card.getByRole('combobox', { name: 'Sandboxes' }).selectOption('As the platform makes them');
  await card.getByRole('combobox', { name: /^Runner/ }).selectOption('Claude Agent SDK');
  await card.getByRole('combobox', { name: 'Work is done only with its pull request' }).selectOption('No');
  await card.getByRole('checkbox', { name: 'GitHub merges later what its rules still hold' }).check();
  await save();
  await page.getByText('Settings saved', { exact: true }).waitFor();
  const { settings } = await stack.api.get<{ settings: object }>(`/projects/${project.id}`);
  expect(settings).toEqual({
    merge_method: 'merge',
    merge_when_ready: true,
    runner: 'claude-agent-sdk',
    require_pr_created: false,
  });
}, 90_000);
