import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import { eventually } from '#tests/support/api.ts';
import { PlayedModel } from '#tests/support/played-model.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { TestStack, freePorts } from '#tests/support/stack.ts';

const folder = path.join(rootDir, 'docs/observability');

interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[];
}
const dashboard = JSON.parse(readFileSync(path.join(folder, 'dashboard.json'), 'utf8')) as Dashboard;
const queries = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));
/** What only shows something once something has gone wrong, or a watcher has looked. */
const isQuiet = (expr: string) => /outcome="failed"|retries_total|omoios_loop_age/.test(expr);

let model: PlayedModel;
let stack: TestStack;
let prometheus: ChildProcess;
let url: string;
let data: string;

beforeAll(async () => {
  const [metricsPort, port] = (await freePorts(2)) as [number, number];
  model = await new PlayedModel(
    (request) =>
      answerValue(request) ??
      (request.context.kind === 'validation'
        ? reviewPasses(request)
        : finishTask(request, { 'greet.js': 'export {};\n' })),
  ).start();
  stack = await TestStack.start({
    MODEL_PROVIDER: 'anthropic',
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'test-key-of-nobody',
    METRICS_PORT: String(metricsPort),
  });
  data = mkdtempSync(path.join(tmpdir(), 'omoios-prometheus-'));
  writeFileSync(
    path.join(data, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [{ job_name: 'omoios', static_configs: [{ targets: [`127.0.0.1:${metricsPort}`] }] }],
    }),
  );
  url = `http://127.0.0.1:${port}`;
  prometheus = spawn(
    'prometheus',
    [
      `--config.file=${path.join(data, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(data, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
}, 300_000);
afterAll(async () => {
  prometheus.kill();
  await stack.stop();
  await model.stop();
  rmSync(data, { recursive: true, force: true });
});

async function ask(expr: string): Promise<{ status: string; data: { result: unknown[] } }> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`);
  return (await answer.json()) as never;
}

test('[OBS-03] the rules for alerts are valid, and say what their examples expect', () => {
  const promtool = (...args: string[]) => execFileSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  expect(promtool('check', 'rules', 'alerts.yml')).toContain('SUCCESS');
  expect(promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
});

test('[OBS-03] each query of the dashboard gives data at a Prometheus that reads the metrics of a worked ticket', async () => {
  const { id } = await stack.api.post<{ id: string }>('/projects', {
    name: 'Greetings',
    repository: { path: new TestRepository().path },
  });
  // Two, so that counters that begin with the first are seen to grow.
  for (const name of ['one', 'two']) {
    const ticket = await stack.api.post<{ id: string }>('/tickets', {
      project_id: id,
      title: `Greet ${name}`,
      description: 'A module greet.js',
      workflow_mode: 'quick',
      force_create: true,
    });
    await stack.api.until<{ items: unknown[] }>(
      `/pull-requests?ticket_id=${ticket.id}`,
      (page) => page.items.length > 0,
      120_000,
    );
  }
  for (const { title, expr } of queries) {
    const answered = await ask(expr);
    expect([title, expr, answered.status]).toEqual([title, expr, 'success']);
    if (isQuiet(expr)) continue;
    await eventually(`${title} has data`, async () => (await ask(expr)).data.result.length > 0, 30_000);
  }
}, 300_000);
