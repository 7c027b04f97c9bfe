import type { Answer } from '#server/contracts/client.ts';
import type { getSpec, phaseData } from '#server/contracts/specs.ts';
import { phaseIds } from '#workflows/domain/phases/names.ts';
import { examplePhases } from '#tests/support/phases.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared, temporalClient } from '#tests/support/shared.ts';
import { planPhase, playTracker, trackerProject } from '#tests/support/tracker.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';

type PhaseData = Answer<typeof phaseData>;
type Spec = Answer<typeof getSpec>;

const { tasks, requirements } = examplePhases;
const ids = requirements.requirements.map(({ id }) => id);

/** The plan of one task. */
const oneTask = (word: string) => ({
  ...tasks,
  tickets: [
    {
      ...tasks.tickets[0],
      title: `CSV writer ${word}`,
      requirements: ids,
      tasks: ['TSK-001'],
      dependencies: { blocked_by: [], blocks: [] },
    },
  ],
  tasks: [{ ...tasks.tasks[0], title: `Write toCsv ${word}`, requirements_addressed: ids }],
  total_estimated_hours: 3,
  critical_path: ['TSK-001'],
});

/** Sends the tasks with a cycle at first. The next attempts give only the tasks. */
function script(request: Played, word: string): Reply {
  const value = answerValue(request);
  if (value) return value;
  if (request.context.kind !== 'phase') return playTracker(request, word);
  const plan = oneTask(word);
  const cycle = plan.tasks.map((task) => ({ ...task, dependencies: { depends_on: ['TSK-001'], blocks: [] } }));
  if (request.context.attempt === 1)
    return planPhase(request, (phase, _attempt, good) =>
      phase === 'tasks' ? { ...plan, tasks: cycle } : phase === 'sync' ? { recommendations: ['None'] } : good,
    );
  return { tools: [call('submit_plan', { tasks: plan })] };
}

const launch = (project_id: string, word: string, more: object = {}) =>
  api().post<{ spec_id: string }>('/specs/launch', {
    project_id,
    title: `Export ${word}`,
    description: `Tasks as a CSV file, for ${word}.`,
    ...more,
  });
const events = (id: string) =>
  api().all<{ type: string; data: { phase: string; attempt: number; progress?: number } }>(`/specs/${id}/events`);

describe('a compact plan', () => {
  test('comes from one session; a veto sends one section back, a gate asks, and it becomes a pull request', async () => {
    const played = await playOnShared((request, word) => script(request, word));
    const { id: project_id } = await newProject(api(), trackerProject, { validation: 'none' });
    const { spec_id } = await launch(project_id, played.word, {
      plan: 'compact',
      gate_policy: { mode: 'ask', phases: ['tasks'] },
    });
    const waiting = await api().until<Spec>(`/specs/${spec_id}`, (spec) => spec.waiting_for === 'gate', 60_000);
    expect(waiting).toMatchObject({ plan: 'compact', current_phase: 'tasks', progress: 80, status: 'waiting' });

    const { phases } = await api().get<PhaseData>(`/specs/${spec_id}/phase-data`);
    expect(phases.map(({ phase, status }) => `${phase} ${status}`)).toEqual(phaseIds.map((phase) => `${phase} passed`));
    expect(phases.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1, 1, 2, 1]);
    const [cyclic] = phases[4]?.attempts ?? [];
    expect(cyclic?.vetoes?.map(({ code }) => code)).toContain('cycle');
    expect(phases.every(({ score, output }) => (score ?? 0) >= 0.7 && output !== null)).toBe(true);
    expect(phases[4]?.at_gate).toBe(true);

    // Only the faulty section was sent back, in the same conversation.
    const planning = played.model.requests.filter(({ context }) => context.kind === 'phase');
    expect(new Set(planning.map(({ user_id }) => user_id)).size).toBe(1);
    expect(new Set(planning.map(({ context }) => context.phase))).toEqual(new Set(['plan']));
    expect(planning.at(-1)?.last).toContain('Correct only tasks');

    await api().post(`/specs/${spec_id}/phases/tasks/request-changes`, { feedback: 'Say where to start.' });
    await api().until<PhaseData>(`/specs/${spec_id}/phase-data`, (data) => data.phases[4]?.attempts.length === 3);
    await api().until<Spec>(`/specs/${spec_id}`, (spec) => spec.waiting_for === 'gate', 60_000);
    const changed = played.model.requests.filter(({ context }) => context.kind === 'phase').at(-1);
    expect(changed?.last).toContain('## What has to change in tasks\n\nSay where to start.');
    expect(changed?.last).toContain('<data source="design">');

    await api().post(`/specs/${spec_id}/phases/tasks/approve`);
    const spec = await api().until<Spec>(
      `/specs/${spec_id}`,
      ({ status }) => ['pr_created', 'failed'].includes(status),
      120_000,
    );
    expect(spec).toMatchObject({ status: 'pr_created', last_error: null, progress: 100 });

    const seen = (await events(spec_id)).reverse();
    const of = (type: string) => seen.filter((event) => event.type === type).map(({ data }) => data.phase);
    expect(of('spec.phase_started').slice(0, 6).sort()).toEqual([...phaseIds].sort());
    expect(of('spec.phase_retry')).toEqual(['tasks']);
    expect(of('spec.phase_completed')).toEqual([...phaseIds, 'tasks', 'sync']);
    expect(of('spec.gate_waiting')).toEqual(['tasks', 'tasks']);
    const versions = await api().get<{ items: { change_type: string }[] }>(`/specs/${spec_id}/versions?limit=100`);
    expect(versions.items.map(({ change_type }) => change_type)).toContain('tasks_approved');
    await played.stop();
  }, 200_000);

  test('a session that is killed leaves its sections to the next one', async () => {
    let kill = (_id: string) => {};
    const killed = new Promise<string>((resolve) => (kill = resolve));
    const played = await playOnShared((request) => {
      const { kind, attempt } = request.context;
      if (kind !== 'phase') return answerValue(request) ?? { hang: true };
      if (attempt === 1 && request.step > 0) {
        kill(request.user_id);
        return { hang: true };
      }
      return planPhase({ ...request, step: attempt === 1 ? 0 : 1 });
    });
    const { id: project_id } = await newProject(api(), trackerProject, { plan: 'auto' });
    const { spec_id } = await launch(project_id, played.word);
    const temporal = await temporalClient();
    await temporal.client.workflow.getHandle(await killed).terminate('the agent is killed');
    await temporal.close();
    const { phases } = await api().until<PhaseData>(
      `/specs/${spec_id}/phase-data`,
      (data) => data.phases.at(-1)?.status === 'passed',
      60_000,
    );
    // The broken session cost the first section an attempt; its draft and those of the others were kept.
    expect(phases.map(({ attempts }) => attempts.length)).toEqual([2, 1, 1, 1, 1, 1]);
    const second = played.model.requests.find(({ context }) => context.kind === 'phase' && context.attempt === 2);
    expect(second?.last).toContain('REQ-EXPORT-SEC-001');
    await api().post(`/specs/${spec_id}/cancel`);
    await played.stop();
  }, 120_000);
});
