import { TestRepository } from '#tests/support/repository.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { setting, type Setting } from './support/setting.ts';

let here: Setting;
beforeAll(async () => {
  here = await setting((request) => answerValue(request) ?? { hang: true });
});
afterAll(() => here.close());

test('[WEB-14] tickets are moved on the board by dragging and by keys, and a refused move says why', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Board',
    repository: { path: new TestRepository().path },
    settings: { wip_limits: { analyzing: 1 } },
  });
  const create = (title: string) =>
    stack.api.post<{ id: string; key: string }>('/tickets', {
      project_id: project.id,
      title,
      description: `Do it: ${title}.`,
      workflow_mode: 'spec_driven',
      force_create: true,
    });
  const first = await create('Write a table');
  const second = await create('Write a list');
  await visitor.go(`/board/${project.id}?of=tickets`);
  const column = (title: string) => page.getByRole('region', { name: new RegExp(`^${title}`) });
  const card = (title: string, words: string) => column(title).getByRole('listitem').filter({ hasText: words });
  await card('Backlog', 'Write a table').waitFor();
  await column('Analysing').getByText('0 / 1').waitFor();
  expect(await visitor.portray('board-tickets')).toEqual([]);

  await card('Backlog', 'Write a table').dragTo(column('Analysing'));
  await card('Analysing', 'Write a table').waitFor();
  const moved = await stack.api.get<{ status: string }>(`/tickets/${first.id}`);
  expect(moved.status).toBe('analyzing');

  await page.getByRole('button', { name: `Move ${second.key}` }).press('Enter');
  expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Move to Analysing', 'Move to Building']);
  await page.getByRole('menuitem', { name: 'Move to Analysing' }).press('Enter');
  await page.getByRole('alert').getByText('Analysing is full with 1 of 1 tickets').waitFor();
  expect(await card('Backlog', 'Write a list').count()).toBe(1);

  // Live: another caller moves a ticket.
  await stack.api.post('/board/move', { ticket_id: second.id, target_column_id: 'building' });
  await card('Building', 'Write a list').waitFor({ timeout: 5000 });
  await stack.api.post(`/tickets/${second.id}/block`, { reason: 'Which currency?' });
  await page.getByRole('navigation', { name: 'Blocked' }).getByRole('link', { name: 'Blocked' }).click();
  await page.waitForURL(/blocked=true/);
  await card('Analysing', 'Write a table').waitFor({ state: 'detached' });

  await card('Building', 'Write a list').getByRole('link').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Which currency?').waitFor();
  await dialog.getByRole('button', { name: 'Unblock' }).press('Enter');
  await dialog.getByRole('button', { name: /^Block/ }).waitFor();
  await dialog.getByRole('button', { name: 'Move to Testing' }).press('Enter');
  await dialog.getByRole('button', { name: 'Move to Deploying' }).waitFor();
  expect(await visitor.portray('board-ticket-moves')).toEqual([]);
}, 240_000);
