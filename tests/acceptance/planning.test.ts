import { workflowId } from '#workflows/contracts/ids.ts';
import { approveUpdate } from '#workflows/contracts/spec.ts';
import type { Answer } from '#server/contracts/client.ts';
import type { getSpec, phaseData } from '#server/contracts/specs.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared, temporalClient } from '#tests/support/shared.ts';
import { planPhase, playTracker, trackerProject, withWord } from '#tests/support/tracker.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';

type PhaseData = Answer<typeof phaseData>;
type Spec = Answer<typeof getSpec>;
type Change = (phase: string, attempt: number, good: Record<string, unknown>) => Record<string, unknown>;

const launch = (project_id: string, word: string, more: object = {}) =>
  api().post<{ spec_id: string }>('/specs/launch', {
    project_id,
    title: `Export ${word}`,
    description: `Tasks as a CSV file, for ${word}.`,
    auto_execute: true,
    ...more,
  });
const phasesOf = async (id: string) =>
  Object.fromEntries(
    (await api().get<PhaseData>(`/specs/${id}/phase-data`)).phases.map((phase) => [phase.phase, phase]),
  );
const settled = (id: string, states: string[], ms = 90_000) =>
  api().until<Spec>(`/specs/${id}`, (spec) => states.includes(spec.status), ms);
const started = (id: string, phase: string) =>
  api().until<Spec>(`/specs/${id}`, (spec) => spec.current_phase === phase || spec.status === 'failed');

/** Plans well except for the changes by `change`, and stops before the work starts. */
const planner =
  (change: Change) =>
  (request: Played): Reply =>
    answerValue(request) ?? planPhase(request, change);
const stopAfter = (phase: string) => ({ gate_policy: { mode: 'ask', phases: [phase] } });

describe('planning', () => {
  test('[PLAN-04] a second execute says that it runs already', async () => {
    const played = await playOnShared(() => ({ hang: true }));
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await launch(project_id, played.word, { auto_execute: false });
    expect(await api().get(`/specs/${spec_id}`)).toMatchObject({ status: 'created' });
    const first = await api().request('POST', `/specs/${spec_id}/execute`);
    const second = await api().request('POST', `/specs/${spec_id}/execute`);
    expect([first.status, first.body.status, second.status, second.body.status]).toEqual([
      202,
      'started',
      202,
      'already_running',
    ]);
    await api().post(`/specs/${spec_id}/cancel`, { reason: 'shown' });
    await settled(spec_id, ['cancelled']);
    expect((await api().request('POST', `/specs/${spec_id}/execute`)).status).toBe(409);
    await played.stop();
  });

  test("[PLAN-05] a badly answered phase is retried with the gate's feedback, and passes", async () => {
    const played = await playOnShared(
      planner((phase, attempt, good) =>
        phase === 'prd' && attempt === 1
          ? { ...good, user_stories: [], goals: { primary: [], secondary: [], success_metrics: [] } }
          : good,
      ),
    );
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await launch(project_id, played.word, stopAfter('requirements'));
    await settled(spec_id, ['waiting', 'failed']);
    const { prd } = await phasesOf(spec_id);
    expect(prd?.attempts.map((attempt) => attempt.status)).toEqual(['failed', 'passed']);
    expect(prd?.attempts[0]?.feedback).toMatch(/stories/);
    const retry = played.model.requests.find(
      (request) => request.context.phase === 'prd' && request.context.attempt === 2,
    );
    expect(retry?.last).toContain(prd?.attempts[0]?.feedback?.split('\n').at(-1)?.trim());
    // The retry continues the same session, which contains the bad answer.
    expect(retry?.text).toContain('submit_prd');
    const events = await api().all<{ type: string; data: { phase: string } }>(`/specs/${spec_id}/events`);
    expect(events.filter((event) => event.type === 'spec.phase_retry').map((event) => event.data.phase)).toEqual([
      'prd',
    ]);
    await api().post(`/specs/${spec_id}/cancel`);
    await played.stop();
  });

  test('[PLAN-05] three bad answers fail the phase and the spec, with the reason kept', async () => {
    const played = await playOnShared(
      planner((phase, _attempt, good) =>
        phase === 'explore'
          ? { ...good, key_files: [], tech_stack: [], structure: {}, conventions: {}, discovery_questions: [] }
          : good,
      ),
    );
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await launch(project_id, played.word);
    const spec = await settled(spec_id, ['failed', 'waiting', 'pr_created']);
    expect(spec).toMatchObject({ status: 'failed' });
    expect(spec.last_error).toMatch(/^The phase explore failed: its gate gave 0\.4 of the 0\.7/);
    expect((await phasesOf(spec_id)).explore?.attempts.map((attempt) => attempt.status)).toEqual([
      'failed',
      'failed',
      'failed',
    ]);
    expect((await api().all<{ type: string }>(`/specs/${spec_id}/events`)).map((event) => event.type)).toEqual(
      expect.arrayContaining(['spec.phase_failed', 'spec.execution_failed']),
    );
    await played.stop();
  });

  test('[PLAN-07] what an attempt submitted in parts is given to the next one', async () => {
    let kill = (_id: string) => {};
    const killed = new Promise<string>((resolve) => (kill = resolve));
    const played = await playOnShared((request, word) => {
      const value = answerValue(request);
      if (value) return value;
      if (request.context.phase !== 'tasks') return planPhase(request);
      const good = withWord(planned(request), word) as { tickets: unknown[]; tasks: unknown[] };
      if (request.context.attempt === 1) {
        if (request.step === 0)
          return {
            tools: [
              call('submit_tasks', {
                partial: true,
                feature_name: 'Task export',
                tickets: good.tickets,
                tasks: good.tasks.slice(0, 2),
              }),
            ],
          };
        kill(request.user_id.replace('run:', ''));
        return { hang: true };
      }
      // Only the missing fields: the others are in the draft.
      return {
        tools: [
          call('submit_tasks', {
            tasks: good.tasks.slice(2),
            total_estimated_hours: 6,
            critical_path: ['TSK-001', 'TSK-003'],
          }),
        ],
      };
    });
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await launch(project_id, played.word, stopAfter('tasks'));
    const temporal = await temporalClient();
    await temporal.client.workflow.getHandle(`run:${await killed}`).terminate('the agent is killed');
    await temporal.close();
    await settled(spec_id, ['waiting', 'failed']);
    const second = played.model.requests.find(
      (request) => request.context.phase === 'tasks' && request.context.attempt === 2,
    );
    expect(second?.last).toContain('TSK-001');
    expect(second?.last).toContain('TSK-002');
    const { tasks } = await phasesOf(spec_id);
    expect(tasks).toMatchObject({ at_gate: true, status: 'passed' });
    expect((tasks?.output as { tasks: { id: string }[] }).tasks.map((task) => task.id)).toEqual([
      'TSK-001',
      'TSK-002',
      'TSK-003',
    ]);
    await api().post(`/specs/${spec_id}/cancel`);
    await played.stop();
  });

  test('[PLAN-08] a field of the wrong type is refused by its name, and stored nowhere', async () => {
    const answers: string[] = [];
    const played = await playOnShared((request) => {
      if (request.context.phase === 'explore' && request.step === 0)
        return { tools: [call('submit_explore', { ...planned(request), codebase_summary: 5, tech_stack: 'Node.js' })] };
      if (request.context.phase === 'explore' && request.step === 1)
        answers.push(...request.results.filter((result) => result.is_error).map((result) => result.text));
      return answerValue(request) ?? planPhase(request);
    });
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await launch(project_id, played.word, stopAfter('requirements'));
    await settled(spec_id, ['waiting', 'failed']);
    expect(answers).toHaveLength(1);
    expect(answers[0]).toContain('/codebase_summary');
    expect(answers[0]).toContain('/tech_stack');
    expect((await phasesOf(spec_id)).explore?.attempts).toHaveLength(1);
    await api().post(`/specs/${spec_id}/cancel`);
    await played.stop();
  });

  test('[PLAN-12] 0.69 fails the gate and 0.70 passes it', async () => {
    // Weights of the gate: questions .15, summary .12 (half for a short one), structure .10 (half for one area).
    const played = await playOnShared(
      planner((phase, attempt, good) =>
        phase !== 'explore'
          ? good
          : {
              ...good,
              discovery_questions: [],
              ...(attempt === 1 ? { codebase_summary: 'A small tracker', structure: {} } : { key_files: [] }),
            },
      ),
    );
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await launch(project_id, played.word, stopAfter('requirements'));
    await settled(spec_id, ['waiting', 'failed']);
    const { explore } = await phasesOf(spec_id);
    expect(explore?.attempts.map(({ status, score }) => ({ status, score }))).toEqual([
      { status: 'failed', score: 0.69 },
      { status: 'passed', score: 0.7 },
    ]);
    await api().post(`/specs/${spec_id}/cancel`);
    await played.stop();
  });

  test('[PLAN-13] a cycle and an unmapped requirement are vetoed, and the feedback names their ids', async () => {
    const played = await playOnShared(
      planner((phase, attempt, good) => {
        const tasks = good.tasks as { id: string; dependencies: object; requirements_addressed: string[] }[];
        if (phase !== 'tasks' || attempt > 2) return good;
        if (attempt === 1)
          return {
            ...good,
            tasks: tasks.map((task) =>
              task.id === 'TSK-001' ? { ...task, dependencies: { depends_on: ['TSK-003'], blocks: [] } } : task,
            ),
          };
        return {
          ...good,
          tasks: tasks.map((task) => ({ ...task, requirements_addressed: ['REQ-EXPORT-FUNC-001'] })),
          tickets: (good.tickets as object[]).map((ticket) => ({ ...ticket, requirements: ['REQ-EXPORT-FUNC-001'] })),
        };
      }),
    );
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await launch(project_id, played.word, stopAfter('tasks'));
    await settled(spec_id, ['waiting', 'failed']);
    const [cycle, unmapped, good] = (await phasesOf(spec_id)).tasks?.attempts ?? [];
    expect(cycle?.status).toBe('failed');
    expect(cycle?.score).toBeGreaterThanOrEqual(0.7);
    expect(cycle?.feedback).toMatch(/TSK-001 -> TSK-003 -> TSK-001|TSK-003 -> TSK-001 -> TSK-003/);
    expect(unmapped?.status).toBe('failed');
    expect(unmapped?.feedback).toContain('REQ-EXPORT-SEC-001');
    expect(good?.status).toBe('passed');
    await api().post(`/specs/${spec_id}/cancel`);
    await played.stop();
  });

  test('[PLAN-18] a second sync skips everything, and local ids became real ones', async () => {
    const played = await playOnShared((request, word) =>
      request.context.kind === 'task' ? { hang: true } : playTracker(request, word),
    );
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await launch(project_id, played.word);
    await api().until<{ items: object[] }>(`/tasks?spec_id=${spec_id}`, (page) => page.items.length === 3);
    const again = await api().post<Record<string, number>>(`/specs/${spec_id}/sync`);
    expect(again).toMatchObject({
      requirements_created: 0,
      criteria_created: 0,
      tasks_created: 0,
      requirements_skipped: 2,
      tasks_skipped: 3,
    });
    expect(again.criteria_skipped).toBeGreaterThan(0);
    const tasks = await api().all<{
      id: string;
      local_id: string;
      depends_on: string[];
      status: string;
      phase_id: string;
      ticket_id: string;
    }>(`/tasks?spec_id=${spec_id}`);
    const id = (local: string) => tasks.find((task) => task.local_id === local)?.id;
    expect(tasks).toHaveLength(3);
    expect(tasks.find((task) => task.local_id === 'TSK-003')).toMatchObject({
      status: 'pending',
      depends_on: expect.arrayContaining([id('TSK-001'), id('TSK-002')]),
    });
    await api().post(`/specs/${spec_id}/cancel`);
    await played.stop();
  });

  test('[PLAN-16] a gate that asks waits; it is decided once, by the first answer', async () => {
    const played = await playOnShared(planner((_phase, _attempt, good) => good));
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await launch(project_id, played.word, {
      gate_policy: { mode: 'ask', phases: ['prd', 'requirements'] },
    });
    expect(await settled(spec_id, ['waiting', 'failed'])).toMatchObject({
      status: 'waiting',
      waiting_for: 'gate',
      current_phase: 'prd',
    });
    const wrong = await api().request('POST', `/specs/${spec_id}/phases/design/approve`);
    expect(wrong).toMatchObject({ status: 409, body: { message: expect.stringContaining('prd') } });
    expect((await api().request('POST', `/specs/${spec_id}/phases/prd/request-changes`, { feedback: '' })).status).toBe(
      422,
    );
    await api().post(`/specs/${spec_id}/phases/prd/request-changes`, { feedback: 'Name the audience of the export.' });
    await api().until<PhaseData>(
      `/specs/${spec_id}/phase-data`,
      ({ phases }) => phases[1]?.attempts.length === 2 && phases[1].at_gate,
    );
    const changed = played.model.requests.filter((request) => request.context.phase === 'prd').at(-1);
    expect(changed?.last).toContain('Name the audience of the export.');

    // The same decision from Temporal's command line and from REST counts once.
    const temporal = await temporalClient();
    const [first, second] = await Promise.allSettled([
      temporal.client.workflow
        .getHandle(workflowId.spec(spec_id))
        .executeUpdate(approveUpdate, { args: [{ phase: 'prd' }] }),
      api().post(`/specs/${spec_id}/phases/prd/approve`),
    ]);
    expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected']);
    await temporal.close();
    await started(spec_id, 'requirements');
    expect(await api().until<Spec>(`/specs/${spec_id}`, (spec) => spec.waiting_for === 'gate')).toMatchObject({
      current_phase: 'requirements',
    });
    await api().post(`/specs/${spec_id}/cancel`);
    expect(await settled(spec_id, ['cancelled'])).toMatchObject({ status: 'cancelled' });
    await played.stop();
  });
});

/** The valid submission of a request's phase. */
function planned(request: Played): Record<string, unknown> {
  let good: Record<string, unknown> = {};
  planPhase({ ...request, step: 1 }, (_phase, _attempt, value) => (good = value));
  return good;
}
