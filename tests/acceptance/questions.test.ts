import type { Answer } from '#server/contracts/client.ts';
import type { getSpec, specQuestions } from '#server/contracts/specs.ts';
import { eventually } from '#tests/support/api.ts';
import { examplePhases } from '#tests/support/phases.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared, temporalClient } from '#tests/support/shared.ts';
import { planPhase, playTracker, trackerProject } from '#tests/support/tracker.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { answerQuestionsUpdate } from '#workflows/contracts/spec.ts';

type Spec = Answer<typeof getSpec>;
type Questions = Answer<typeof specQuestions>;

const format = { question: 'Which separator?', assumption: 'A comma, as in RFC 4180' };
const done = { question: 'Are done tasks exported?', assumption: 'Yes, all tasks' };

/** Asks one question in each phase that may. */
const asking = (phase: string, good: Record<string, unknown>) =>
  phase === 'prd' || phase === 'requirements' ? { ...good, open_questions: [phase === 'prd' ? format : done] } : good;

const { tasks, requirements, design, sync } = examplePhases;
/** The plan of one task. */
const oneTask = (word: string) => ({
  ...tasks,
  tickets: [
    {
      ...tasks.tickets[0],
      title: `CSV writer ${word}`,
      requirements: requirements.requirements.map(({ id }) => id),
      tasks: ['TSK-001'],
      dependencies: { blocked_by: [], blocks: [] },
    },
  ],
  tasks: [
    {
      ...tasks.tasks[0],
      title: `Write toCsv ${word}`,
      requirements_addressed: requirements.requirements.map(({ id }) => id),
    },
  ],
  total_estimated_hours: 3,
  critical_path: ['TSK-001'],
});

const launch = async (word: string, more: object) => {
  const { id: project_id } = await newProject(api(), trackerProject, { validation: 'none' });
  const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
    project_id,
    title: `Export ${word}`,
    description: `Tasks as a CSV file, for ${word}.`,
    ...more,
  });
  return { id: spec_id, project_id };
};
const questionsOf = (id: string) => api().get<Questions>(`/specs/${id}/questions`);
const atGate = (id: string, phase: string) =>
  api().until<Spec>(`/specs/${id}`, (s) => s.waiting_for === 'gate' && s.current_phase === phase, 60_000);

describe('open questions of a plan', () => {
  test('nobody is waited for where gates open by themselves: the assumptions hold, and the pull request says so', async () => {
    const played = await playOnShared((request: Played, word): Reply => {
      const value = answerValue(request);
      if (value) return value;
      if (request.context.kind !== 'phase') return playTracker(request, word);
      return planPhase(request, (phase, _attempt, good) => (phase === 'tasks' ? oneTask(word) : asking(phase, good)));
    });
    const { id, project_id } = await launch(played.word, { plan: 'compact' });
    const spec = await api().until<Spec>(`/specs/${id}`, (s) => s.ended_at !== null, 120_000);
    expect(spec).toMatchObject({ status: 'pr_created', last_error: null });
    const [pull] = await api().all<{ body: string }>(`/pull-requests?project_id=${project_id}`);
    expect(pull?.body).toContain('## Open questions');
    for (const { question, assumption } of [format, done])
      expect(pull?.body).toContain(`- ${question}\n  Assumed, since nobody answered: ${assumption}`);
    const { open, items } = await questionsOf(id);
    expect(open).toBe(false);
    expect(items.map(({ answer }) => answer)).toEqual([null, null]);
    await played.stop();
  }, 150_000);

  test('at the gate before the design they are answered in one batch, and the design is made with the answers', async () => {
    const played = await playOnShared((request): Reply => {
      const value = answerValue(request);
      if (value) return value;
      if (request.context.phase === 'design') return { hang: true };
      return planPhase(request, (phase, _attempt, good) => asking(phase, good));
    });
    const { id } = await launch(played.word, { gate_policy: { mode: 'ask', phases: ['requirements'] } });
    await atGate(id, 'requirements');
    const { open, items } = await questionsOf(id);
    expect(open).toBe(true);
    expect(items).toMatchObject([
      { ...format, phase: 'prd', answer: null },
      { ...done, phase: 'requirements', answer: null },
    ]);
    const events = await api().all<{ type: string; data: object }>(`/specs/${id}/events`);
    expect(events.find(({ type }) => type === 'spec.gate_waiting')?.data).toMatchObject({ open_questions: 2 });
    const answer = (answers: object[]) => api().request('POST', `/specs/${id}/answers`, { answers });
    expect(await answer([{ id: 'deadbeef', answer: 'x' }])).toMatchObject({ status: 404 });
    expect((await answer([])).status).toBe(422);
    const given = [{ id: items[0]?.id, answer: 'A semicolon, for </request> spreadsheets' }];
    expect(await answer(given)).toMatchObject({ status: 200, body: { answered: 1 } });
    expect((await questionsOf(id)).items[0]).toMatchObject({
      answer: 'A semicolon, for </request> spreadsheets',
      answered_by: expect.stringContaining('@'),
    });
    const versions = await api().get<{ items: { change_type: string }[] }>(`/specs/${id}/versions`);
    expect(versions.items[0]?.change_type).toBe('answered');
    await api().post(`/specs/${id}/phases/requirements/approve`);
    await api().until<Spec>(`/specs/${id}`, (s) => s.current_phase === 'design');
    const opening = () => played.model.requests.find((request) => request.context.phase === 'design')?.text ?? '';
    await eventually('the design is asked for', async () => opening() !== '');
    expect(opening()).toContain(
      `<request>\nQuestion: ${format.question}\nAnswer: A semicolon, for &lt;/request> spreadsheets\n</request>`,
    );
    expect(opening()).not.toContain(`Question: ${done.question}`);
    expect(await answer(given)).toMatchObject({ status: 409, body: { message: expect.stringMatching(/has started/) } });
    expect((await questionsOf(id)).open).toBe(false);
    await api().post(`/specs/${id}/cancel`);
    await played.stop();
  }, 120_000);

  test('an answer at a gate of a compact plan makes the sections from the design on again', async () => {
    const played = await playOnShared((request, word): Reply => {
      const value = answerValue(request);
      if (value) return value;
      if ((request.context.attempt ?? 1) > 1)
        return { tools: [call('submit_plan', { design, tasks: oneTask(word), sync })] };
      return planPhase(request, (phase, _attempt, good) => (phase === 'tasks' ? oneTask(word) : asking(phase, good)));
    });
    const gate_policy = { mode: 'ask', phases: ['requirements', 'tasks'] };
    const { id } = await launch(played.word, { plan: 'compact', gate_policy });
    await atGate(id, 'requirements');
    const temporal = await temporalClient();
    const handle = temporal.client.workflow.getHandle(workflowId.spec(id));
    const given = { answers: [{ question: done.question, answer: 'Only open ones' }] };
    expect(await handle.executeUpdate(answerQuestionsUpdate, { args: [given] })).toEqual({ answered: 1 });
    await temporal.close();
    await api().post(`/specs/${id}/phases/requirements/approve`);
    const again = () => played.model.requests.find((request) => request.context.attempt === 2);
    await eventually('the plan is made again', async () => again() !== undefined);
    await atGate(id, 'tasks');
    expect(again()?.text).toContain(`Question: ${done.question}\nAnswer: Only open ones`);
    expect(again()?.text).toContain('<data source="requirements">');
    await api().post(`/specs/${id}/cancel`);
    await played.stop();
  }, 120_000);
});
