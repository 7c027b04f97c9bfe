import { setTimeout as sleep } from 'node:timers/promises';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { planPhase, playTracker, trackerProject } from '#tests/support/tracker.ts';
import { setting, type Setting } from './support/setting.ts';
import { Visitor } from './support/browser.ts';

const questions: Record<string, { question: string; assumption: string }> = {
  prd: { question: 'Which character separates the columns?', assumption: 'A comma, as RFC 4180 has it.' },
  requirements: { question: 'Are tasks exported that are done?', assumption: 'Yes: the file holds all tasks.' },
};

/** Good work, slow enough to be watched, whose plan leaves two questions open. */
async function play(request: Played): Promise<Reply> {
  const { kind } = request.context;
  if (kind === 'task' || kind === 'phase') await sleep(300);
  if (kind !== 'phase') return playTracker(request);
  return planPhase(request, (phase, _attempt, good) =>
    questions[phase] ? { ...good, open_questions: [questions[phase]] } : good,
  );
}

describe('a spec in the browser', () => {
  let here: Setting;
  let repository: TestRepository;
  beforeAll(async () => {
    here = await setting(play);
    repository = new TestRepository(trackerProject);
  }, 300_000);
  afterAll(() => here.close());

  test('[WEB-03] by keys alone: a planned launch reaches that spec, a quick one that run', async () => {
    const { page } = here.visitor;
    await here.visitor.live();
    // The prompt has the focus; Tab goes through mode, project, gates, plan, budget.
    await page.keyboard.type('Export tasks');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('All tasks as a CSV file.');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Planned');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Ask me at');
    await page.getByRole('textbox', { name: 'Repository' }).focus();
    await page.keyboard.type(repository.path);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/projects\/[0-9a-f-]{36}\/specs\/[0-9a-f-]{36}$/);
    const spec = await here.stack.api.get<{ title: string; description: string; gate_policy: { mode: string } }>(
      `/specs/${page.url().split('/').at(-1)}`,
    );
    expect(spec).toMatchObject({
      title: 'Export tasks',
      description: 'Export tasks\nAll tasks as a CSV file.',
      gate_policy: { mode: 'ask' },
    });
    const specPage = page.url();

    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.waitForURL('**/command');
    await page.getByLabel('Describe the feature').fill('Write a word of thanks');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Launch' }).press('Enter');
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
    const run = await here.stack.api.get<{ ticket_id: string }>(`/runs/${page.url().split('/').at(-1)}`);
    expect((await here.stack.api.get<{ title: string }>(`/tickets/${run.ticket_id}`)).title).toBe(
      'Write a word of thanks',
    );
    await page.goto(specPage);
  }, 300_000);

  test('phases fill in; gates are opened and sent back by keys; a second attempt answers the feedback', async () => {
    const { page } = here.visitor;
    const id = page.url().split('/').at(-1) as string;
    const gate = (phase: string) => page.getByRole('heading', { name: `${phase} waits for your decision` });
    await gate('Requirements').waitFor({ timeout: 90_000 });
    const phases = page.getByRole('navigation', { name: 'Phases' });
    expect(await phases.getByRole('listitem').first().textContent()).toMatch(
      /Explore.*1\.00.*passed, 1 attempt|Explore.*0\.\d\d.*passed, 1 attempt/,
    );
    await page
      .getByRole('navigation', { name: 'Parts of the spec' })
      .getByRole('link', { name: 'Requirements' })
      .click();
    await page.getByText('REQ-EXPORT-FUNC-001').first().waitFor();

    // The open questions are one form, then the answers that the design is made with.
    const form = page.getByRole('form', { name: 'Answer the open questions' });
    await form.getByText('Without an answer: A comma').waitFor();
    expect(await form.getByRole('button', { name: 'Send answers' }).isDisabled()).toBe(true);
    expect(await here.visitor.portray('spec-questions')).toEqual([]);
    await form.getByLabel('Which character separates').fill('A semicolon.');
    await form.getByLabel('Are tasks exported').fill('Only open ones.');
    await form.getByRole('button', { name: 'Send answers' }).press('Enter');
    await page.getByText('answered: A semicolon.').waitFor();
    await page.getByText('all answered').waitFor();
    expect(await form.count()).toBe(0);
    await page.getByRole('button', { name: 'Approve' }).focus();
    await page.keyboard.press('a');
    await gate('Design').waitFor({ timeout: 90_000 });

    await page.keyboard.press('r');
    await page.keyboard.type('Say where the file is streamed.');
    await page.getByRole('button', { name: 'Send back' }).press('Enter');
    await phases.getByText(/2 attempts/).waitFor({ timeout: 90_000 });
    await gate('Design').waitFor({ timeout: 90_000 });
    expect(
      here.model.requests.some(
        (request) => request.context.phase === 'design' && request.text.includes('Say where the file is streamed.'),
      ),
    ).toBe(true);
    await page.getByRole('navigation', { name: 'Parts of the spec' }).getByRole('link', { name: 'Attempts' }).click();
    await page.getByText('Say where the file is streamed.').first().waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await gate('Tasks').waitFor({ timeout: 90_000 });
    await page.keyboard.press('a');
    const { phases: records } = await here.stack.api.until<{
      phases: { phase: string; status: string; attempts: { decision: { action: string; by: string } | null }[] }[];
    }>(`/specs/${id}/phase-data`, (data) => data.phases.find((phase) => phase.phase === 'tasks')?.status === 'passed');
    const design = records.find((phase) => phase.phase === 'design');
    expect(design?.attempts.map((attempt) => attempt.decision?.action)).toEqual(['changes_requested', 'approved']);
    expect(design?.attempts.at(-1)?.decision?.by).toBe('owner@omoios.local');
  }, 300_000);

  test('tasks move over the board while they are worked on, in a second window too', async () => {
    const { visitor, stack, browser } = here;
    const specId = visitor.page.url().split('/').at(-1)?.split('?')[0] as string;
    const spec = await stack.api.get<{ project_id: string }>(`/specs/${specId}`);
    const second = await visitor.context.newPage();
    await second.goto(`/board/${spec.project_id}?spec=${specId}`);
    const column = (name: string) => second.getByRole('region', { name: new RegExp(`^${name}`) });
    await column('Running').getByRole('link').first().waitFor({ timeout: 90_000 });
    await column('Done').getByRole('link').first().waitFor({ timeout: 120_000 });
    await visitor.go(`/projects/${spec.project_id}/specs/${specId}`);
    await visitor.page.getByText('Pull request open').first().waitFor({ timeout: 90_000 });
    await second.waitForFunction(
      () => document.querySelectorAll('section[aria-labelledby="column-done"] a').length === 3,
    );
    const { items } = await stack.api.get<{ items: { status: string }[] }>(`/tasks?spec_id=${specId}`);
    expect(items.map((task) => task.status)).toEqual(['completed', 'completed', 'completed']);
    await second.close();
    expect(browser.isConnected()).toBe(true);
  }, 300_000);

  test('changes asked for at a line of the pull request become a task on its branch', async () => {
    const { visitor, stack } = here;
    const { page } = visitor;
    const { items } = await stack.api.get<{ items: { id: string; spec_id: string | null }[] }>('/pull-requests');
    const pull = items.find((one) => one.spec_id);
    await visitor.go(`/pull-requests/${pull?.id}?tab=files`);
    await page.getByRole('button', { name: 'Comment on line 1 of src/domain/escape.js' }).press('Enter');
    await page.keyboard.type('Quote tabs as well.');
    await page.getByRole('button', { name: 'Add to the review' }).press('Enter');
    await page.getByRole('button', { name: /^Request changes/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Request changes' }).click();
    await page.waitForURL(/\/board\/.*open=/);
    await page.getByRole('dialog').getByText('Quote tabs as well.').first().waitFor();
    const { comments } = await stack.api.get<{ comments: { path: string; line: number; body: string }[] }>(
      `/pull-requests/${pull?.id}`,
    );
    expect(comments).toMatchObject([{ path: 'src/domain/escape.js', line: 1, body: 'Quote tabs as well.' }]);
  }, 300_000);

  test('the link signs in once; password, sign-out and the way back work; ids of others do not exist', async () => {
    const { visitor, stack, browser } = here;
    const stranger = await Visitor.open(browser, stack);
    const { page } = stranger;
    // Spent at the start by the first visitor.
    await page.goto(/http:\/\/localhost:\d+\/sign-in\?token=\S+/.exec(stack.said)?.[0] as string);
    await page.getByRole('alert').getByText('used before').waitFor();

    await stack.api
      .as(undefined)
      .post('/auth/register', { email: 'eve@example.test', password: 'Correct-horse-7', full_name: 'Eve' });
    await page.goto('/runs?status=failed');
    await page.waitForURL(/\/sign-in\?to=/);
    await page.getByLabel('E-mail').fill('eve@example.test');
    await page.getByLabel('Password').fill('wrong-Horse-7');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('E-mail or password is wrong.').waitFor();
    await page.getByLabel('Password').fill('Correct-horse-7');
    await page.keyboard.press('Enter');
    // A person without an organization creates one first.
    await page.waitForURL('**/onboarding');
    await page.getByLabel('Name').fill('Eve & Sons');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/onboarding?step=repo');
    await page.getByRole('link', { name: 'Leave for now' }).click();
    await page.waitForURL('**/command');

    const api = stack.api;
    const [spec, run, pull, project] = await Promise.all(
      ['/specs', '/runs', '/pull-requests', '/projects'].map(
        async (list) => (await api.get<{ items: { id: string; project_id: string }[] }>(list)).items[0],
      ),
    );
    for (const path of [
      `/projects/${spec?.project_id}/specs/${spec?.id}`,
      `/runs/${run?.id}`,
      `/pull-requests/${pull?.id}`,
      `/projects/${project?.id}`,
      `/board/${project?.id}`,
      '/nowhere',
    ]) {
      const response = await page.goto(path);
      expect([path, response?.status()]).toEqual([path, 404]);
      await page.getByText('Not found').waitFor();
      // The shell surrounds it.
      expect(await page.getByRole('navigation', { name: 'Sections' }).first().isVisible()).toBe(true);
    }
    const cookies = await stranger.context.cookies();
    expect(
      cookies
        .filter((cookie) => /token/.test(cookie.name))
        .every((cookie) => cookie.httpOnly && cookie.sameSite === 'Lax'),
    ).toBe(true);
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
    await page.goto('/command');
    await page.waitForURL(/\/sign-in/);
    // A form of another site counts for nothing.
    const forged = await fetch(`${visitor.origin}/theme`, {
      method: 'POST',
      headers: { origin: 'https://elsewhere.example', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'theme=dark',
    });
    expect(forged.status).toBe(403);
    await stranger.context.close();
  }, 300_000);

  test('an access token that ran out is renewed once for many requests, and no one is signed out', async () => {
    const { visitor } = here;
    const { context, page } = visitor;
    await context.clearCookies({ name: 'omoios_access_token' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => context.request.get('/session')));
    expect(answers.map((answer) => answer.status())).toEqual([204, 204, 204, 204, 204, 204]);
    await visitor.go('/runs');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Runs');
  });

  test('[WEB-25] a hard budget that is too low for a call holds a run where people look; raised on the page of costs, it continues', async () => {
    const { visitor, stack } = here;
    const { page } = visitor;
    const { id: project_id } = await stack.api.post<{ id: string }>('/projects', {
      name: 'frugal',
      repository: { path: new TestRepository(trackerProject).path },
    });
    await visitor.go('/costs?tab=budgets');
    await page.getByRole('button', { name: 'Set a budget' }).click();
    await page.getByRole('combobox', { name: 'For' }).selectOption('project');
    await page.getByRole('combobox', { name: 'Project' }).selectOption({ label: 'frugal' });
    await page.getByLabel('Limit in dollars').fill('20');
    await page.keyboard.press('Enter');
    const budget = page.getByRole('table', { name: 'Budgets' }).getByRole('row', { name: /frugal/ });
    await budget.getByText('$0.00 of $20.00').waitFor();
    const { task_id } = await stack.api.post<{ task_id: string }>('/tickets', {
      ...{ project_id, title: 'Write a word of thanks', description: 'To all who help.' },
      ...{ workflow_mode: 'quick', force_create: true },
    });
    const task = await stack.api.until<{ run_id: string | null }>(`/tasks/${task_id}`, ({ run_id }) => run_id !== null);
    const run = `/runs/${task.run_id}`;
    await stack.api.post('/costs/budgets', { scope_type: 'project', scope_id: project_id, limit_amount: 0.05 });
    const { turn } = await stack.api.until<{ waiting_for: string | null; turn: number }>(
      run,
      ({ waiting_for }) => waiting_for === 'budget',
    );
    await visitor.go(run);
    await page
      .getByText(/The budget of this project is (spent|too low): \$0\.\d+ of \$0\.05/)
      .first()
      .waitFor();
    expect(await page.getByRole('form', { name: 'Raise the budget of this project' }).count()).toBe(1);

    await visitor.go('/costs?tab=budgets');
    await budget.getByRole('button', { name: 'Change the budget: frugal' }).press('Enter');
    await page.getByLabel('Limit in dollars').fill('20');
    await page.getByRole('combobox', { name: 'May be raised by' }).selectOption('member');
    await page.keyboard.press('Enter');
    await budget.getByText('raised by members').waitFor();
    await stack.api.until<{ turn: number }>(run, (now) => now.turn > turn);
    await budget.getByText('of $20.00').waitFor();
    expect(await visitor.audit()).toEqual([]);

    await visitor.go('/costs');
    await page.getByRole('navigation', { name: 'Divided by' }).getByRole('link', { name: 'Project' }).click();
    await page.getByRole('table', { name: 'Costs by project' }).getByRole('link', { name: 'frugal' }).waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as CSV' }).click();
    expect((await saved).suggestedFilename()).toBe('costs-by-project.csv');
    await page.getByRole('link', { name: 'Forecast' }).click();
    await page.getByRole('combobox', { name: 'Work' }).selectOption('tasks');
    await page.getByRole('combobox', { name: 'Project' }).selectOption({ label: 'frugal' });
    await page.getByText(/^An assumption: 10 tasks of 5000 tokens/).waitFor();
  }, 120_000);

  test('no page complained, and none asked another host for anything', () => {
    expect(here.visitor.complaints).toEqual([]);
    expect(here.visitor.foreign).toEqual([]);
  });
});
