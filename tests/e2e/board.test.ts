import { eventually, type Api } from '#tests/support/api.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { newPerson } from '#tests/support/people.ts';
import { answerValue } from '#tests/support/scripts.ts';
import type { TestStack } from '#tests/support/stack.ts';
import { Visitor } from './support/browser.ts';
import { setting, type Setting } from './support/setting.ts';

let here: Setting;
beforeAll(async () => {
  here = await setting((request) => answerValue(request) ?? { hang: true }, { OMOIOS_TICKET_BLOCKED_AFTER: '8' });
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

  // Whether agents begin by themselves is chosen here.
  const starts = page.getByRole('switch', { name: 'Tasks start by themselves' });
  const autonomous = async () =>
    (await stack.api.get<{ autonomous_execution_enabled: boolean }>(`/projects/${project.id}`))
      .autonomous_execution_enabled;
  const before = await autonomous();
  expect(await starts.isChecked()).toBe(before);
  await starts.click();
  await eventually('the project says so', async () => (await autonomous()) !== before);
  await starts.click();
  await eventually('and back', async () => (await autonomous()) === before);

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

test('[WEB-23] what happened is listed as it is stored, narrowed by kind, and new events are counted while the list is held', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Activity',
    repository: { path: new TestRepository().path },
  });
  const create = (title: string) =>
    stack.api.post<{ id: string; key: string }>('/tickets', {
      ...{
        project_id: project.id,
        title,
        description: `Do it: ${title}.`,
        workflow_mode: 'spec_driven',
        force_create: true,
      },
    });
  await create('Write the first line');
  await visitor.go(`/activity?project=${project.id}`);
  const events = page.getByRole('list', { name: 'Events' });
  const created = (title: string) => events.getByRole('listitem', { name: new RegExp(`^ticket created .*${title}`) });
  await created('Write the first line').waitFor();
  expect(await visitor.portray('activity')).toEqual([]);
  await create('Write the second line');
  await created('Write the second line').waitFor({ timeout: 5000 });
  await page.getByRole('button', { name: 'Pause' }).click();
  await create('Write the third line');
  await page.getByRole('button', { name: /^Go on, \d+ new event/ }).waitFor({ timeout: 5000 });
  expect(await created('Write the third line').count()).toBe(0);
  await page.getByRole('button', { name: /^Go on/ }).click();
  await created('Write the third line').waitFor();
  // What is shown is what is stored.
  await page.reload();
  await created('Write the first line').waitFor();
  await page.getByRole('navigation', { name: 'Kind' }).getByRole('link', { name: 'Memory' }).click();
  await page.getByText('Nothing has happened yet').waitFor();
}, 60_000);

/** A ticket that waits for its approval. */
async function askForApproval(api: Api, project_id: string): Promise<string> {
  await api.ok('PATCH', `/projects/${project_id}`, { settings: { ticket_human_review: true } });
  const words = { title: 'Buy a shelf', description: 'A wide one.', workflow_mode: 'spec_driven', force_create: true };
  return (await api.post<{ id: string }>('/tickets', { project_id, ...words })).id;
}

/** Signs in somebody who may only read the organization of the stack. */
async function tokenOfViewer(stack: TestStack): Promise<string> {
  const { user_id, token } = await newPerson({ url: stack.address.url, organization: false });
  const [organization] = await stack.api.all<{ id: string }>('/organizations');
  const place = `/organizations/${organization?.id}`;
  const roles = await stack.api.all<{ id: string; name: string }>(`${place}/roles`);
  const role_id = roles.find(({ name }) => name === 'viewer')?.id;
  await stack.api.post(`${place}/members`, { user_id, role_id });
  return token;
}

test('[WEB-15] [WEB-17] [WEB-09] a ticket has its page, and the gate checks what its phase was changed to ask for', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Gates',
    repository: { path: new TestRepository().path },
  });
  const ticket = await stack.api.post<{ id: string; key: string }>('/tickets', {
    project_id: project.id,
    title: 'Count the stock',
    description: 'The stock is counted each night.',
    workflow_mode: 'spec_driven',
    phase_id: 'PHASE_TESTING',
  });
  await stack.api.post(`/tickets/${ticket.id}/transition`, { to_status: 'building' });
  await stack.api.post(`/tickets/${ticket.id}/transition`, { to_status: 'testing' });

  // The phase asks for one thing more.
  await visitor.go(`/projects/${project.id}/settings/phases`);
  await page.getByText('PHASE_TESTING').click();
  await page.getByLabel('Done means').fill('The night shift agreed.\n[optional] Ten tests pass. | passed >= 10');
  await page.getByRole('button', { name: 'Save the phase' }).press('Enter');
  await page.getByText('Phase saved', { exact: true }).waitFor();
  await page.getByText('own', { exact: true }).waitFor();
  expect(await visitor.portray('project-phases')).toEqual([]);

  await visitor.go(`/board/${project.id}/${ticket.id}`);
  const list = page.getByRole('list', { name: 'Checklist' });
  await list.getByRole('listitem').filter({ hasText: 'The night shift agreed.' }).getByText('unverified').waitFor();
  await list.getByText('nothing measured passed (wanted >= 10)').waitFor();
  const anyway = page.getByRole('button', { name: 'To Deployment anyway' });
  expect(await anyway.getAttribute('aria-disabled')).toBe('true');
  await page.getByRole('button', { name: 'Judge and keep' }).press('Enter');
  await page.getByText('attempt 1: closed').waitFor();
  await stack.api.post(`/tickets/${ticket.id}/artifacts`, {
    ...{ artifact_type: 'confirmation', artifact_content: { confirms: 'The night shift agreed.' } },
  });
  // Live: another caller has confirmed it.
  await list.getByText('confirmed (owner@omoios.local)').waitFor({ timeout: 10_000 });
  await page.getByRole('button', { name: 'Judge and keep' }).press('Enter');
  await page.getByText('attempt 2: closed').click();
  await page.getByRole('list', { name: 'Difference from the attempt before' }).getByText('met: confirmed').waitFor();
  await page.getByRole('textbox', { name: 'Comment' }).fill('The log is on the wiki.');
  await page.getByRole('button', { name: 'Comment' }).press('Enter');
  await page.getByText('The log is on the wiki.').waitFor();
  expect(await visitor.portray('ticket-page')).toEqual([]);

  // It stands in the queue of gates, from where its page opens. A viewer may not decide.
  await visitor.go('/phases/gates');
  await page.waitForURL('**/gates');
  const row = page.getByRole('listitem', { name: `${ticket.key}: Count the stock` });
  await row.getByText('not met').waitFor();
  await row.getByText(/waits for/).waitFor();
  const asked = await askForApproval(stack.api, project.id);
  const approval = page.getByRole('listitem', { name: 'Buy a shelf' });
  await approval.getByText('Without a decision by then the ticket is cancelled.').waitFor();
  expect(await visitor.portray('gates')).toEqual([]);
  const viewer = await Visitor.open(here.browser, stack);
  await viewer.signInAs({ token: await tokenOfViewer(stack) });
  await viewer.go('/gates?kind=approval');
  const refused = viewer.page.getByRole('button', { name: /^Approve/ });
  expect(await refused.getAttribute('aria-disabled')).toBe('true');
  expect(await refused.textContent()).toContain('viewer');
  await approval.getByRole('button', { name: 'Approve' }).press('Enter');
  await approval.waitFor({ state: 'detached' });
  expect(await stack.api.get(`/tickets/${asked}`)).toMatchObject({ approval_status: 'approved' });
  // The approved one is planned from its page, which then names its plan.
  await visitor.go(`/board/${project.id}/${asked}`);
  await page.getByRole('button', { name: 'Plan this ticket' }).press('Enter');
  await page.waitForURL('**/specs/*');
  await page.getByRole('heading', { level: 1, name: 'Buy a shelf' }).waitFor();
  await visitor.go(`/board/${project.id}/${asked}`);
  await page.getByText('Planned by').waitFor();
  expect(await page.getByRole('button', { name: 'Plan this ticket' }).count()).toBe(0);
  await visitor.go('/gates');
  await row.getByRole('link', { name: 'Open' }).press('Enter');
  await page.waitForURL(`**/gates/ticket:${ticket.id}`);
  // Two people at one gate see each other, and what the other decides.
  await viewer.go(`/gates/ticket:${ticket.id}`);
  await viewer.page.getByText(/is here too/).waitFor();
  await page.getByText(/@example\.test is here too/).waitFor();
  expect(await visitor.portray('gate-of-ticket')).toEqual([]);
  await page.getByRole('textbox', { name: 'Reason of the decision' }).fill('The tests run at the customer.');
  await anyway.press('Enter');
  await page.getByText('Gate of Deployment').waitFor();
  await page.getByText('overridden').waitFor();
  await viewer.page.getByText('Gate of Deployment').waitFor({ timeout: 5000 });
  await viewer.context.close();
  await page.getByText(/is here too/).waitFor({ state: 'detached' });
  await page.getByText('The tests run at the customer.').first().waitFor();
  expect(await stack.api.get(`/tickets/${ticket.id}`)).toMatchObject({ phase_id: 'PHASE_DEPLOYMENT' });
  // What closes the next gate is brought by a task.
  await page.getByRole('button', { name: 'Let a task bring what is missing' }).press('Enter');
  await page
    .getByText(/^Fix: /)
    .first()
    .waitFor();
}, 240_000);

test('[WEB-29] [PLAN-24] [EXEC-11] limits of columns are set on a page, a ticket whose work stands still says so by itself, and its run names its role', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Limits',
    repository: { path: new TestRepository().path },
  });
  await visitor.go(`/projects/${project.id}/settings`);
  await page.getByLabel('Analysing', { exact: true }).fill('2');
  await page.getByLabel('Any number in Building').check();
  const minutes = page.getByLabel('Minutes until it times out');
  const saved = async (text: string) => {
    await minutes.fill(text);
    await page.getByRole('button', { name: 'Save the board' }).press('Enter');
    await page.getByText('Settings of the board saved', { exact: true }).first().waitFor();
    return (await stack.api.get<{ settings: object }>(`/projects/${project.id}`)).settings;
  };
  expect(await saved('45')).toMatchObject({
    ...{ wip_limits: { analyzing: 2, building: null }, ticket_human_review: false, approval_timeout_seconds: 2700 },
  });
  await page.reload();
  expect(await minutes.inputValue()).toBe('45');
  // An empty field gives it back to the platform.
  expect(await saved('')).toMatchObject({ approval_timeout_seconds: null });
  expect(await visitor.portray('project-settings-board')).toEqual([]);

  await page.getByLabel('Fixes that begin by themselves').selectOption('2');
  await page.getByRole('button', { name: 'Save', exact: true }).press('Enter');
  await page.getByText('Settings saved', { exact: true }).waitFor();
  expect(await stack.api.get(`/projects/${project.id}`)).toMatchObject({ settings: { fix_rounds: 2 } });

  const { id } = await stack.api.post<{ id: string }>('/tickets', {
    project_id: project.id,
    title: 'Stand still',
    description: 'The model never answers.',
    workflow_mode: 'quick',
  });
  await visitor.go(`/board/${project.id}?of=tickets&lanes=spec`);
  const card = page.getByRole('region', { name: 'Without a spec' }).getByRole('listitem');
  await card.getByText('1 agent').waitFor({ timeout: 60_000 });
  expect(await visitor.portray('board-lanes')).toEqual([]);
  await visitor.go(`/board/${project.id}/${id}`);
  await page.getByText(/is running and makes no progress/).waitFor({ timeout: 60_000 });
  expect(await stack.api.get(`/tickets/${id}`)).toMatchObject({ blocked_actor: 'platform', status: 'building' });
  expect(await visitor.portray('ticket-blocked')).toEqual([]);
  await page.getByRole('button', { name: 'Let a task fix it' }).press('Enter');
  await page
    .getByText(/^Fix: TKT-\d+ is blocked/)
    .first()
    .waitFor();
  const tasks = await stack.api.all<{ title: string; priority: string }>(`/tasks?ticket_id=${id}`);
  expect(tasks.filter(({ priority }) => priority === 'HIGH')).toHaveLength(2);
  const [run] = await stack.api.all<{ id: string }>(`/runs?ticket_id=${id}`);
  await visitor.go(`/runs/${run?.id}?tab=details`);
  await page.getByText('implementer').first().waitFor();
  await page.getByText('PHASE_IMPLEMENTATION').first().waitFor();
}, 240_000);
