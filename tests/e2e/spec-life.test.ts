import { exampleOutputs } from '#tests/support/phases.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { Visitor } from './support/browser.ts';
import { answerQuestions, explore } from './support/explore.ts';
import { setting, type Setting } from './support/setting.ts';

let here: Setting;
beforeAll(async () => {
  here = await setting(answerQuestions, { OMOIOS_MODEL_OFFERED: 'claude-opus-5-5' });
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

test('[WEB-07] specs are created, found, archived together and brought back', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Many specs',
    repository: { path: new TestRepository().path },
  });
  await visitor.go(`/projects/${project.id}/specs`);
  await page.getByText('No specs yet').waitFor();
  await page.getByRole('button', { name: 'New draft' }).press('Enter');
  await page.getByRole('textbox', { name: 'Title' }).fill('Export as CSV');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { level: 1, name: 'Export as CSV' }).waitFor();
  for (const title of ['Dark mode', 'Sign in by link'])
    await stack.api.post('/specs', { project_id: project.id, title, check_duplicates: false });
  await page.getByRole('link', { name: 'Specs', exact: true }).first().click();
  const rows = page.getByRole('table', { name: 'Specs' }).getByRole('row');
  await rows.nth(3).waitFor();
  await page.getByRole('searchbox', { name: 'Search titles' }).fill('dark');
  await rows.nth(2).waitFor({ state: 'detached' });
  expect(new URL(page.url()).searchParams.get('search')).toBe('dark');
  await page.getByRole('searchbox', { name: 'Search titles' }).fill('');
  await rows.nth(3).waitFor();

  // A similar one is shown before a second is made.
  await page.getByRole('button', { name: 'New draft' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Export as CSV');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('The project has similar open specs').waitFor();
  expect(await visitor.portray('spec-similar')).toEqual([]);
  await page.keyboard.press('Escape');

  for (const title of ['Dark mode', 'Sign in by link'])
    await page.getByRole('checkbox', { name: `Choose ${title}` }).press('Space');
  expect(await visitor.portray('specs')).toEqual([]);
  await page.getByRole('region', { name: 'Chosen specs' }).getByRole('button', { name: 'Archive' }).press('Enter');
  await page.getByText('2 specs archived').first().waitFor();
  await rows.nth(2).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await rows.nth(3).waitFor();

  // An export comes back as a draft; a file that is wrong says where.
  const { explore, prd } = exampleOutputs();
  await page.getByRole('button', { name: 'Import' }).press('Enter');
  const window = page.getByRole('dialog');
  const importing = async (phases: object) => {
    const text = JSON.stringify({ spec: { title: 'Import a plan', description: 'As it was.' }, phases });
    const file = { name: 'spec.json', mimeType: 'application/json', buffer: Buffer.from(text) };
    await window.getByLabel('One JSON file', { exact: true }).first().setInputFiles(file);
    await window.getByText('1 file chosen').waitFor();
    await window.getByRole('button', { name: 'Import', exact: true }).press('Enter');
  };
  await importing({ explore, prd: { ...prd, goals: 7, user_stories: 7 } });
  await window.getByRole('alert').getByText('phases.prd/user_stories').waitFor();
  expect(await visitor.portray('spec-import')).toEqual([]);
  await importing({ explore, prd });
  await page.getByRole('heading', { level: 1, name: 'Import a plan' }).waitFor();
}, 180_000);

test('[WEB-16] the dependencies of a project are searched, narrowed and opened, with 200 nodes and as a table', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Graph',
    repository: { path: new TestRepository().path },
  });
  await visitor.go(`/graph/${project.id}`);
  await page.getByText('No tickets or tasks yet').waitFor();
  await stack.api.ok('PATCH', `/projects/${project.id}`, { autonomous_execution_enabled: false });
  const add = (ticket_id: string, title: string, depends_on: string[] = []) =>
    stack.api.post<{ id: string }>('/tasks', { ticket_id, title, description: `Do it: ${title}.`, depends_on });
  const chain = async (number: number) => {
    const ticket = await stack.api.post<{ id: string }>('/tickets', {
      project_id: project.id,
      title: `Feature ${number}`,
      description: 'One of many.',
      priority: number === 1 ? 'CRITICAL' : 'MEDIUM',
      workflow_mode: 'spec_driven',
      force_create: true,
    });
    let last: string | undefined;
    for (let step = 1; step <= 9; step++)
      last = (await add(ticket.id, `Step ${step} of ${number}`, last ? [last] : [])).id;
    return last;
  };
  const lasts = await Promise.all(Array.from({ length: 20 }, (_, index) => chain(index + 1)));
  const graph = page.getByRole('region', { name: 'Graph of dependencies' });
  const node = (name: RegExp) => graph.getByRole('link', { name });
  await visitor.go(`/graph/${project.id}`);
  await page.getByText('Graph: 200 nodes, longest chain 9 tasks').waitFor();
  await node(/Step 9 of 20/).waitFor();
  expect(await graph.getByRole('link', { name: /Step \d+ of \d+(?!.* and its)/ }).count()).toBe(180);

  // It moves with the pointer without long frames.
  const box = (await graph.boundingBox())!;
  await page.evaluate(() => {
    const frames: number[] = [];
    Object.assign(window, { frames });
    let before = performance.now();
    const next = (now: number) => {
      frames.push(now - before);
      before = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  const pane = graph.locator('.react-flow__viewport');
  const before = await pane.getAttribute('style');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height - 20);
  await page.mouse.down();
  for (let step = 1; step <= 30; step++)
    await page.mouse.move(box.x + box.width / 2 + step * 8, box.y + box.height - 20 - step * 4);
  await page.mouse.up();
  expect(await pane.getAttribute('style')).not.toBe(before);
  const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames);
  expect(frames.sort((a, b) => a - b)[Math.floor(frames.length / 2)]).toBeLessThan(100);
  expect(await visitor.portray('graph')).toEqual([]);

  const search = page.getByRole('searchbox', { name: 'Search keys and titles' });
  await search.fill('Step 9 of 20');
  await page.getByText('1 found').waitFor();
  await search.press('Enter');
  await page
    .getByRole('link', { name: /^Only TSK-\d+ and its neighbours/ })
    .last()
    .waitFor();
  const narrow = await node(/Step 9 of 20/).getAttribute('data-node');
  await visitor.go(`/graph/${project.id}?near=${narrow}`);
  await node(/Step 8 of 20/).waitFor();
  expect(await graph.locator('[data-node]').count()).toBe(2);

  // A discovery appears as a branch while the page is open.
  await stack.api.post(`/tasks/${lasts.at(-1)}/discoveries`, {
    type: 'bug',
    description: 'A bug that was seen in passing.',
    title: 'Repair it',
  });
  await page.getByRole('button', { name: 'Show all' }).press('Enter');
  await node(/^Discovery/).waitFor();
  await page.getByText('discovered while working on it').waitFor();
  await page.getByRole('link', { name: 'Right' }).press('Enter');
  await page.getByRole('link', { name: 'Table' }).press('Enter');
  const table = page.getByRole('table', { name: 'Dependencies' });
  await table.waitFor();
  expect(await visitor.portray('graph-table')).toEqual([]);
  await page.getByRole('navigation', { name: 'View' }).getByRole('link', { name: 'Graph' }).press('Enter');
  await node(/^Task .*Repair it/).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Feature 20' }).waitFor();
  await page.locator('#content').getByRole('link', { name: 'Dependencies' }).press('Enter');
  await page.getByText(/Feature 20: 12 nodes/).waitFor();
}, 240_000);

test('[WEB-05] the page of a project shows its work at once: counts, the spec at work with its next step, its tickets', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Overview',
    repository: { path: new TestRepository().path },
  });
  const figure = (name: string) =>
    page.locator('dl > div', { has: page.getByText(name, { exact: true }) }).locator('dd');
  await visitor.go(`/projects/${project.id}`);
  expect(await figure('Agents').innerText()).toBe('0');
  await page.getByText('No tickets yet').waitFor();
  const { spec_id } = await stack.api.post<{ spec_id: string }>('/specs/launch', {
    project_id: project.id,
    title: 'Export as PDF',
    description: 'One page a task.',
  });
  await stack.api.post('/tickets', {
    project_id: project.id,
    title: 'Later',
    description: 'Without work for now.',
    workflow_mode: 'spec_driven',
  });
  const row = page.getByRole('link', { name: /^Export as PDF.*Next: / });
  await row.waitFor();
  await figure('Agents').getByText('1', { exact: true }).waitFor();
  expect(await row.innerText()).toMatch(/Last: .*Next: PRD.*No estimate of its end/s);
  expect([await figure('Specs').innerText(), await figure('Tickets').innerText()]).toEqual(['1', '1']);
  expect(await visitor.portray('project')).toEqual([]);
  await stack.api.post(`/specs/${spec_id}/cancel`);
  await row.waitFor({ state: 'detached' });
  await figure('Agents').getByText('0', { exact: true }).waitFor();
}, 180_000);

test('[WEB-06] a question about the code is answered with lines that open, kept, and made into a spec', async () => {
  await explore(here);
}, 180_000);

test('[PLAN-01] [WEB-03] a plan without a project creates nothing; a quick launch names its model and branch and takes files of text', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const repository = new TestRepository();
  repository.git('branch', 'release/1');
  await visitor.go('/command');
  expect(await page.getByRole('combobox', { name: 'Mode', exact: true }).inputValue()).toBe('quick');
  await page.getByRole('combobox', { name: 'Mode', exact: true }).selectOption('spec_driven');
  await page.getByRole('combobox', { name: 'Project' }).selectOption({ label: 'Other repository ...' });
  await page.getByLabel('Describe the feature').fill('Write a word of thanks');
  const known = async () =>
    Promise.all(['/projects', '/specs', '/tickets'].map((list) => stack.api.get<{ items: unknown[] }>(list)));
  const before = await known();
  await page.getByRole('button', { name: 'Launch' }).press('Enter');
  await page.getByRole('alert').getByText('Choose a project, or name a repository.').waitFor();
  expect(await known()).toEqual(before);

  await page.getByRole('combobox', { name: 'Mode', exact: true }).selectOption('quick');
  await page.getByRole('textbox', { name: 'Repository' }).fill(repository.path);
  await page.getByLabel('Files of text').setInputFiles([
    { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from([0x89, 0x50, 0, 255]) },
    { name: 'names.txt', mimeType: 'text/plain', buffer: Buffer.from('Ada\n```\nGrace\n') },
  ]);
  await page.getByText('photo.png is not text.').waitFor();
  await page.getByRole('list', { name: 'Attached files' }).getByText('names.txt').waitFor();
  expect(await visitor.portray('command-attached')).toEqual([]);
  await page.getByRole('combobox', { name: 'Model' }).selectOption('claude-opus-5-5');
  await page.getByRole('button', { name: 'Launch' }).press('Enter');
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  const run = await stack.api.get<{ ticket_id: string; model: string }>(`/runs/${page.url().split('/').at(-1)}`);
  expect(run.model).toBe('claude-opus-5-5');
  expect(await stack.api.get(`/tickets/${run.ticket_id}`)).toMatchObject({
    title: 'Write a word of thanks',
    description: 'Write a word of thanks\n\nAttached file names.txt:\n\n````\nAda\n```\nGrace\n````',
  });

  // The project is known now, and its branches with it.
  await visitor.go('/command');
  await page.getByLabel('Describe the feature').fill('Write thanks for a release');
  const branch = page.getByRole('combobox', { name: 'Base branch' });
  await branch.focus();
  await page.locator('datalist option[value="release/1"]').waitFor({ state: 'attached' });
  await branch.fill('release/2');
  await branch.press('Enter');
  await page.getByRole('alert').getByText('The repository has no branch "release/2"').waitFor();
  await branch.fill('release/1');
  // A click waits until the refused launch is over; a key on a disabled button does nothing.
  await page.getByRole('button', { name: 'Launch' }).click();
  await stack.api.until<{ items: { base_branch: string | null }[] }>(
    '/tickets?limit=1',
    ({ items }) => items[0]?.base_branch === 'release/1',
  );
}, 120_000);
