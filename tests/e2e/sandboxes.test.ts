import { TestRepository } from '#tests/support/repository.ts';
import { answerValue } from '#tests/support/scripts.ts';
import type { TestStack } from '#tests/support/stack.ts';
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

test('[WEB-26] on the page of the memory a lesson is found, corrected and forgotten, and a rule is changed and undone', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const { id: project_id } = await stack.api.post<{ id: string }>('/projects', {
    name: 'Lessons',
    repository: { path: new TestRepository().path },
  });
  const store = (execution_summary: string, more: object = {}) =>
    stack.api.post('/memory/store', { project_id, execution_summary, ...more });
  await store('Fixed the rounding of invoices: cents before the discount.', {
    feedback: 'Be careful with discounts. TypeError: no total.',
    files: ['src/invoice.ts'],
  });
  await store('Chose SQLite for the shed, since it needs no server.');

  await visitor.go(`/projects/${project_id}`);
  await page.getByRole('main').getByRole('link', { name: 'Memory' }).click();
  const lesson = page.getByRole('listitem', { name: /^Fixed the rounding/ });
  const other = page.getByRole('listitem', { name: /^Chose SQLite/ });
  await lesson.waitFor();
  await other.waitFor();
  await page.getByRole('searchbox', { name: 'What a task is about' }).fill('rounding of invoices');
  await page.keyboard.press('Enter');
  await lesson.getByText(/score 0\.0/).waitFor();
  await other.waitFor({ state: 'detached' });
  await lesson.getByText('Details of error fix').click();
  await lesson.getByText('TypeError').first().waitFor();
  expect(await visitor.portray('memory')).toEqual([]);

  await lesson.getByRole('button', { name: 'Correct' }).click();
  await page.getByLabel('What it says').fill('Fixed the rounding of invoices: the discount comes first.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('the discount comes first').waitFor();

  await page.getByRole('navigation', { name: 'Parts of the memory' }).getByRole('link', { name: 'Playbook' }).click();
  const rule = page.getByRole('listitem', { name: /^Be careful/ });
  await rule.getByText('1 memory supports it').waitFor();
  await rule.getByRole('button', { name: 'Change' }).click();
  await page.getByLabel('The rule').fill('Be careful with discounts of members.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Be careful with discounts of members.').waitFor();
  await page.getByLabel('A new rule').fill('short');
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByRole('alert').first().waitFor();
  expect(await visitor.portray('playbook')).toEqual([]);
  await page.getByRole('navigation', { name: 'Parts of the memory' }).getByRole('link', { name: 'Changes' }).click();
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await page.getByText('undoes version 2').waitFor();
  expect(await visitor.audit()).toEqual([]);

  await page.getByRole('navigation', { name: 'Parts of the memory' }).getByRole('link', { name: 'Search' }).click();
  await page
    .getByRole('listitem', { name: /^Fixed the rounding/ })
    .getByRole('button', { name: 'Forget' })
    .click();
  await page.getByRole('listitem', { name: /^Fixed the rounding/ }).waitFor({ state: 'detached' });
  await page.goto('/memory?tab=patterns');
  await page.getByText('No patterns yet').waitFor();
});

test('[WEB-13] [EXEC-35] an agent is registered, takes the task that wants it, and is restarted and put into quarantine', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Agents',
    repository: { path: new TestRepository().path },
  });
  await visitor.go('/runs');
  await page.getByRole('link', { name: 'Agents', exact: true }).click();
  await page.getByText('No agents yet').waitFor();
  await page.getByRole('link', { name: 'New agent' }).click();
  await page.getByLabel('Type').selectOption('specialist');
  await page.getByLabel('Capabilities').fill('Charts, SQL');
  expect(await visitor.portray('agents-spawn')).toEqual([]);
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByRole('heading', { name: 'specialist-implementation-001' }).waitFor();
  await page.getByText('It has no work now').waitFor();

  const ticket = await stack.api.post<{ id: string }>('/tickets', {
    ...{ project_id: project.id, title: 'Charts', description: 'Draw charts.', workflow_mode: 'spec_driven' },
    force_create: true,
  });
  await stack.api.post('/tasks', {
    ...{ ticket_id: ticket.id, title: 'Draw a chart', description: 'One chart.', required_capabilities: ['charts'] },
  });
  await page.getByRole('link', { name: 'Draw a chart' }).waitFor();
  expect(await visitor.portray('agent')).toEqual([]);

  await page.getByRole('button', { name: 'Restart' }).click();
  await page.getByRole('button', { name: 'Restart the agent' }).click();
  await page.getByRole('heading', { name: 'specialist-implementation-002' }).waitFor();
  await page.getByRole('link', { name: 'Draw a chart' }).waitFor();
  await page.getByRole('button', { name: 'Quarantine' }).click();
  await page.getByRole('textbox', { name: 'Reason' }).fill('It draws nonsense.');
  await page.getByRole('button', { name: 'Put into quarantine' }).click();
  await page.getByText('What was known at its quarantine').waitFor();
  await page.getByRole('link', { name: 'Download it' }).waitFor();
  await page.getByRole('button', { name: 'Let out of quarantine' }).waitFor();

  await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link', { name: 'Agents' }).click();
  await page.getByRole('link', { name: /specialist-implementation-002/ }).waitFor();
  expect(await visitor.portray('agents')).toEqual([]);
}, 150_000);

/** A project with a ticket and a task that a discovery opened while another was at work. */
async function discovered(stack: TestStack) {
  const { id: project_id } = await stack.api.post<{ id: string }>('/projects', {
    name: 'Reasons',
    repository: { path: new TestRepository().path },
  });
  await stack.api.request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
  const ticket = await stack.api.post<{ id: string; key: string }>('/tickets', {
    ...{ project_id, title: 'Write the header', description: 'Of a list.', workflow_mode: 'spec_driven' },
  });
  const task = await stack.api.post<{ id: string }>('/tasks', {
    ...{ ticket_id: ticket.id, title: 'Write it', description: 'Write the header.' },
  });
  const { task_id } = await stack.api.post<{ task_id: string }>(`/tasks/${task.id}/discoveries`, {
    ...{ type: 'bug', description: 'Empty lists break the heading.', title: 'Heading of an empty list' },
  });
  return { project_id, ticket, task_id };
}

test('[WEB-18] from a discovered task one walks back to what caused it', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const { task_id } = await discovered(stack);
  await visitor.go(`/diagnostic/task/${task_id}`);
  await page.getByRole('heading', { name: 'Why this task is as it is' }).waitFor();
  const steps = page.getByRole('list', { name: 'Steps' });
  const step = (name: RegExp) => steps.getByRole('listitem', { name });
  await step(/^discovery: /)
    .first()
    .waitFor();
  expect(await step(/^spawned: .*Heading of an empty list/).count()).toBe(1);
  expect(await visitor.portray('why')).toEqual([]);
  await page.getByRole('link', { name: /^discovery \d/ }).click();
  await page.waitForURL(/type=discovery/);
  expect(await step(/^(spawned|created): /).count()).toBe(0);
  // What shows a step is one click away.
  await page.getByRole('link', { name: /^All \d/ }).click();
  await steps.getByRole('list', { name: 'What shows it' }).getByRole('link').first().click();
  await page.waitForURL((url) => !url.pathname.startsWith('/diagnostic/'));
}, 60_000);

test('[WEB-08] a ticket that was there before is linked to a spec on its page, and unlinked', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const { project_id, ticket } = await discovered(stack);
  const { id } = await stack.api.post<{ id: string }>('/specs', { project_id, title: 'Dark mode' });
  await visitor.go(`/projects/${project_id}/specs/${id}`);
  await page.getByRole('textbox', { name: 'Ticket to link' }).fill('the header');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: `Link ${ticket.key}`, exact: true }).click();
  const unlink = page.getByRole('button', { name: `Unlink ${ticket.key}` });
  await unlink.waitFor();
  expect(await visitor.portray('spec-linked')).toEqual([]);
  await unlink.click();
  await unlink.waitFor({ state: 'detached' });
}, 60_000);
