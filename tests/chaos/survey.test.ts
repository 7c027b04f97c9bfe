import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import type { environmentSchema } from '#server/contracts/environment.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { TestStack } from '#tests/support/stack.ts';

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
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ OMOIOS_SURVEY_AUTOMATIC: 'true', OMOIOS_SURVEY_AGAIN_BELOW: '0.001' });
  });
  afterAll(() => stack.stop());

  test.each<[Part, string]>([
    ['application', 'setting up'],
    ['application', 'running'],
    ['temporal', 'running'],
    ['everything', 'setting up'],
    ['everything', 'running'],
  ])('goes on after kill -9 of %s while it is %s, and repeats no command', async (part, step) => {
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
  });

  test('begins again in a fresh sandbox when its own is lost with its commands', async () => {
    const repository = new TestRepository();
    const project = await stack.api.post<{ id: string }>('/projects', {
      name: 'survey',
      repository: { path: repository.path },
      settings,
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
    expect([state, roots[0]?.checks[0]?.log.trim().split('\n')]).toEqual(['ready', ['set-up', 'check']]);
  });
});
