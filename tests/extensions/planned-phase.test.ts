import { PlayedModel, type Played, type Reply } from '#tests/support/played-model.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { TestStack } from '#tests/support/stack.ts';
import { planPhase, trackerProject } from '#tests/support/tracker.ts';
import { copyWithRollout } from './rollout/copy-with-rollout.ts';

/* A stack of a copy of the sources that has a made-up phase: a spec is planned through it. */
const copy = copyWithRollout([
  'activities',
  'config',
  'prisma',
  'scripts',
  'server',
  'temporal',
  'workflows',
  'package.json',
  'package-lock.json',
]);
const rollout = {
  strategy: 'First one team for a week, then all.',
  steps: [
    { name: 'One team', undo: 'Switch the flag off' },
    { name: 'All', undo: 'Switch the flag off' },
  ],
};
/** The first attempt forgets the way back, so the gate of the phase refuses it. */
const badRollout = { ...rollout, steps: [{ name: 'All' }] };

let model: PlayedModel;
let stack: TestStack;
beforeAll(async () => {
  model = await new PlayedModel((request: Played): Reply => {
    if (request.context.phase !== 'rollout') return answerValue(request) ?? planPhase(request);
    return { tools: [call('submit_rollout', request.context.attempt === 1 ? badRollout : rollout)] };
  }).start();
  stack = await TestStack.start(
    {
      MODEL_PROVIDER: 'anthropic',
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'test-key-of-nobody',
      OMOIOS_PHASE_RETRY_BACKOFF: '0.05',
    },
    { root: copy.dir },
  );
});
afterAll(async () => {
  await stack.stop();
  await model.stop();
  copy.remove();
});

interface PhaseData {
  phases: { phase: string; status: string; at_gate: boolean; output: unknown; attempts: { status: string }[] }[];
}
interface Spec {
  status: string;
  current_phase: string;
}

test('a made-up phase is planned, refused and passed at its gate, and approved like every other', async () => {
  const { api } = stack;
  const repository = new TestRepository(trackerProject);
  const project = await api.post<{ id: string }>('/projects', {
    name: 'tracker',
    repository: { path: repository.path },
  });
  const { spec_id } = await api.post<{ spec_id: string }>('/specs/launch', {
    project_id: project.id,
    title: 'Export',
    description: 'Tasks as a CSV file.',
    auto_execute: true,
    gate_policy: { mode: 'ask', phases: ['rollout'] },
  });
  const waiting = await api.until<Spec>(`/specs/${spec_id}`, (spec) => ['waiting', 'failed'].includes(spec.status));
  expect(waiting).toMatchObject({ status: 'waiting', current_phase: 'rollout' });
  const { phases } = await api.get<PhaseData>(`/specs/${spec_id}/phase-data`);
  expect(phases.map(({ phase }) => phase)).toEqual(
    expect.arrayContaining(['explore', 'prd', 'requirements', 'design', 'tasks', 'rollout']),
  );
  const planned = phases.find(({ phase }) => phase === 'rollout');
  expect(planned).toMatchObject({ status: 'passed', at_gate: true, output: rollout });
  expect(planned?.attempts.map(({ status }) => status)).toEqual(['failed', 'passed']);
  const [first, second] = model.requests.filter((request) => request.context.phase === 'rollout');
  expect(first?.text).toContain('Plan how the feature reaches its users step by step.');
  expect(first?.body.tools?.map(({ name }) => name)).toContain('submit_rollout');
  expect(second?.last).toContain('a way back for each step');

  await api.post(`/specs/${spec_id}/phases/rollout/approve`);
  await api.until<PhaseData>(`/specs/${spec_id}/phase-data`, (data) =>
    data.phases.some(({ phase, status }) => phase === 'sync' && status === 'passed'),
  );
  await api.post(`/specs/${spec_id}/cancel`);
}, 240_000);
