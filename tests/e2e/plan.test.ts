import type { Played, Reply } from '#tests/support/played-model.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { planPhase, playTracker, trackerProject } from '#tests/support/tracker.ts';
import { setting, type Setting } from './support/setting.ts';

let mended = false;

/** Plans badly until it is mended, then waits with the tasks until somebody fails them. */
function play(request: Played): Reply {
  if (request.context.kind === 'phase') return planPhase(request, (phase, _attempt, good) => (phase === 'prd' && !mended ? { ...good, user_stories: [], goals: { primary: [], secondary: [], success_metrics: [] } } : good));
  if (request.context.kind === 'task') return { hang: true };
  return playTracker(request);
}

describe('a plan in the browser', () => {
  let here: Setting;
  let spec: { id: string; project_id: string };
  const address = () => `/projects/${spec.project_id}/specs/${spec.id}`;
  beforeAll(async () => {
    here = await setting(play);
    const repository = new TestRepository(trackerProject);
    const project = await here.stack.api.post<{ id: string }>('/projects', { name: 'tracker', repository: { path: repository.path } });
    const { spec_id } = await here.stack.api.post<{ spec_id: string }>('/specs/launch', { project_id: project.id, title: 'Export tasks', description: 'All tasks as a CSV file.', gate_policy: { mode: 'ask', phases: ['requirements'] } });
    spec = { id: spec_id, project_id: project.id };
  }, 180_000);
  afterAll(() => here.close());

  test('a phase that failed says why, and goes on by a button with words', async () => {
    const { visitor, stack } = here;
    const { page } = visitor;
    await stack.api.until<{ status: string }>(`/specs/${spec.id}`, ({ status }) => status === 'failed', 60_000);
    await visitor.go(address());
    const panel = page.getByRole('region', { name: 'Planning failed' });
    await panel.getByText('The phase prd failed: its gate gave').waitFor();
    await panel.getByLabel('Words for the next attempt').fill('Say who reads the file.');
    expect(await visitor.portray('spec-failed')).toEqual([]);
    mended = true;
    await panel.getByRole('button', { name: 'Retry' }).press('Enter');
    await page.getByRole('heading', { name: 'Requirements waits for your decision' }).waitFor({ timeout: 60_000 });
    expect(await panel.count()).toBe(0);
    expect(here.model.requests.some((request) => request.context.phase === 'prd' && request.text.includes('Say who reads the file.'))).toBe(true);
  }, 180_000);

  test('a task that failed is tried again from its spec', async () => {
    const { visitor, stack } = here;
    const { page } = visitor;
    await page.keyboard.press('a');
    await stack.api.until<{ items: { status: string }[] }>(`/tasks?spec_id=${spec.id}`, ({ items }) => items.filter((task) => task.status === 'running').length === 2, 60_000);
    const { items } = await stack.api.get<{ items: { id: string; status: string; key: string }[] }>(`/tasks?spec_id=${spec.id}&status=running`);
    for (const task of items) await stack.api.post(`/tasks/${task.id}/fail`, { reason: 'It went astray.' });
    const panel = page.getByRole('region', { name: 'The work waits for you' });
    await panel.getByText('It went astray.').first().waitFor({ timeout: 30_000 });
    await panel.getByRole('link', { name: items[0]?.key }).waitFor();
    expect(await visitor.portray('spec-stopped')).toEqual([]);
    await panel.getByRole('button', { name: 'Retry' }).click();
    await panel.waitFor({ state: 'detached', timeout: 30_000 });
    await stack.api.until<{ items: { status: string }[] }>(`/tasks?spec_id=${spec.id}`, (answer) => answer.items.filter((task) => task.status === 'running').length === 2, 60_000);
  }, 180_000);

  test('no page complained, and none asked another host for anything', () => {
    expect(here.visitor.complaints).toEqual([]);
    expect(here.visitor.foreign).toEqual([]);
  });
});
