import { eventually } from '#tests/support/api.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { call, finishTask } from '#tests/support/scripts.ts';
import { works } from '#tests/support/work.ts';
import { setting, type Setting } from './support/setting.ts';

const count = 30;
const work = {
  ...Object.fromEntries(
    Array.from({ length: count - 3 }, (_, n) => [
      `src/part-${String(n + 1).padStart(2, '0')}.js`,
      `export const part = ${n};\n`,
    ]),
  ),
  'src/auth/session.js': 'export const minutes = 30;\n',
  'package-lock.json': '{}\n',
  'README.md': '# Parts\n',
};
const others = works({ Parts: work });

let here: Setting;
beforeAll(async () => {
  here = await setting((request) =>
    request.context.kind === 'task' && request.context.title?.includes('Review changes')
      ? request.step === 0
        ? { tools: [call('bash', { command: "sed -i 's/30/20/' src/auth/session.js" })] }
        : finishTask(request, {})
      : others(request),
  );
});
afterAll(() => here.close());

test('[WEB-10] a pull request of 30 files is read by keys alone, a comment becomes its fix, and it is approved and merged', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const repository = new TestRepository();
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Parts',
    repository: { path: repository.path },
  });
  await stack.api.post('/tickets', {
    project_id: project.id,
    title: 'Parts of a thing',
    description: 'Write the parts.',
    workflow_mode: 'quick',
  });
  const { items } = await stack.api.until<{ items: { id: string; head_sha: string; state: string }[] }>(
    `/pull-requests?project_id=${project.id}`,
    (list) => list.items[0]?.state === 'open',
    90_000,
  );
  const [pull] = items as [(typeof items)[number]];
  const at = `/pull-requests/${pull.id}`;
  await visitor.go(`${at}?tab=files`);
  const list = page.getByRole('navigation', { name: 'Changed files' });
  const keys = async (...pressed: string[]) => {
    for (const key of pressed) await page.keyboard.press(key);
  };
  const current = () => list.locator('[aria-current=true]').getAttribute('href');
  expect(await visitor.portray('review')).toEqual([]);

  let stored = 0;
  page.on('response', (answer) => (stored += Number(answer.ok() && answer.url().includes('viewed'))));
  // All 30 by keys: the next file, then viewed.
  for (let n = 0; n < count; n += 1) await keys('j', 'v');
  await list.getByText(`${count} of ${count} viewed`).waitFor();
  // The page says it before each is stored, and a page that is left takes what it has not sent with it.
  await eventually('all are stored', () => stored >= count);
  await visitor.go(`${at}?tab=files`);
  await list.getByText(`${count} of ${count} viewed`).waitFor();

  // The riskiest file first, with where its lines come from.
  await page.getByRole('button', { name: 'By risk' }).press('Enter');
  await keys('b', 'j');
  expect(await current()).toContain('src/auth/session.js');
  await keys('v');
  const risky = page.getByRole('region', { name: 'src/auth/session.js' });
  await risky.getByText('is about access, secrets or money').waitFor({ state: 'attached' });
  await risky.getByRole('link', { name: 'turn 1' }).waitFor();
  expect(await visitor.portray('review-risk')).toEqual([]);

  await page.getByRole('button', { name: 'Comment on line 1 of src/auth/session.js' }).press('Enter');
  await page.keyboard.type('Twenty minutes are enough.');
  await page.getByRole('button', { name: 'Add to the review' }).press('Enter');
  await page.getByRole('button', { name: /^Request changes/ }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Request changes' }).press('Enter');
  await page.waitForURL(/\/board\/.*open=/);
  await page.getByRole('dialog').getByText('Review changes of #1').first().waitFor();
  await stack.api.until<{ head_sha: string }>(at, ({ head_sha }) => head_sha !== pull.head_sha, 90_000);

  // Only what is new: one file, which nobody has read as it is now.
  await visitor.go(`${at}?tab=files`);
  await list.getByText(`29 of ${count} viewed`).waitFor();
  await page.getByRole('link', { name: 'Since my review' }).press('Enter');
  await list.getByText('0 of 1 viewed').waitFor();
  await risky.getByText('export const minutes = 20;').waitFor();
  await keys('w');
  await page.waitForURL(/whitespace=ignore/);
  await page.getByRole('button', { name: 'Approve' }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).press('Enter');
  await page.getByText('owner@omoios.local approves').waitFor();
  await page.getByRole('button', { name: 'Merge' }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Merge' }).press('Enter');
  await page.getByText(/Merged by owner@omoios.local/).waitFor();
  expect(repository.git('show', 'main:src/auth/session.js')).toBe('export const minutes = 20;');
}, 240_000);
