import type { Page } from 'playwright-core';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { setting, type Setting } from './support/setting.ts';

let here: Setting;
beforeAll(async () => {
  here = await setting(
    (request) => answerValue(request) ?? { tools: [call('bash', { command: `echo ${request.step}` })], delay_ms: 100 },
  );
});
afterAll(() => here.close());

/** The value of a field for a local time that is so many seconds from now, in the browser's time zone. */
const inSeconds = (page: Page, seconds: number) =>
  page.evaluate((ms) => {
    const at = new Date(Date.now() + ms);
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  }, seconds * 1000);

async function openTerms(page: Page, words: string): Promise<void> {
  await here.visitor.go('/command');
  await page.getByLabel('Describe the feature').fill(words);
  await page.getByRole('checkbox', { name: 'Runs through a night without me' }).press('Space');
}

const until = (page: Page) => page.getByLabel('No turn begins after');
const paths = (page: Page) => page.getByLabel('Files that no agent changes');

test('[WEB-03] a quick launch for the night says what is wrong at its fields, stops at its end, and goes on when its run is resumed', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  await stack.api.post('/projects', { name: 'Night', repository: { path: new TestRepository().path } });
  await openTerms(page, 'Halve a number');
  expect(await until(page).inputValue()).toMatch(/^\d{4}-\d\d-\d\dT07:00$/);
  await until(page).fill('2020-01-31T07:00');
  await paths(page).fill('docs/**\n../secrets\n');
  await page.getByLabel(/^Raise the limit/).fill('0.001');
  await page.getByRole('checkbox', { name: 'An agent asks' }).check();
  await page.getByRole('button', { name: 'Launch' }).press('Enter');
  await page.getByText('The time must be in the future.').waitFor();
  await page.getByText('Path 2 must be relative, without ..').waitFor();
  await page.getByText('The amount must be 0, or from 0.01 to 10000 dollars').waitFor();
  expect(await page.getByRole('alert').count()).toBe(3);
  expect(await visitor.portray('night-refused')).toEqual([]);
  expect((await stack.api.get<{ items: object[] }>('/tickets')).items).toEqual([]);

  // What was filled in is kept, also while the part is folded.
  const terms = page.getByRole('checkbox', { name: 'Runs through a night without me' });
  await terms.press('Space');
  await until(page).waitFor({ state: 'hidden' });
  await terms.press('Space');
  expect(await paths(page).inputValue()).toBe('docs/**\n../secrets\n');
  expect(await page.getByLabel('Describe the feature').inputValue()).toBe('Halve a number');
  await paths(page).fill('docs/**');
  await page.getByLabel(/^Raise the limit/).fill('2');
  await until(page).fill(await inSeconds(page, 20));
  await page.getByRole('button', { name: 'Launch' }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  const main = page.getByRole('main');
  await main.getByText(/^Stops at \d\d:\d\d:\d\d, .* left$/).waitFor();
  const run = await stack.api.get<{ ticket_id: string; night: object }>(`/runs/${page.url().split('/').at(-1)}`);
  const kept = { forbidden_paths: ['docs/**'], raise_usd: 2, wake_me: ['question'] };
  expect(run.night).toEqual({ ...kept, stop_at: expect.stringMatching(/Z$/) as string });

  await main.getByText(/^Stopped for the night at/).waitFor();
  await main.getByText(/^Paused: The launch says that no turn begins after .* Resume the run/).waitFor();
  expect(await visitor.portray('night-stopped-run')).toEqual([]);
  const project = (await stack.api.get<{ project_id: string }>(`/tickets/${run.ticket_id}`)).project_id;
  const address = page.url();
  await visitor.go(`/board/${project}/${run.ticket_id}`);
  await main.getByText(/^Stopped for the night at/).waitFor();
  await main.getByText('Raised by $2.00 once a night').waitFor();
  expect(await visitor.portray('night-ticket')).toEqual([]);
  await visitor.go(address);
  await main.getByRole('button', { name: 'Resume' }).press('Enter');
  await main.getByText(/^Stopped for the night at/).waitFor({ state: 'detached' });
  await main.getByRole('button', { name: 'Pause' }).waitFor();
  await stack.api.until(`/runs/${address.split('/').at(-1)}`, ({ status }: { status: string }) => status === 'running');
  expect(await stack.api.get(`/tickets/${run.ticket_id}`)).toMatchObject({ night: kept });
  await stack.api.post(`/tickets/${run.ticket_id}/cancel`);
}, 180_000);

test('[WEB-03] [WEB-08] a planned launch for the night shows its terms on the page of its spec, which is resumed there', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  await openTerms(page, 'Double a number');
  await page.getByRole('combobox', { name: 'Mode', exact: true }).selectOption('spec_driven');
  await paths(page).fill('docs/**\n*.lock');
  await until(page).fill(await inSeconds(page, 20));
  await page.getByRole('button', { name: 'Launch' }).click();
  await page.waitForURL(/\/specs\/[0-9a-f-]{36}$/);
  const id = page.url().split('/').at(-1) ?? '';
  const main = page.getByRole('main');
  await main.getByText(/^Stops at \d\d:\d\d:\d\d, .* left$/).waitFor();
  await main.getByText('*.lock').waitFor();
  await main.getByText(/^Stopped for the night at/).waitFor();
  expect(await visitor.portray('night-stopped-spec')).toEqual([]);

  const [run] = await stack.api.all<{ id: string }>(`/runs?spec_id=${id}`);
  await visitor.go(`/runs/${run?.id}`);
  await main.getByText(/^Paused: The spec is paused\./).waitFor();
  expect(await main.getByRole('button', { name: 'Resume' }).getAttribute('aria-disabled')).toBe('true');
  await main.getByRole('link', { name: 'Open the spec to resume it' }).press('Enter');
  await page.waitForURL(`**/specs/${id}`);
  await main.getByRole('button', { name: 'Resume' }).press('Enter');
  await main.getByText(/^Stopped for the night at/).waitFor({ state: 'detached' });
  await stack.api.until(`/specs/${id}`, ({ status }: { status: string }) => status === 'executing');
  expect(await stack.api.get(`/specs/${id}`)).toMatchObject({ night: { forbidden_paths: ['docs/**', '*.lock'] } });
  await stack.api.post(`/specs/${id}/cancel`);
}, 180_000);
