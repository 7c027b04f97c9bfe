import { TestRepository } from '#tests/support/repository.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { setting, type Setting } from './support/setting.ts';

const newTitle = 'Count what is in stock';
let here: Setting;
beforeAll(async () => {
  here = await setting((request) => {
    if (request.context.kind === 'title') return { tools: [{ name: 'give_title', input: { title: newTitle } }] };
    return answerValue(request) ?? { hang: true };
  });
});
afterAll(() => here.close());

interface Row {
  id: string;
  key: string;
}
const newProject = () =>
  here.stack.api.post<Row>('/projects', { name: 'Tickets', repository: { path: new TestRepository().path } });

test('[WEB-14] [DEDUP-04] who writes a ticket sees those that say the same, opens one of them or goes on, and starts the work', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await newProject();
  const words = { title: 'Export the orders as a table', description: 'All orders of a month as a table.' };
  const first = await stack.api.post<Row>('/tickets', {
    project_id: project.id,
    ...words,
    workflow_mode: 'spec_driven',
  });

  await visitor.go(`/board/${project.id}?of=tickets`);
  await page.getByRole('button', { name: 'New ticket' }).press('Enter');
  const dialog = page.getByRole('dialog');
  // The title has the focus.
  await page.keyboard.type('Repair the roof');
  await dialog.getByLabel('Description').fill('It rains in.');
  await dialog.getByRole('button', { name: 'Create', exact: true }).waitFor();
  await dialog.getByLabel('Title').fill(words.title);
  await dialog.getByLabel('Description').fill(words.description);
  const known = dialog.getByRole('link', { name: words.title });
  await known.waitFor();
  expect(await visitor.portray('ticket-new')).toEqual([]);
  await known.press('Enter');
  await page.waitForURL(`**/board/${project.id}/${first.id}`);

  await visitor.go(`/board/${project.id}?of=tickets`);
  await page.getByRole('button', { name: 'New ticket' }).press('Enter');
  await dialog.getByLabel('Title').fill(words.title);
  await dialog.getByLabel('Description').fill(words.description);
  await dialog.getByLabel('Work').selectOption('spec_driven');
  await dialog.getByRole('button', { name: 'Create it anyway' }).press('Enter');
  await page.waitForURL('**&open=*');
  const { items } = await stack.api.get<{ items: Row[] }>(`/tickets?project_id=${project.id}`);
  expect(items).toHaveLength(2);
  const second = items.find(({ id }) => id !== first.id);

  // Nothing works on it before a person says so.
  await dialog.getByText('No tasks yet.').waitFor();
  await dialog.getByRole('button', { name: 'Start the work' }).press('Enter');
  await dialog.getByText(/^Implementation: /).waitFor();
  expect(await dialog.getByRole('button', { name: 'Start the work' }).count()).toBe(0);
  expect(await visitor.portray('ticket-started')).toEqual([]);
  await stack.api.post(`/tickets/${second?.id}/cancel`);

  // A merged one says where it went.
  await stack.api.post(`/tickets/${first.id}/merge`, { into: await third(project.id) });
  await visitor.go(`/board/${project.id}/${first.id}`);
  await page.getByRole('main').getByText('Merged into').first().waitFor();
  expect(await visitor.portray('ticket-merged')).toEqual([]);
  await page
    .getByRole('main')
    .getByRole('link', { name: /: The orders again$/ })
    .press('Enter');
  await page.waitForURL('**/board/**');
}, 240_000);

async function third(project_id: string): Promise<string> {
  const words = { title: 'The orders again', description: 'As a table.', workflow_mode: 'spec_driven' };
  return (await here.stack.api.post<Row>('/tickets', { project_id, ...words, force_create: true })).id;
}

test('[EXEC-01] a person asks for another title of a task, and its page shows it', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await newProject();
  await stack.api.ok('PATCH', `/projects/${project.id}`, { autonomous_execution_enabled: false });
  const ticket = await stack.api.post<Row>('/tickets', {
    ...{ project_id: project.id, title: 'Stock', description: 'It is counted.', workflow_mode: 'spec_driven' },
  });
  const task = await stack.api.post<Row>('/tasks', {
    ...{ ticket_id: ticket.id, title: 'That thing', description: 'Count what is there.' },
  });
  await visitor.go(`/board/${project.id}/${ticket.id}`);
  const menu = page.getByRole('button', { name: `More for ${task.key}` });
  await menu.press('Enter');
  await page.getByRole('menuitem', { name: 'Another title by a model' }).press('Enter');
  await page.getByRole('main').getByText(newTitle, { exact: true }).waitFor();
  await menu.press('Enter');
  await page.getByRole('menuitem', { name: 'Another title by a model' }).press('Enter');
  await page.getByText(`${task.key} keeps its title.`).first().waitFor();
  // Its project starts nothing by itself, but a person does.
  await menu.press('Enter');
  await page.getByRole('menuitem', { name: 'Start it now' }).press('Enter');
  await stack.api.until<{ status: string }>(`/tasks/${task.id}`, ({ status }) => status === 'running', 60_000);
  await page.getByRole('heading', { level: 1 }).click();
  expect(await visitor.portray('ticket-task-menu')).toEqual([]);
  expect(visitor.complaints).toEqual([]);
}, 120_000);
