import { cancelSurvey, getEnvironment, surveyProject, type environmentSchema } from '#server/contracts/environment.ts';
import type { z } from 'zod';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { eventually } from '#tests/support/api.ts';
import { api, newProject, playOnShared, temporalClient } from '#tests/support/shared.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import type { Progress } from '#workflows/contracts/progress.ts';

type Environment = z.output<typeof environmentSchema>;

const nodeTest = (name: string, body: string) =>
  `import assert from 'node:assert/strict';\nimport test from 'node:test';\n\ntest('${name}', async () => {\n  ${body}\n});\n`;

/** A project whose checks show everything that a survey looks for. */
const files = {
  'package.json': '{"name":"odd","version":"1.0.0","type":"module","scripts":{"test":"node --test"}}\n',
  'test/good.test.js': nodeTest('works', 'assert.equal(1 + 1, 2);'),
  'test/other.test.js': nodeTest('stays', 'assert.equal(2 + 2, 4);'),
  'test/red.test.js': nodeTest('was red before', 'assert.equal(1 + 1, 3);'),
  'test/flaky.test.js': nodeTest(
    'differs',
    "const fs = await import('node:fs'); const seen = fs.existsSync('/tmp/seen'); fs.writeFileSync('/tmp/seen', ''); assert.ok(seen);",
  ),
};

async function surveyed(projectId: string): Promise<Environment> {
  const before = await api().call(getEnvironment, { params: { id: projectId } });
  await api().call(surveyProject, { params: { id: projectId } });
  return api().until<Environment>(
    `/projects/${projectId}/environment`,
    (now) => now.state !== 'surveying' && now.started_at !== before.started_at,
  );
}

describe('a survey', () => {
  test('finds the checks of a repository and what they say at its base', async () => {
    const project = await newProject(api(), files);
    expect(await api().call(getEnvironment, { params: { id: project.id } })).toMatchObject({
      state: 'none',
      roots: [],
    });
    const environment = await surveyed(project.id);
    expect(environment).toMatchObject({
      state: expect.stringMatching(/ready|partly/) as string,
      base_sha: project.repository.git('rev-parse', 'main'),
      roots: [{ path: '', kind: 'npm' }],
    });
    const [check] = environment.roots[0]?.checks ?? [];
    expect(check).toMatchObject({
      command: 'npm test',
      source: { file: 'package.json', line: 1 },
      state: 'failed',
      passed: false,
      tests: 4,
      failing_tests: [expect.stringContaining('was red before')],
      flaky_tests: [expect.stringContaining('differs')],
    });
  });

  test('a test that was red before does not stop a task, and the pull request lists it', async () => {
    const played = await playOnShared(
      (request) =>
        answerValue(request) ??
        (request.context.kind === 'validation'
          ? reviewPasses(request)
          : finishTask(
              request,
              { 'src/double.js': 'export const double = (n) => 2 * n;\n' },
              'node --test test/good.test.js',
            )),
    );
    const project = await newProject(api(), files);
    await surveyed(project.id);
    await api().post('/tickets', {
      project_id: project.id,
      title: `Add a function that doubles ${played.word}`,
      description: 'double(n) in src/double.js',
      workflow_mode: 'quick',
    });
    const { items } = await api().until<{ items: { body: string }[] }>(
      `/pull-requests?project_id=${project.id}`,
      (page) => page.items.length > 0,
    );
    expect(items[0]?.body).toContain('was red before');
    const review = played.model.requests.find(({ context }) => context.kind === 'validation');
    expect(review?.raw).toMatch(/failed before or as flaky are not a finding.*1 test failed before and still fails/);
    await played.stop();
  });

  test('a task that breaks another test is sent back with its name', async () => {
    const played = await playOnShared((request) => {
      const value = answerValue(request);
      if (value) return value;
      if (request.context.kind === 'validation') return reviewPasses(request);
      const fixed = request.text.includes('new failure');
      const body = fixed ? 'assert.equal(1 + 1, 2, "sums");' : 'assert.equal(1 + 1, 4);';
      return finishTask(request, { 'test/good.test.js': nodeTest('works', body) }, 'node --test test/other.test.js');
    });
    const project = await newProject(api(), files);
    await surveyed(project.id);
    const ticket = await api().post<{ task_id: string }>('/tickets', {
      project_id: project.id,
      title: `Break a test ${played.word}`,
      description: 'Change test/good.test.js',
      workflow_mode: 'quick',
    });
    await api().until<{ status: string }>(`/tasks/${ticket.task_id}`, (task) => task.status === 'completed');
    const asked = played.model.requests.map((request) => request.text).join('\n');
    expect(asked).toContain('works');
    expect(asked).toMatch(/new failure/);
    await played.stop();
  });

  test('can be cancelled, and begins again', async () => {
    const project = await newProject(api(), {
      'package.json': '{"name":"slow","version":"1.0.0","scripts":{"test":"sleep 300"}}\n',
    });
    await api().call(surveyProject, { params: { id: project.id } });
    await api().until<Environment>(`/projects/${project.id}/environment`, ({ step }) => step.includes('npm test'));
    await api().call(cancelSurvey, { params: { id: project.id } });
    expect(
      await api().until<Environment>(`/projects/${project.id}/environment`, ({ state }) => state !== 'surveying'),
    ).toMatchObject({ state: 'failed', error: expect.stringContaining('Cancelled') as string });
    await api().call(surveyProject, { params: { id: project.id } });
    await api().until<Environment>(`/projects/${project.id}/environment`, ({ step }) => step.includes('npm test'));
    await api().call(cancelSurvey, { params: { id: project.id } });
  });

  test('a task waits for a running survey, holds no slot meanwhile, and starts when it ends', async () => {
    const played = await playOnShared(
      (request) =>
        answerValue(request) ??
        (request.context.kind === 'validation' ? reviewPasses(request) : finishTask(request, { 'a.txt': 'a\n' })),
    );
    const project = await newProject(api(), {
      'package.json': '{"name":"slow","version":"1.0.0","scripts":{"test":"sleep 300"}}\n',
    });
    await api().call(surveyProject, { params: { id: project.id } });
    await api().until<Environment>(`/projects/${project.id}/environment`, ({ step }) => step.includes('npm test'));
    const ticket = await api().post<{ id: string; task_id: string }>('/tickets', {
      project_id: project.id,
      title: `Wait for the survey ${played.word}`,
      description: 'Write a.txt',
      workflow_mode: 'quick',
    });
    const { client, close } = await temporalClient();
    const task = client.workflow.getHandle(workflowId.task(ticket.task_id));
    await eventually('the task waits', async () => {
      const now = await task.query<Progress>('progress').catch(() => undefined);
      return now?.waiting_for === 'sandbox' && now.step === 'survey';
    });
    expect(await api().get(`/projects/${project.id}/queue`)).toMatchObject({ active: [], waiting: [] });
    await api().call(cancelSurvey, { params: { id: project.id } });
    await api().until<{ status: string }>(`/tasks/${ticket.task_id}`, ({ status }) => status !== 'pending');
    await close();
    await api().post(`/tickets/${ticket.id}/cancel`);
    await played.stop();
  });

  test('where set-up fails, a task asks a person before it spends money, and a retry works without', async () => {
    const played = await playOnShared(
      (request) =>
        answerValue(request) ??
        (request.context.kind === 'validation'
          ? reviewPasses(request)
          : finishTask(request, { 'a.txt': 'a\n' }, 'cat README.md')),
    );
    const project = await newProject(
      api(),
      { 'README.md': '# Broken\n' },
      { setup: ['no-such-tool install'], checks: ['true'] },
    );
    expect(await surveyed(project.id)).toMatchObject({
      state: 'failed',
      error: null,
      roots: [{ missing: [{ what: 'no-such-tool', remedy: expect.stringContaining('Install') as string }] }],
    });
    const ticket = await api().post<{ id: string; task_id: string }>('/tickets', {
      project_id: project.id,
      title: `Work without set-up ${played.word}`,
      description: 'Write a.txt',
      workflow_mode: 'quick',
    });
    const task = await api().until<{ status: string; error_message: string }>(
      `/tasks/${ticket.task_id}`,
      ({ status }) => status === 'failed',
    );
    expect(task.error_message).toMatch(/cannot be set up.*no-such-tool.*survey the project again/);
    expect(played.model.requests.filter(({ context }) => context.kind === 'task')).toEqual([]);
    await api().post(`/tasks/${ticket.task_id}/retry`);
    await api().until<{ items: unknown[] }>(`/pull-requests?project_id=${project.id}`, ({ items }) => items.length > 0);
    await played.stop();
  });

  test('a ticket of 8 tasks installs dependencies once, in its survey: agents and checks take what that left', async () => {
    const command = 'cat node_modules/installed';
    const played = await playOnShared(
      (request) =>
        answerValue(request) ?? finishTask(request, { [`${request.context.task_id}.txt`]: 'done\n' }, command),
    );
    // Each installation has another name. It is that of the check's only test, which no check of a task may lack.
    const install =
      'mkdir node_modules && echo "ok 1 - installation $(od -An -N6 -tx1 /dev/urandom | tr -d " ")" >node_modules/installed';
    const project = await newProject(
      api(),
      { 'install.sh': `${install}\n`, '.gitignore': 'node_modules/\n' },
      { setup: ['sh install.sh'], checks: [command], validation: 'none' },
    );
    const [check] = (await surveyed(project.id)).roots[0]?.checks ?? [];
    expect(check).toMatchObject({ state: 'passed', tests: 1 });
    const ticket = await api().post<{ id: string }>('/tickets', {
      project_id: project.id,
      title: `Eight files of ${played.word}`,
      description: 'Write a file for each task.',
      workflow_mode: 'spec_driven',
    });
    for (let task = 1; task <= 8; task += 1)
      await api().post('/tasks', {
        ticket_id: ticket.id,
        title: `Write file ${task} of ${played.word}`,
        description: `Write a file for the task of ${played.word}.`,
      });
    const { items } = await api().until<{ items: { status: string; attempt: number }[] }>(
      `/tasks?ticket_id=${ticket.id}`,
      (page) => page.items.length === 8 && page.items.every(({ status }) => ['completed', 'failed'].includes(status)),
    );
    expect(items.map(({ status, attempt }) => [status, attempt])).toEqual(items.map(() => ['completed', 1]));
    const seen = played.model.requests.flatMap(({ raw }) => raw.match(/installation [0-9a-f]{12}/g) ?? []);
    expect([...new Set(seen)]).toEqual(check?.log.match(/installation [0-9a-f]{12}/g));
    await played.stop();
  });
});
