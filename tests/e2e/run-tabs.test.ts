import { TestRepository } from '#tests/support/repository.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { setting, type Setting } from './support/setting.ts';

/** A dev server whose page says where it is, sets a cookie, and tries to read the page around it. */
const server = `
import http from 'node:http';
http.createServer((req, res) => {
  res.setHeader('set-cookie', 'theme=dark; Path=/');
  res.setHeader('content-type', 'text/html');
  res.end('<h1>The shop</h1><p id="around">reached</p><script>try { parent.document.title; } catch { document.getElementById("around").textContent = "kept apart"; }</script>');
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

let here: Setting;
beforeAll(async () => {
  here = await setting(
    (request) =>
      answerValue(request) ??
      (request.step === 0
        ? { tools: [call('bash', { command: "printf '\\033[32mgreen words\\033[0m\\n'; exit 3" })] }
        : { hang: true }),
    { OMOIOS_PREVIEW_WAIT_SECONDS: '1', OMOIOS_PREVIEW_PORT: '4311' },
  );
});
afterAll(() => here.close());

test('[WEB-12] a run shows its commands as a terminal, its times, and the app of its sandbox, which reaches nothing of the page', async () => {
  const { visitor, stack } = here;
  const { page } = visitor;
  const repository = new TestRepository({
    'package.json': '{"name":"shop","type":"module","scripts":{"dev":"node server.js"}}\n',
    'server.js': server,
  });
  const project = await stack.api.post<{ id: string }>('/projects', {
    name: 'Shop',
    repository: { path: repository.path },
  });
  const { task_id } = await stack.api.post<{ task_id: string }>('/tickets', {
    project_id: project.id,
    title: 'Sort the goods',
    description: 'Sort them by price.',
    workflow_mode: 'quick',
  });
  const task = await stack.api.until<{ run_id: string | null; status: string }>(
    `/tasks/${task_id}`,
    ({ status }) => status === 'running',
    90_000,
  );
  await stack.api.until<{ turn: number }>(`/runs/${task.run_id}`, ({ turn }) => turn >= 1, 60_000);
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${message.text()} ${message.location().url}`);
  });

  await visitor.go(`/runs/${task.run_id}?tab=terminal`);
  const terminal = page.getByRole('region', { name: 'Terminal' });
  await terminal.getByText('green words').first().waitFor();
  await terminal.getByText('exit 3').first().waitFor();
  expect(await visitor.portray('run-terminal')).toEqual([]);
  // The page's policy let the terminal have its own styles, and nothing was refused.
  expect(problems).toEqual([]);

  const tabs = page.getByRole('navigation', { name: 'Parts of the run' });
  await tabs.getByRole('link', { name: 'Timeline' }).click();
  await page.getByRole('link', { name: /^bash: bash printf.*failed/ }).waitFor();
  expect(await visitor.portray('run-timeline')).toEqual([]);
  await page.getByRole('link', { name: /^Turn 1: / }).press('Enter');
  await page.waitForURL(/#turn-1$/);
  await page.getByRole('article', { name: 'Turn 1' }).waitFor();

  await tabs.getByRole('link', { name: 'Preview' }).click();
  await page.getByRole('button', { name: 'Start the preview' }).press('Enter');
  const app = page.frameLocator('iframe[title="Preview of the app"]');
  await app.getByRole('heading', { name: 'The shop' }).waitFor({ timeout: 60_000 });
  await app.getByText('kept apart').waitFor();
  // The browser keeps the app's cookies out of a frame of another site; none is ever the page's.
  const names = (await visitor.context.cookies()).filter(({ domain }) => !domain.endsWith('.preview.localhost'));
  expect(names.map(({ name }) => name)).not.toContain('theme');
  expect(await visitor.portray('run-preview')).toEqual([]);
  await page.getByRole('button', { name: 'Reload' }).press('Enter');
  await app.getByRole('heading', { name: 'The shop' }).waitFor();
  await page.getByRole('button', { name: 'Stop', exact: true }).last().press('Enter');
  await page.getByText('The preview was stopped').waitFor();
  await page.getByRole('button', { name: 'Start again' }).waitFor();
}, 240_000);
