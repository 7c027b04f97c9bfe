import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import type { environmentSchema } from '#server/contracts/environment.ts';
import { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import { eventually } from '#tests/support/api.ts';
import { Hold } from '#tests/support/hold.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { share } from '#tests/support/share.ts';
import { answerValue, call, finishTask } from '#tests/support/scripts.ts';
import type { TestStack } from '#tests/support/stack.ts';

type Environment = z.output<typeof environmentSchema>;
type Part = Parameters<TestStack['kill']>[0];

/** Ends each sandbox of a stack with all its processes, like a restart of the machine. */
function endSandboxes(dataDir: string): void {
  const folder = path.join(dataDir, 'sandboxes');
  for (const id of readdirSync(folder)) {
    const [, owner] = readFileSync(path.join(folder, id, 'holder/owner'), 'utf8').split(' ');
    process.kill(Number(owner), 'SIGKILL');
  }
}

/** Each command leaves a line when it begins: the last one shows how often each has begun. */
const settings = {
  setup: ['echo set-up >> begun; sleep 3'],
  checks: ['echo check >> begun; sleep 3; cat begun'],
};

describe('a survey', () => {
  let own: OwnStack;
  let stack: TestStack;
  beforeAll(async () => {
    own = await OwnStack.start({ OMOIOS_SURVEY_AUTOMATIC: 'true', OMOIOS_SURVEY_AGAIN_BELOW: '0.001' });
    ({ stack } = own);
  });
  afterAll(() => own.stop());

  async function surveyed(repository: TestRepository, settings: object): Promise<string> {
    const project = await stack.api.post<{ id: string }>('/projects', {
      name: 'survey',
      repository: { path: repository.path },
      settings: { ...settings, validation: 'none' },
    });
    await stack.api.until<Environment>(`/projects/${project.id}/environment`, ({ state }) => state === 'ready');
    return project.id;
  }

  const quickTicket = (projectId: string, word: string) =>
    stack.api.post('/tickets', {
      project_id: projectId,
      title: `Work on ${word}`,
      description: 'Write the files.',
      workflow_mode: 'quick',
    });

  async function workOn(projectId: string, edits: Record<string, string>, command: string) {
    const played = await own.play((request) => answerValue(request) ?? finishTask(request, edits, command));
    await quickTicket(projectId, played.word);
    return played;
  }

  const pulls = (projectId: string, count: number) =>
    stack.api.until<{ items: { branch: string }[] }>(
      `/pull-requests?project_id=${projectId}`,
      ({ items }) => items.length === count,
    );

  const moments: [Part, string][] = [
    ['application', 'setting up'],
    ['temporal', 'running'],
    ['everything', 'setting up'],
    ['application', 'running'],
    ['everything', 'running'],
  ];
  test.each(share(moments))(
    'goes on after kill -9 of %s while it is %s, and repeats no command',
    async (part, step) => {
      const repository = new TestRepository();
      const project = await stack.api.post<{ id: string }>('/projects', {
        name: 'survey',
        repository: { path: repository.path },
        settings,
      });
      const environment = `/projects/${project.id}/environment`;
      await stack.api.until<Environment>(environment, (now) => now.step.startsWith(step));
      stack.kill(part);
      if (part === 'everything') await stack.launch();
      const { state, roots } = await stack.api.until<Environment>(
        environment,
        (now) => !['none', 'surveying'].includes(now.state),
      );
      expect([state, roots[0]?.checks[0]?.log.trim().split('\n')]).toEqual(['ready', ['set-up', 'check']]);
    },
  );

  test('begins again in a fresh sandbox when its own is lost with its commands, from the first root on', async () => {
    // A root whose set-up and check leave a line, and show all lines.
    const root = (name: string) => {
      const own = { name, version: '1.0.0', dependencies: { x: 'file:x' } };
      const packages = { '': own, x: { version: '1.0.0' }, 'node_modules/x': { resolved: 'x', link: true } };
      const scripts = {
        prepare: `echo set-up ${name} >>../begun`,
        test: 'echo check >>../begun; sleep 3; cat ../begun',
      };
      return {
        [`${name}/package.json`]: JSON.stringify({ ...own, scripts }),
        [`${name}/package-lock.json`]: JSON.stringify({ ...own, lockfileVersion: 3, packages }),
        [`${name}/x/package.json`]: JSON.stringify({ name: 'x', version: '1.0.0' }),
      };
    };
    const repository = new TestRepository({ ...root('a'), ...root('b') });
    const project = await stack.api.post<{ id: string }>('/projects', {
      name: 'survey',
      repository: { path: repository.path },
    });
    const environment = `/projects/${project.id}/environment`;
    await stack.api.until<Environment>(environment, (now) => now.step.startsWith('running'));
    stack.kill('everything');
    endSandboxes(stack.address.dataDir);
    await stack.launch();
    const { state, roots } = await stack.api.until<Environment>(
      environment,
      (now) => !['none', 'surveying'].includes(now.state),
    );
    const begun = ['set-up a', 'set-up b', 'check'];
    expect([state, ...roots.map(({ checks }) => checks[0]?.log.trim().split('\n').slice(-3))]).toEqual([
      'ready',
      begun,
      [...begun.slice(1), 'check'],
    ]);
  });

  test('runs beside work: kill -9 of everything repeats no command of either', async () => {
    const repository = new TestRepository();
    const id = await surveyed(repository, settings);
    const played = await own.play(
      (request) =>
        answerValue(request) ??
        (request.step === 0
          ? { tools: [call('bash', { command: 'echo worked >>ran; sleep 4' })] }
          : finishTask(request, { ran: 'worked' }, 'cat ran')),
    );
    await quickTicket(id, played.word);
    await eventually('the agent works', () =>
      played.model.requests.some(({ context, raw }) => context.kind === 'task' && raw.includes(played.word)),
    );
    await stack.api.post(`/projects/${id}/survey`);
    const environment = `/projects/${id}/environment`;
    await stack.api.until<Environment>(environment, ({ step }) => step.startsWith('setting up'));
    stack.kill('everything');
    await stack.launch();
    const { roots } = await stack.api.until<Environment>(environment, ({ state }) => state === 'ready');
    expect(roots[0]?.checks[0]?.log.trim().split('\n')).toEqual(['set-up', 'check']);
    const [pull] = (await pulls(id, 1)).items;
    expect(repository.git('show', `${pull?.branch}:ran`)).toBe('worked');
    await played.stop();
  });

  test('a lock file that changes in a task: its checks set up again, after a kill too, and nothing flows back', async () => {
    // Without a file of the repository's own, a set-up would depend on all files.
    const repository = new TestRepository({
      'package-lock.json': '{"version":1}\n',
      'install.sh': 'mkdir -p node_modules && cp package-lock.json node_modules/installed && sleep 2\n',
      '.gitignore': 'node_modules/\n',
    });
    const id = await surveyed(repository, {
      setup: ['sh install.sh'],
      checks: ['cmp package-lock.json node_modules/installed && test ! -e node_modules/agent'],
    });
    const kept = () => readdirSync(path.join(stack.address.dataDir, 'setups', id)).filter((key) => !key.includes('.'));
    const before = kept();
    const changed = { 'package-lock.json': '{"version":2}\n', 'node_modules/agent': 'mine\n' };
    const played = await workOn(id, changed, 'cp package-lock.json node_modules/installed');
    const sandboxes = path.join(stack.address.dataDir, 'sandboxes');
    await eventually('a check is set up', () =>
      readdirSync(sandboxes).some(
        (name) => name.startsWith('omoios-check-') && existsSync(path.join(sandboxes, name, 'jobs/setup.0')),
      ),
    );
    stack.kill('application');
    await pulls(id, 1);
    const next = await workOn(id, { 'b.txt': 'b\n' }, 'cat node_modules/installed; test ! -e node_modules/agent');
    await pulls(id, 2);
    expect(next.model.requests.some(({ raw, text }) => raw.includes(next.word) && text.includes('{"version":1}'))).toBe(
      true,
    );
    expect([before.length, kept()]).toEqual([1, before]);
    await Promise.all([played.stop(), next.stop()]);
  });

  test('a lost sandbox of a run is set up before its next command, after a kill too, and a set-up that fails is told', async () => {
    const installed = 'node_modules/installed';
    const repository = new TestRepository({
      'package-lock.json': '{"version":1}\n',
      'install.sh': `mkdir -p node_modules && cat package-lock.json >>${installed} && sleep 2; test ! -e broken\n`,
      '.gitignore': 'node_modules/\n',
    });
    const id = await surveyed(repository, { setup: ['sh install.sh'], checks: ['true'] });
    const holds = [new Hold(), new Hold()];
    const bash = (command: string) => ({ tools: [call('bash', { command })] });
    const results: string[] = [];
    let told = '';
    const played = await own.play(async (request) => {
      const value = answerValue(request);
      if (value) return value;
      const { step } = request;
      results[step] = request.results[0]?.text ?? '';
      if (step === 0) return bash('echo \'{"version":2}\' >package-lock.json');
      if (step === 1) await holds[0]?.here();
      if (step === 1) return bash(`cat ${installed}`);
      if (step === 2) return bash('touch began; sleep 60');
      if (step === 3) return bash(`cat ${installed}; touch broken`);
      if (step === 4) await holds[1]?.here();
      if (step === 4) return bash('echo on');
      told = request.last;
      return { hang: true };
    });
    await quickTicket(id, played.word);
    const folder = () => {
      const sandboxes = path.join(stack.address.dataDir, 'sandboxes');
      const name = readdirSync(sandboxes).find((found) => !found.startsWith('omoios-check-')) ?? 'none';
      return path.join(sandboxes, name);
    };
    const lose = () => {
      const lost = folder();
      const [, owner] = readFileSync(path.join(lost, 'holder/owner'), 'utf8').split(' ');
      // At once: one whose processes alone are gone is still there.
      const away = path.join(stack.address.dataDir, 'lost');
      renameSync(lost, away);
      process.kill(Number(owner), 'SIGKILL');
      rmSync(away, { recursive: true, force: true, maxRetries: 20 });
    };
    await holds[0]?.reached;
    lose();
    holds[0]?.release();
    await eventually('it is set up again', () => existsSync(path.join(folder(), 'jobs/setup.0')));
    stack.kill('application');
    await eventually('the third command runs', () => existsSync(path.join(folder(), 'workspace/began')), 60_000);
    lose();
    await holds[1]?.reached;
    lose();
    holds[1]?.release();
    await eventually('the agent reads of it', () => told !== '', 60_000);
    expect(results.slice(2)).toEqual([
      expect.stringMatching(/^exit 0 .*\n\{"version":2\}\s*$/s),
      expect.stringContaining('The sandbox was lost while this ran'),
      expect.stringMatching(/^exit 0 .*\n\{"version":2\}\s*$/s),
      expect.stringMatching(/^exit 0 .*\non\s*$/s),
    ]);
    expect(told).toMatch(/Your sandbox had to be created again\. The project's set-up failed.*sh install\.sh/s);
    await played.stop();
  });
});
