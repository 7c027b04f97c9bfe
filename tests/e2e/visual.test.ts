import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { sampleDir, sampleFeature } from '#activities/adapters/model/rehearsal/index.ts';
import { TestStack } from '#tests/support/stack.ts';
import type { Browser } from 'playwright-core';
import { Visitor } from './support/browser.ts';
import { openBrowser } from './support/chromium.ts';

/** The rehearsal's repository, fresh. */
function sampleRepository(): string {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'omoios-sample-')), 'lending-shed');
  cpSync(sampleDir, folder, { recursive: true });
  const git = (...args: string[]) =>
    execFileSync('git', [
      '-C',
      folder,
      '-c',
      'user.name=Tester',
      '-c',
      'user.email=tester@example.test',
      '-c',
      'commit.gpgsign=false',
      ...args,
    ]);
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'A small service to play with');
  return folder;
}

/** Every page while work goes on: pictures in both themes and widths, no fault that axe can see, nothing too wide. */
describe('every page', () => {
  let stack: TestStack;
  let browser: Browser;
  let visitor: Visitor;
  let spec: { id: string; project_id: string };
  beforeAll(async () => {
    stack = await TestStack.start({
      OMOIOS_SERVER_WEB: 'build',
      MODEL_PROVIDER: 'rehearsal',
      OMOIOS_MODEL_REHEARSAL_PACE: '1',
      OMOIOS_MONITORING_GUARDIAN_INTERVAL: '2',
      OMOIOS_MONITORING_MINIMUM_AGE: '1',
      OMOIOS_MONITORING_ANALYSIS_CACHE: '1',
      OMOIOS_MONITORING_CONDUCTOR_INTERVAL: '10',
    });
    browser = await openBrowser();
    visitor = await Visitor.open(browser, stack);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('before there is anything: sign-in, empty lists, what does not exist', async () => {
    await visitor.page.goto('/sign-in');
    const found = await visitor.portray('sign-in');
    await visitor.signInByLink(stack);
    for (const [name, to] of [
      ['command-empty', '/command'],
      ['projects-empty', '/projects'],
      ['board-empty', '/board/all'],
      ['runs-empty', '/runs'],
      ['pull-requests-empty', '/pull-requests'],
    ] as const) {
      await visitor.go(to);
      found.push(...(await visitor.portray(name)));
    }
    await visitor.page.goto('/nowhere');
    // The page of all parts exists only in development.
    expect((await visitor.page.request.get('/design')).status()).toBe(404);
    found.push(...(await visitor.portray('not-found')));
    expect(found).toEqual([]);
  }, 120_000);

  test('outside of any organization: a refused link, [WEB-02] the first steps; what is not there; the form of a project', async () => {
    const stranger = await Visitor.open(browser, stack);
    const { page } = stranger;
    await page.goto('/sign-in?token=unknown');
    await page.getByRole('alert').waitFor();
    const found = await stranger.portray('sign-in-refused');
    await stack.api
      .as(undefined)
      .post('/auth/register', { email: 'ada@example.test', password: 'Correct-horse-7', full_name: 'Ada' });
    await page.goto('/');
    await page.getByLabel('E-mail').fill('ada@example.test');
    await page.getByLabel('Password').fill('Correct-horse-7');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/onboarding');
    found.push(...(await stranger.portray('onboarding-welcome')));
    await page.getByLabel('Name').fill('Local');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Choose another name').waitFor();
    found.push(...(await stranger.portray('onboarding-refused')));
    await page.getByLabel('Name').fill('Ada & Co');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/onboarding?step=repo');
    found.push(...(await stranger.portray('onboarding-repository')));
    await page.getByLabel('Repository').fill('/nowhere/at/all');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Repository').fill(sampleRepository());
    await page.keyboard.press('Enter');
    await page.waitForURL('**/onboarding?step=first-spec');
    await page.getByRole('list', { name: 'Ideas' }).getByRole('button').first().click();
    found.push(...(await stranger.portray('onboarding-feature')));
    await page.getByRole('button', { name: 'Launch' }).click();
    await page.getByRole('alert').getByText('scripted').waitFor();
    await page.getByLabel('Describe a feature').fill(sampleFeature.description);
    await page.getByRole('button', { name: 'Launch' }).click();
    await page.waitForURL('**/onboarding?step=plan');
    found.push(...(await stranger.portray('onboarding-plan')));
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL('**/onboarding?step=complete');
    // On another device it goes on where it stopped.
    await page.goto('/onboarding');
    const watch = page.getByRole('link', { name: 'Watch it' });
    found.push(...(await stranger.portray('onboarding-done')));
    const launched = (await watch.getAttribute('href'))?.split('/').at(-1);
    const cancelled = await page.request.post(`/api/v1/specs/${launched}/cancel`, {
      headers: { origin: stranger.origin },
    });
    expect(cancelled.ok()).toBe(true);
    await stranger.go('/command');
    await page.getByRole('button', { name: 'Review a pull request' }).click();
    await page.waitForURL('**/pull-requests');
    await stranger.go('/command');
    await page.getByText('Review a pull request, done').waitFor();
    found.push(...(await stranger.portray('command-checklist')));
    await page.getByRole('button', { name: 'Hide' }).click();
    await page.getByText('Next steps').waitFor({ state: 'detached' });
    await stranger.page.goto('/projects/00000000-0000-4000-8000-000000000000');
    await page.getByText('Not found').waitFor();
    found.push(...(await stranger.portray('not-found-project')));
    await stranger.go('/projects');
    await page.getByRole('button', { name: 'New project' }).first().click();
    await page.getByRole('dialog').waitFor();
    found.push(...(await stranger.portray('new-project')));
    expect(found).toEqual([]);
    expect(stranger.foreign).toEqual([]);
    await stranger.context.close();
  }, 180_000);

  test('planning: a phase under way, a gate', async () => {
    const project = await stack.api.post<{ id: string }>('/projects', {
      name: 'lending-shed',
      repository: { path: sampleRepository() },
    });
    const { spec_id } = await stack.api.post<{ spec_id: string }>('/specs/launch', {
      project_id: project.id,
      title: sampleFeature.title,
      description: sampleFeature.description,
      gate_policy: { mode: 'ask', phases: ['requirements'] },
    });
    spec = { id: spec_id, project_id: project.id };
    const page = `/projects/${project.id}/specs/${spec_id}`;
    await visitor.go(page);
    await visitor.page.getByText('running').first().waitFor();
    const found = await visitor.portray('spec-planning');
    await visitor.page
      .getByRole('heading', { name: 'Requirements waits for your decision' })
      .waitFor({ timeout: 90_000 });
    await visitor.page.getByRole('button', { name: 'Request changes' }).click();
    found.push(...(await visitor.portray('spec-gate')));
    await visitor.go('/command');
    found.push(...(await visitor.portray('command')));
    await visitor.go(page);
    await visitor.page.getByRole('button', { name: 'Approve' }).click();
    expect(found).toEqual([]);
  }, 180_000);

  test('working: board, runs, a run that streams and is steered, the palette', async () => {
    const {
      items: [run],
    } = await stack.api.until<{ items: { id: string; turn: number }[] }>(
      '/runs?kind=task&status=running',
      ({ items }) => items.length > 0,
      120_000,
    );
    await visitor.go(`/runs/${run?.id}`);
    await visitor.page.getByRole('article', { name: 'Turn 2', exact: true }).waitFor({ timeout: 60_000 });
    await visitor.page.getByLabel('Steer the agent').fill('Mind the ends of months.');
    const found = await visitor.portray('run');
    for (const [name, to] of [
      ['board', `/board/${spec.project_id}`],
      ['board-tickets', `/board/${spec.project_id}?of=tickets`],
      ['runs', '/runs'],
      ['project', `/projects/${spec.project_id}`],
      ['costs', '/costs?by=phase'],
      ['costs-forecast', '/costs?tab=forecast'],
      ['spec-execution', `/projects/${spec.project_id}/specs/${spec.id}?tab=execution`],
    ] as const) {
      await visitor.go(to);
      found.push(...(await visitor.portray(name)));
    }
    await visitor.page.keyboard.press('Control+k');
    await visitor.page.getByRole('combobox', { name: 'Search' }).fill('re');
    await visitor.page.getByRole('option').first().waitFor();
    found.push(...(await visitor.portray('palette')));
    await visitor.page.keyboard.press('Escape');
    expect(found).toEqual([]);
  }, 240_000);

  test('done: every part of the spec, finished runs, the pull request', async () => {
    await stack.api.until<{ status: string }>(`/specs/${spec.id}`, ({ status }) => status === 'pr_created', 400_000);
    const found: string[] = [];
    const page = `/projects/${spec.project_id}/specs/${spec.id}`;
    for (const tab of ['overview', 'requirements', 'design', 'tasks', 'attempts']) {
      await visitor.go(`${page}?tab=${tab}`);
      found.push(...(await visitor.portray(`spec-${tab}`)));
    }
    await visitor.go(`${page}?tab=tasks&view=graph`);
    await visitor.page.getByRole('figure', { name: 'Tasks of the spec' }).waitFor();
    found.push(...(await visitor.portray('spec-tasks-graph')));
    const runs = await stack.api.all<{ id: string; title: string; kind: string }>('/runs');
    const of = (kind: string) => runs.find((run) => run.kind === kind)?.id;
    for (const kind of ['phase', 'validation']) {
      await visitor.go(`/runs/${of(kind)}`);
      found.push(...(await visitor.portray(`run-${kind}`)));
    }
    await visitor.page
      .getByRole('button', { name: /^Fork after turn/ })
      .first()
      .click();
    await visitor.page.getByRole('dialog').waitFor();
    found.push(...(await visitor.portray('run-fork')));
    await visitor.page.keyboard.press('Escape');
    for (const [name, to] of [
      ['runs-of-a-state', '/runs?status=failed'],
      ['command-done', '/command'],
      ['projects', '/projects'],
      ['board-done', `/board/${spec.project_id}`],
    ] as const) {
      await visitor.go(to);
      found.push(...(await visitor.portray(name)));
    }
    const steered = runs.find((run) => run.kind === 'task' && run.title.startsWith('Refuse renewals'));
    for (const tab of ['stream', 'changes', 'details']) {
      await visitor.go(`/runs/${steered?.id}?tab=${tab}`);
      if (tab === 'stream') await visitor.page.getByText('Guardian intervened').first().scrollIntoViewIfNeeded();
      found.push(...(await visitor.portray(`run-${tab}`)));
    }
    const [pull] = await stack.api.all<{ id: string }>('/pull-requests');
    for (const tab of ['conversation', 'files', 'commits']) {
      await visitor.go(`/pull-requests/${pull?.id}?tab=${tab}`);
      found.push(...(await visitor.portray(`pull-request-${tab}`)));
    }
    await visitor.page
      .getByRole('link', { name: /^[0-9a-f]{8}$/ })
      .first()
      .click();
    await visitor.page.waitForURL('**/commits/**');
    found.push(...(await visitor.portray('commit')));
    await visitor.go(`/pull-requests/${pull?.id}`);
    await visitor.page.getByRole('button', { name: 'Merge' }).click();
    await visitor.page.getByRole('dialog').waitFor();
    found.push(...(await visitor.portray('pull-request-merge')));
    await visitor.page.keyboard.press('Escape');
    const [ticket] = await stack.api.all<{ id: string }>('/tickets');
    await visitor.go(`/board/${spec.project_id}?of=tickets&open=${ticket?.id}`);
    found.push(...(await visitor.portray('ticket')));
    await visitor.go(`/graph/${spec.project_id}`);
    found.push(...(await visitor.portray('project-graph')));
    await visitor.go('/pull-requests');
    found.push(...(await visitor.portray('pull-requests')));
    expect(found).toEqual([]);
    expect(visitor.complaints.filter((text) => !text.includes('404'))).toEqual([]);
    expect(visitor.foreign).toEqual([]);
  }, 900_000);

  test('[WEB-27] [ORG-05] a person invites another by mail, who registers, and loses the rights that are taken away', async () => {
    const { page } = visitor;
    // On a machine without a mail server, an administrator of the installation reads the mails.
    execFileSync(process.execPath, ['scripts/cli/omoios.js', 'admin', 'create', 'owner@omoios.local'], {
      env: stack.address.env,
    });
    await visitor.go('/command');
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('link', { name: 'Members of Local' }).click();
    await page.getByRole('heading', { level: 1, name: 'Members' }).waitFor();
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('alertdialog').getByRole('alert').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByLabel('E-mail').fill('bea@example.test');
    await page.keyboard.press('Enter');
    const invitations = page.getByRole('table', { name: 'Invitations' });
    await invitations.getByText('bea@example.test').waitFor();
    const found = await visitor.portray('members');

    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('link', { name: 'Mailbox' }).click();
    await page.waitForURL('**/mailbox');
    const mail = await page.getByText('/invitation?token=').first().innerText();
    found.push(...(await visitor.portray('mailbox')));
    const bea = await Visitor.open(browser, stack);
    await bea.page.goto('/register');
    found.push(...(await bea.portray('register')));
    await bea.page.goto('/forgot-password');
    found.push(...(await bea.portray('forgot-password')));
    await bea.page.goto(`/invitation?token=${/token=(\S+)/.exec(mail)?.[1]}`);
    found.push(...(await bea.portray('invitation')));
    await bea.page.getByLabel('Name').fill('Bea');
    await bea.page.getByLabel('Password').fill('Correct-horse-7');
    await bea.page.keyboard.press('Enter');
    await bea.page.waitForURL('**/command');
    await bea.live();

    const [organization] = await stack.api.all<{ id: string }>('/organizations');
    await visitor.go(`/organizations/${organization?.id}/members`);
    await page.getByLabel('Role of Bea').selectOption({ label: 'Viewer' });
    // Her open page follows by itself.
    await bea.page
      .getByRole('button', { name: /Your role \(viewer\)/ })
      .first()
      .waitFor();
    await page.getByRole('row', { name: /Bea/ }).getByRole('button', { name: 'Remove' }).click();
    found.push(...(await visitor.audit()));
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('bea@example.test').waitFor({ state: 'detached' });
    await bea.page.goto('/projects');
    await bea.page.waitForURL('**/onboarding');
    expect(found).toEqual([]);
    await bea.context.close();
  }, 180_000);
});
