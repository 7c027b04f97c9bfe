import type { Answer } from '#server/contracts/client.ts';
import type { report } from '#server/contracts/report.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { setting, type Setting } from './support/setting.ts';

let here: Setting;
beforeAll(async () => {
  here = await setting(
    (request) => {
      const value = answerValue(request);
      if (value) return value;
      if (request.context.kind === 'validation') return reviewPasses(request);
      if (request.step === 0)
        return { tools: [call('ask_user', { question: 'Which separator?', options: ['comma', 'tab'] })] };
      return finishTask({ ...request, step: request.step - 1 }, { 'src/useful.js': 'export const useful = 1;\n' });
    },
    { SLACK_SIGNING_SECRET: 'signs-buttons-of-slack' },
  );
});
afterAll(() => here.close());

test('[WEB-19] a person answers a question in the inbox, and the run goes on to its pull request', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Asks',
    repository: { path: new TestRepository().path },
  });
  const begin = (title: string) =>
    stack.api.post('/tickets', {
      project_id: project.id,
      title,
      description: `Do it: ${title}.`,
      workflow_mode: 'quick',
      force_create: true,
    });
  await begin('Write a table');
  await begin('Write a list');
  await visitor.go('/runs');
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  await page.waitForURL('**/inbox');
  const row = (title: string) => page.getByRole('listitem', { name: title });
  await row('Write a table').getByText('Which separator?').waitFor({ timeout: 60_000 });
  await row('Write a list').getByText('Which separator?').waitFor({ timeout: 60_000 });
  expect(await visitor.portray('inbox')).toEqual([]);

  await row('Write a list')
    .getByRole('button', { name: /^Later/ })
    .press('Enter');
  await page.getByRole('menuitem', { name: 'For an hour' }).press('Enter');
  await row('Write a list').waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Show 1 item for later' }).click();
  await row('Write a list').getByRole('button', { name: 'Show again' }).click();
  await row('Write a list')
    .getByRole('button', { name: /^Later/ })
    .waitFor();

  await row('Write a table').getByRole('button', { name: 'comma' }).press('Enter');
  await page
    .getByRole('listitem', { name: /Write a table/ })
    .getByText('open for review')
    .waitFor({ timeout: 90_000 });
  await page
    .getByRole('navigation', { name: 'Parts of the inbox' })
    .getByRole('link', { name: /What happened/ })
    .click();
  await page.getByText(/Pull request #1 is open/).waitFor();
  expect(await visitor.portray('inbox-told')).toEqual([]);
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await page.getByRole('button', { name: 'Mark all as read' }).waitFor({ state: 'detached' });
}, 240_000);

test('[WEB-20] the morning report says what happened since a person last read, with the figures of the lists', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  await visitor.go('/inbox');
  await page.getByRole('main').getByRole('link', { name: 'Morning report' }).click();
  await page.getByRole('heading', { name: 'Morning report' }).waitFor();
  const facts = await stack.api.get<Answer<typeof report>>('/report');
  const figure = (name: string) => page.locator('dl > div', { hasText: name }).locator('dd');
  expect(await figure('Waiting for you').textContent()).toBe(String(facts.waiting_on_you.length));
  expect(await figure('Runs').textContent()).toBe(`${facts.runs.completed} of ${facts.runs.started}`);
  await page
    .getByRole('link', { name: /Write a table/ })
    .first()
    .waitFor();
  expect(await visitor.portray('report')).toEqual([]);
  await page.getByRole('button', { name: 'I have read this' }).click();
  await page.getByText('No pull request was opened or merged.').waitFor();
  await page.getByRole('navigation', { name: 'Since when' }).getByRole('link', { name: '24 hours' }).click();
  await page
    .getByRole('link', { name: /Write a table/ })
    .first()
    .waitFor();
  await page.goto('/report?since=yesterday');
  await page.getByText(/since/).first().waitFor();
}, 120_000);

test('[WEB-30] what a person wants to be told is set in a grid, and holds', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  await visitor.go('/settings/notifications');
  expect(await visitor.portray('settings-notifications')).toEqual([]);
  const box = page.getByRole('checkbox', { name: 'A pull request is open: E-mail' });
  expect(await box.isChecked()).toBe(true);
  await box.press('Space');
  const stored = () =>
    stack.api.get<{ grid: { pr_created: { email: boolean } }; digest: string }>('/notifications/settings');
  await stack.api.until<{ grid: { pr_created: { email: boolean } } }>(
    '/notifications/settings',
    ({ grid }) => !grid.pr_created.email,
  );
  await page.getByLabel('Mails and messages').selectOption('daily');
  await stack.api.until<{ digest: string }>('/notifications/settings', ({ digest }) => digest === 'daily');
  await visitor.go('/settings/notifications');
  expect(await box.isChecked()).toBe(false);
  expect(await page.getByLabel('Mails and messages').inputValue()).toBe('daily');
  await page.getByLabel('Address of an incoming webhook').fill('https://example.test/hook');
  await page.getByRole('button', { name: 'Connect' }).press('Enter');
  await page
    .getByRole('alert')
    .getByText(/incoming webhook at hooks\.slack\.com/)
    .waitFor();
  expect(await stored()).toMatchObject({ digest: 'daily' });
  await page.getByRole('button', { name: 'Create a code' }).press('Enter');
  await page.getByText(/^Your code is [0-9a-f]{20}\. It works once/).waitFor();
  expect(await visitor.portray('settings-slack')).toEqual([]);
}, 120_000);
