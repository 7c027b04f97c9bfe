import { eventually } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { finishTask } from '#tests/support/scripts.ts';
import { planPhase, playTracker, trackerProject, trackerWork } from '#tests/support/tracker.ts';
import { steerFromPalette, traceToLines, walkGateForms } from './support/gate-forms.ts';
import { setting, type Setting } from './support/setting.ts';

let mended = false;
let released = false;

/** Plans badly until the model is fixed, then waits with the tasks until a person fails them. */
function play(request: Played): Reply {
  if (request.context.kind === 'phase')
    return planPhase(request, (phase, _attempt, good) =>
      phase === 'prd' && !mended
        ? { ...good, user_stories: [], goals: { primary: [], secondary: [], success_metrics: [] } }
        : good,
    );
  if (request.context.kind === 'task' && !released) return { hang: true };
  if (request.context.kind === 'task' && !trackerWork[request.context.task_ref ?? ''])
    return finishTask(request, { 'src/domain/heading.js': "export const heading = 'id,title,done';\n" });
  return playTracker(request);
}

describe('a plan in the browser', () => {
  let here: Setting;
  let spec: { id: string; project_id: string };
  const address = () => `/projects/${spec.project_id}/specs/${spec.id}`;
  beforeAll(async () => {
    here = await setting(play);
    const repository = new TestRepository(trackerProject);
    const project = await here.stack.api.post<{ id: string }>('/projects', {
      name: 'tracker',
      repository: { path: repository.path },
    });
    const { spec_id } = await here.stack.api.post<{ spec_id: string }>('/specs/launch', {
      project_id: project.id,
      title: 'Export tasks',
      description: 'All tasks as a CSV file.',
      gate_policy: { mode: 'ask', phases: ['requirements', 'design', 'tasks'] },
    });
    spec = { id: spec_id, project_id: project.id };
  });
  afterAll(() => here.close());

  test('a failed phase says why, and continues by a labelled button', async () => {
    const { visitor, stack } = here;
    const { page } = visitor;
    await stack.api.until<{ status: string }>(`/specs/${spec.id}`, ({ status }) => status === 'failed', 60_000);
    await visitor.go(address());
    const panel = page.getByRole('region', { name: 'Planning failed' });
    await panel.getByText('The phase prd failed: its gate gave').waitFor();
    const anyway = panel.getByRole('button', { name: /^Approve .* anyway/ });
    expect(await anyway.getAttribute('aria-disabled')).toBe('true');
    await panel.getByLabel('Feedback for the next attempt').fill('Say who reads the file.');
    expect(await anyway.getAttribute('aria-disabled')).toBeNull();
    expect(await visitor.portray('spec-failed')).toEqual([]);
    mended = true;
    await panel.getByRole('button', { name: 'Retry' }).press('Enter');
    await page.getByRole('heading', { name: 'Requirements waits for your decision' }).waitFor({ timeout: 60_000 });
    expect(await panel.count()).toBe(0);
    expect(
      here.model.requests.some(
        (request) => request.context.phase === 'prd' && request.text.includes('Say who reads the file.'),
      ),
    ).toBe(true);
  }, 180_000);

  test('requirements are edited at their gate: at once, and back in the form when they are refused', async () => {
    const { visitor, stack } = here;
    const { page } = visitor;
    const id = 'REQ-EXPORT-FUNC-001';
    const item = (key: string) => page.locator(`[id="${key}"]`);
    const version = async () => (await stack.api.get<{ version: number }>(`/specs/${spec.id}`)).version;
    const stored = async () =>
      (
        await stack.api.get<{ phases: { output: { requirements: { id: string; title: string; text: string }[] } }[] }>(
          `/specs/${spec.id}/phase-data?phases=requirements`,
        )
      ).phases[0]?.output.requirements ?? [];
    const edit = (key: string) => page.getByRole('button', { name: `Edit ${key}` }).press('Enter');
    const form = page.getByRole('form');
    const sentence = form.getByRole('textbox', { name: 'Requirement' });
    const save = form.getByRole('button', { name: /^Save/ });
    await visitor.go(`${address()}?tab=requirements`);

    await edit(id);
    await form.getByRole('textbox', { name: 'Title', exact: true }).fill('Export open tasks');
    await sentence.fill('The file is nice.');
    await form.getByText('This sentence has none of the keywords').waitFor();
    expect(await save.isDisabled()).toBe(true);
    expect(await visitor.portray('requirement-edit')).toEqual([]);
    await sentence.fill(
      'WHEN a client requests /tasks.csv, THE SYSTEM SHALL answer with one CSV row for each open task.',
    );
    // It is shown before the answer arrives; after a refusal it is removed and the text is kept.
    let answer = () => {};
    const awaited = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/requirements/**', async (route) => {
      await awaited;
      await route.fulfill({ status: 503, json: { error: 'unavailable', message: 'The database is away.' } });
    });
    await save.press('Enter');
    await item(id).getByText('saving').waitFor();
    await item(id).getByRole('heading', { name: 'Export open tasks' }).waitFor();
    answer();
    await form.getByText('The database is away.').waitFor();
    expect(await form.getByRole('textbox', { name: 'Title', exact: true }).inputValue()).toBe('Export open tasks');
    await page.unroute('**/requirements/**');
    await save.press('Enter');
    await item(id)
      .getByRole('button', { name: `Edit ${id}` })
      .waitFor();
    expect((await stored())[0]).toMatchObject({
      title: 'Export open tasks',
      text: expect.stringContaining('each open task'),
    });

    // Another person changed another field meanwhile: both changes hold. The same field: both are shown.
    const other = 'REQ-EXPORT-SEC-001';
    await edit(other);
    await stack.api.ok('PATCH', `/specs/${spec.id}/requirements/${other}`, {
      title: 'Escape what runs',
      version: await version(),
    });
    await sentence.fill('IF a title begins with =, THEN THE SYSTEM SHALL prefix it with an apostrophe.');
    await save.click();
    await item(other).getByRole('heading', { name: 'Escape what runs' }).waitFor();
    await item(other).getByText('prefix it with an apostrophe').waitFor();
    await item(other).getByText('saving').waitFor({ state: 'detached' });
    await edit(other);
    await stack.api.ok('PATCH', `/specs/${spec.id}/requirements/${other}`, {
      title: 'Escape all formulas',
      version: await version(),
    });
    await form.getByRole('textbox', { name: 'Title', exact: true }).fill('Escape mine');
    await save.click();
    await form.getByText('This requirement was changed while you edited it').waitFor();
    await form.getByText('Escape all formulas:').waitFor();
    expect(await visitor.portray('requirement-conflict')).toEqual([]);
    await form.getByRole('button', { name: 'Save mine' }).click();
    await item(other)
      .getByRole('button', { name: `Edit ${other}` })
      .waitFor();
    expect((await stored())[1]).toMatchObject({
      title: 'Escape mine',
      text: expect.stringContaining('begins with =, THEN'),
    });

    // What was just added can be removed before the page has loaded it.
    let load = () => {};
    const loaded = new Promise<void>((resolve) => (load = resolve));
    await page.route(/\.data\?/, async (route) => {
      await loaded;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Add a requirement' }).press('Enter');
    await form.getByRole('textbox', { name: 'Title', exact: true }).fill('Name the file');
    await sentence.fill('WHEN it is downloaded, THE SYSTEM SHALL name the file tasks.csv.');
    await form.getByLabel('Criterion 1', { exact: true }).fill('The header names it');
    await save.press('Enter');
    await page.getByRole('button', { name: 'Remove REQ-EXPORT-FUNC-002' }).click();
    expect(await stored()).toHaveLength(3);
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await item('REQ-EXPORT-FUNC-002').waitFor({ state: 'detached' });
    await eventually('the removal is stored', async () => (await stored()).length === 2);
    expect((await stored()).map((one) => one.id)).toEqual([id, other]);
    load();
  }, 180_000);

  test(
    '[WEB-08] [WEB-33] the design and the tasks are edited at their gates, an earlier version is restored, and gates are approved from the palette',
    () => walkGateForms(here, spec),
    240_000,
  );

  test('a task that failed is tried again from its spec', async () => {
    const { visitor, stack } = here;
    const { page } = visitor;
    await visitor.go(`${address()}?tab=tasks&view=graph`);
    await page.getByRole('figure', { name: 'Planned tasks' }).getByText('Add the route').waitFor();
    expect(await visitor.portray('spec-graph-planned')).toEqual([]);
    await visitor.go(address());
    await page.keyboard.press('a');
    await stack.api.until<{ items: { status: string }[] }>(
      `/tasks?spec_id=${spec.id}`,
      ({ items }) => items.filter((task) => task.status === 'running').length === 2,
      60_000,
    );
    const { items } = await stack.api.get<{ items: { id: string; status: string; key: string }[] }>(
      `/tasks?spec_id=${spec.id}&status=running`,
    );
    if (items[0]) await steerFromPalette(here, items[0]);
    for (const task of items) await stack.api.post(`/tasks/${task.id}/fail`, { reason: 'It went astray.' });
    const panel = page.getByRole('region', { name: 'The work waits for you' });
    await panel.getByText('It went astray.').first().waitFor({ timeout: 30_000 });
    await panel.getByRole('link', { name: items[0]?.key }).waitFor();
    expect(await visitor.portray('spec-stopped')).toEqual([]);
    await panel.getByRole('button', { name: 'Retry' }).click();
    await panel.waitFor({ state: 'detached', timeout: 30_000 });
    await stack.api.until<{ items: { status: string }[] }>(
      `/tasks?spec_id=${spec.id}`,
      (answer) => answer.items.filter((task) => task.status === 'running').length === 2,
      60_000,
    );
  }, 180_000);

  test('the graph shows what comes after what, and leads by keyboard to the tasks', async () => {
    const { visitor, stack } = here;
    const { page } = visitor;
    const { items } = await stack.api.get<{
      items: { id: string; status: string; key: string; title: string; run_id: string | null }[];
    }>(`/tasks?spec_id=${spec.id}`);
    const first = items.find((task) => task.title.startsWith('Write toCsv'));
    const last = items.find((task) => task.title.startsWith('Add the route'));
    await stack.api.post(`/tasks/${first?.id}/discoveries`, {
      type: 'bug',
      description: 'Empty lists break the heading.',
      title: 'Heading of an empty list',
    });
    await visitor.go(`${address()}?tab=tasks`);
    await page.getByRole('navigation', { name: 'Task view' }).getByRole('link', { name: 'Graph' }).click();
    const graph = page.getByRole('figure', { name: 'Tasks of the spec' });
    const node = (key: string | undefined) => graph.getByRole('link', { name: new RegExp(`^${key} `) });
    await graph.getByRole('link', { name: 'Heading of an empty list' }).waitFor();
    expect(await graph.getByRole('link').count()).toBe(4);
    expect(await node(last?.key).textContent()).toMatch(/Pending.*, after TSK-\d+, TSK-\d+, TSK-\d+$/);
    expect(await node(first?.key).textContent()).toContain('Running');
    expect(await graph.getByRole('link', { name: 'Heading of an empty list' }).textContent()).toContain(
      `discovered while working on ${first?.key}`,
    );
    // Two lines by the plan, one since its ticket waits for all of the other's, one from where the finding was made.
    expect(await graph.locator('svg').first().locator('path[marker-end]').count()).toBe(4);
    const [left, right] = [await node(first?.key).boundingBox(), await node(last?.key).boundingBox()];
    expect((left?.x ?? 0) + (left?.width ?? 0)).toBeLessThan(right?.x ?? 0);
    expect(await visitor.portray('spec-graph')).toEqual([]);
    await graph.getByRole('region').focus();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toMatch(/^\/(runs|board)\//);
    await node(first?.key).press('Enter');
    await page.waitForURL(/\/runs\//);
    const [ticket] = (await stack.api.all<{ id: string; title: string }>(`/tickets?spec_id=${spec.id}`)).filter(
      ({ title }) => title.startsWith('CSV writer'),
    );
    await visitor.go(`/tickets/${ticket?.id}`);
    await page
      .getByRole('dialog')
      .getByRole('figure', { name: 'Dependencies' })
      .getByRole('link', { name: 'Heading of an empty list' })
      .waitFor();
    expect(await visitor.portray('ticket-graph')).toEqual([]);
  }, 180_000);

  test('changes are shown side by side where there is space, and the choice is remembered', async () => {
    const { visitor, stack } = here;
    const { page } = visitor;
    released = true;
    // A hanging task is failed, and the spec retries it.
    const { items } = await stack.api.get<{ items: { id: string; status: string }[] }>(
      `/tasks?spec_id=${spec.id}&status=running`,
    );
    for (const task of items) await stack.api.post(`/tasks/${task.id}/fail`, { reason: 'Anew.' });
    await stack.api.until<{ waiting_for: string | null }>(
      `/specs/${spec.id}`,
      (one) => one.waiting_for === 'person',
      60_000,
    );
    await stack.api.post(`/specs/${spec.id}/retry`);
    const { pull_request: pull } = await stack.api.until<{ pull_request: { id: string } | null }>(
      `/specs/${spec.id}`,
      (one) => one.pull_request !== null,
      150_000,
    );
    const change = page.getByRole('group', { name: 'Change in src/app.js' });
    const shown = () => change.first().getByRole('columnheader', { name: 'Before' }).count();
    await visitor.go(`/pull-requests/${pull?.id}?tab=files`);
    expect(await shown()).toBe(0);
    await page.keyboard.press('d');
    await change.first().getByRole('columnheader', { name: 'After' }).waitFor({ state: 'attached' });
    const view = page.getByRole('group', { name: 'Diff view' });
    expect(await view.getByRole('button', { pressed: true }).textContent()).toBe('Split');
    // A line of the new text is commented from the right side.
    const comment = page.getByRole('button', { name: /^Comment on line 3 of src\/app.js/ });
    await comment.press('Enter');
    await page.keyboard.type('Sorted, please.');
    await page.getByRole('button', { name: 'Add to the review' }).press('Enter');
    await change.getByText('Sorted, please.').waitFor();
    await change.first().scrollIntoViewIfNeeded();
    expect(await visitor.portray('pull-request-split')).toEqual([]);
    // After a reload the choice is kept; on a narrow screen one text is below the other.
    await page.reload();
    await visitor.live();
    expect(await shown()).toBe(1);
    await page.setViewportSize({ width: 390, height: 844 });
    await change.first().getByRole('columnheader', { name: 'Before' }).waitFor({ state: 'detached' });
    expect(await view.count()).toBe(0);
    await page.setViewportSize({ width: 1440, height: 900 });
    await view.getByRole('button', { name: 'Unified' }).press('Enter');
    await change.first().getByRole('columnheader', { name: 'Before' }).waitFor({ state: 'detached' });
    await traceToLines(here, spec);
  }, 240_000);

  test('no page complained, and none asked another host for anything', () => {
    // The browser also logs requests that were refused on purpose.
    expect(here.visitor.complaints.filter((text) => !text.includes('Failed to load resource'))).toEqual([]);
    expect(here.visitor.foreign).toEqual([]);
  });
});
