import { eventually } from '#tests/support/api.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { setting, type Setting } from './support/setting.ts';

const newTitle = 'Count what is in stock';
let here: Setting;
beforeAll(async () => {
  here = await setting((request) => {
    if (request.context.kind === 'title' && request.text.includes('Count what is there.'))
      return { tools: [{ name: 'give_title', input: { title: newTitle } }] };
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

test('[DEDUP-04] a person links a ticket to the one that says the same, takes that back, and merges it after seeing what moves', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await newProject();
  const create = (title: string, description: string) =>
    stack.api.post<Row>('/tickets', {
      ...{ project_id: project.id, title, description, workflow_mode: 'spec_driven', force_create: true },
    });
  await stack.api.ok('PATCH', `/projects/${project.id}`, { autonomous_execution_enabled: false });
  const into = await create('Export the invoices', 'All invoices of a year as a table.');
  const ended = await create('Paint the fence', 'It is grey.');
  await stack.api.post(`/tickets/${ended.id}/cancel`);
  const twin = await create('Export the invoices', 'All invoices of a year as a table.');
  await stack.api.post(`/tickets/${twin.id}/comments`, { text: 'With the names.' });
  const task = await stack.api.post<Row>('/tasks', {
    ...{ ticket_id: twin.id, title: 'Write the table', description: 'As a file.' },
  });

  await visitor.go(`/board/${project.id}/${twin.id}`);
  const main = page.getByRole('main');
  const dialog = page.getByRole('dialog');
  await main.getByRole('button', { name: 'Merge or link' }).press('Enter');
  // The one that is alike is offered before anybody looks for it.
  await dialog.getByRole('list', { name: 'Nearly the same' }).getByText('Export the invoices').waitFor();
  expect(await visitor.portray('ticket-merge-choice')).toEqual([]);
  await dialog.getByLabel('The other ticket').fill('fence');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: `Choose ${ended.key}` }).press('Enter');
  await dialog.getByText(`${ended.key} is cancelled and takes no more work`, { exact: false }).waitFor();
  expect(await dialog.getByRole('button', { name: /^Merge/ }).count()).toBe(0);
  expect(visitor.complaints.splice(0)).toEqual([expect.stringContaining('409 (Conflict)')]);
  await dialog.getByRole('button', { name: 'Link as a duplicate' }).press('Enter');
  await main.getByText('Duplicate of').first().waitFor();
  await main.getByRole('button', { name: 'Take the link away' }).press('Enter');
  await main.getByText('Duplicate of').first().waitFor({ state: 'detached' });

  await main.getByRole('button', { name: 'Merge or link' }).press('Enter');
  await dialog.getByRole('button', { name: 'Choose Export the invoices' }).press('Enter');
  await dialog.getByText(`Has not started, and is dropped: ${task.key}.`).waitFor();
  await dialog.getByRole('region', { name: 'The comment' }).getByText('With the names.').waitFor();
  expect(await visitor.portray('ticket-merge')).toEqual([]);
  await dialog.getByRole('button', { name: `Merge ${twin.key} into ${into.key}` }).press('Enter');
  await main.getByText('Merged into').first().waitFor();
  expect(await stack.api.get(`/tickets/${twin.id}`)).toMatchObject({ status: 'cancelled', merged_into: into.id });
  expect(await main.getByRole('button', { name: 'Merge or link' }).count()).toBe(0);
  await visitor.go(`/board/${project.id}/${into.id}`);
  await main.getByText('With the names.').waitFor();
}, 240_000);

async function third(project_id: string): Promise<string> {
  const words = { title: 'The orders again', description: 'As a table.', workflow_mode: 'spec_driven' };
  return (await here.stack.api.post<Row>('/tickets', { project_id, ...words, force_create: true })).id;
}

test('[WEB-14] a column of many tickets draws those in view, and keys, dragging and screen readers reach all of them', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await newProject();
  await stack.api.ok('PATCH', `/projects/${project.id}`, { settings: { wip_limits: { analyzing: null } } });
  const many = 70;
  const name = (n: number) => `Shelf ${10 + n}`;
  const tickets: Row[] = [];
  for (let n = 0; n < many; n += 1)
    tickets.push(
      await stack.api.post<Row>('/tickets', {
        ...{ project_id: project.id, title: name(n), description: `Build ${name(n)}.` },
        ...{ workflow_mode: 'spec_driven', force_create: true },
      }),
    );
  await visitor.go(`/board/${project.id}?of=tickets`);
  const column = (title: string) => page.getByRole('region', { name: new RegExp(`^${title}`) });
  const cards = column('Backlog').getByRole('listitem');
  const list = column('Backlog').getByRole('group', { name: 'Cards in Backlog' });
  const focused = () =>
    page.evaluate(() => Number(document.activeElement?.closest('li')?.getAttribute('aria-posinset') ?? 0));
  await column('Backlog').getByText(String(many), { exact: true }).waitFor();
  await cards.first().waitFor();
  expect(await cards.count()).toBeLessThan(many / 2);
  expect(await cards.first().getAttribute('aria-setsize')).toBe(String(many));
  expect(await cards.first().getAttribute('aria-posinset')).toBe('1');
  expect(await visitor.portray('board-many')).toEqual([]);

  // The keys go through all of them, and further ones are loaded on the way.
  for (let n = 0; n < many; n += 1) {
    await page.keyboard.press('j');
    await eventually('the next card has the focus', async () => (await focused()) === n + 1);
  }
  expect(await cards.filter({ hasText: name(0) }).count()).toBe(1);
  // The one with the focus stays while the list is scrolled away from it.
  await list.evaluate((element) => (element.scrollTop = 0));
  await cards.filter({ hasText: name(many - 1) }).waitFor();
  expect(await focused()).toBe(many);
  await page.keyboard.press('k');
  await eventually('the keys go on from it', async () => (await focused()) === many - 1);

  await list.evaluate((element) => (element.scrollTop = element.scrollHeight));
  const last = cards.filter({ hasText: name(0) });
  await last.dragTo(column('Analysing'));
  await column('Analysing')
    .getByRole('listitem')
    .filter({ hasText: name(0) })
    .waitFor();
  expect(await stack.api.get(`/tickets/${tickets[0]?.id}`)).toMatchObject({ status: 'analyzing' });
  await page.getByRole('button', { name: `Move ${tickets[1]?.key}`, exact: true }).press('Enter');
  await page.getByRole('menuitem', { name: 'Move to Analysing' }).press('Enter');
  await column('Analysing')
    .getByRole('listitem')
    .filter({ hasText: name(1) })
    .waitFor();
  expect(visitor.complaints).toEqual([]);
}, 240_000);

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
