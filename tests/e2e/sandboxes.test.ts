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
