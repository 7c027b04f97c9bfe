import type { Answer, Item } from '#server/contracts/client.ts';
import type { runMessages, runTrajectory } from '#server/contracts/runs.ts';
import type { analyseRun, listInterventions } from '#server/contracts/watching.ts';
import { eventually } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, taskIs, type TaskRow } from '#tests/support/work.ts';

type Analysis = Answer<typeof analyseRun>;
type Message = Item<typeof runMessages>;
type Intervention = Item<typeof listInterventions>;
type Trajectory = Answer<typeof runTrajectory>;

/** Runs other commands in each turn, one unless `commands` says more, until `still` is set. */
const busy =
  (state: { still: boolean }, turns: number[] = [], commands = 1) =>
  (request: Played): Reply => {
    if (request.context.kind !== 'task') return answerValue(request) ?? { text: 'Nothing to say.' };
    if (state.still) return { hang: true };
    turns.push(request.step);
    return {
      tools: Array.from({ length: commands }, (_, i) =>
        call('bash', { command: `echo ${request.step}.${i} >> src/log.txt` }),
      ),
    };
  };

async function startRun(word: string, more: object = {}): Promise<{ run: string; ticket: string; task: TaskRow }> {
  const { id: project_id } = await newProject();
  const ticket = await newTicket(project_id, `Watched ${word}`);
  const { id } = await addTask(ticket.id, `Watched ${word}`, more);
  const task = await taskIs(id, 'running');
  return { run: task.run_id ?? '', ticket: ticket.id, task };
}
const turn = (run: string, n: number) => api().until<{ turn: number }>(`/runs/${run}`, (row) => row.turn >= n);
const messages = (run: string) =>
  api()
    .get<{ items: Message[] }>(`/runs/${run}/messages`)
    .then((page) => page.items);

describe('watching', () => {
  test('[WATCH-02] what was forbidden holds however long ago it was said, until it is lifted', async () => {
    const state = { still: false };
    const turns: number[] = [];
    // Ten commands a turn: three hundred events are many turns less, and the same distance.
    const played = await playOnShared(busy(state, turns, 10));
    const { run, ticket } = await startRun(played.word);
    const said = await api().post<{ message_id: string }>(`/runs/${run}/steer`, {
      kind: 'constraint',
      message: 'Do not add libraries.',
    });
    await api().post(`/runs/${run}/messages`, { kind: 'user_message', content: 'Keep the log in src.' });
    const received = (
      await api().until<{ items: Message[] }>(`/runs/${run}/messages`, (page) =>
        page.items.every((message) => message.delivered_at_turn !== null),
      )
    ).items;
    expect(received.map((message) => message.status)).toEqual(['delivered', 'delivered']);
    // After three hundred more events.
    await eventually(
      'three hundred events',
      async () => (await api().get<{ items: unknown[] }>(`/runs/${run}/events?limit=1000`)).items.length >= 300,
      90_000,
    );
    const { context } = await api().get<Trajectory>(`/agents/${run}/trajectory`);
    expect(context).toMatchObject({
      overall_goal: expect.stringContaining(played.word),
      constraints: ['Do not add libraries.'],
      lifted_constraints: [],
      standing_instructions: ['Keep the log in src.'],
    });
    await api().request('DELETE', `/runs/${run}/constraints/${said.message_id}`);
    expect((await api().get<Trajectory>(`/agents/${run}/trajectory`)).context).toMatchObject({
      constraints: [],
      lifted_constraints: ['Do not add libraries.'],
    });
    await eventually('the agent is told', () =>
      played.model.requests.some((request) =>
        request.last.includes('This constraint no longer applies: Do not add libraries.'),
      ),
    );
    expect((await api().request('DELETE', `/runs/${run}/constraints/${said.message_id}`)).status).toBe(409);
    await api().post(`/tickets/${ticket}/cancel`);
    await played.stop();
  });

  test('[WATCH-03] a drifting agent is judged on what it did: a low score and the broken rule, steered within its cooldown', async () => {
    const state = { still: false };
    let digest = '';
    let turnsLeft = 2;
    const played = await playOnShared((request): Reply => {
      if (request.context.kind !== 'guardian') {
        // Two turns after the intervention the agent stops, within the guardian's cooldown.
        if (request.text.includes('[GUARDIAN INTERVENTION') && (turnsLeft -= 1) < 0) return { hang: true };
        return busy(state)(request);
      }
      digest = request.text;
      const broken = /outside the task's files: src\/log.txt/.test(request.text);
      return {
        tools: [
          call('give_judgement', {
            alignment_score: broken ? 0.3 : 0.9,
            trajectory_aligned: !broken,
            needs_steering: broken,
            steering_type: 'refocus',
            steering_recommendation: 'Leave src/log.txt alone: your task is docs/.',
            trajectory_summary: 'It writes a log.',
            details: { constraint_violations: ['works outside docs/'] },
          }),
        ],
      };
    });
    const { run, ticket } = await startRun(played.word, { owned_files: ['docs/'] });
    await turn(run, 3);
    const analysis = await api().post<Analysis>(`/monitor/intelligent/analyze/${run}?force=true`);
    expect(analysis).toMatchObject({
      source: 'model',
      alignment_score: 0.3,
      trajectory_aligned: false,
      needs_steering: true,
      details: { constraint_violations: ['works outside docs/'] },
    });
    // Health: alignment 0.3, x 0.7 for the steering, x 0.8 for the missing alignment.
    expect(analysis.health).toBeCloseTo(0.3 * 0.7 * 0.8, 5);
    expect(digest).toContain('src/log.txt');
    expect(await api().get(`/runs/${run}`)).toMatchObject({ alignment: 0.3 });
    const [steer] = (
      await api().until<{ items: Message[] }>(
        `/runs/${run}/messages`,
        (page) => page.items[0]?.delivered_at_turn != null,
      )
    ).items;
    expect(steer).toMatchObject({
      kind: 'guardian_nudge',
      actor: 'guardian',
      content: '[GUARDIAN INTERVENTION - refocus] Leave src/log.txt alone: your task is docs/.',
    });
    await eventually('it stands in the transcript', () =>
      played.model.requests.some(
        (request) => request.context.kind === 'task' && request.last.includes('[GUARDIAN INTERVENTION - refocus]'),
      ),
    );
    await turn(run, (steer?.delivered_at_turn ?? 0) + 1);
    // An analysis in the next turn sends no second message and records the effect of the first.
    await api().post(`/monitor/intelligent/analyze/${run}?force=true`);
    const interventions = (await api().get<{ items: Intervention[] }>(`/monitor/interventions?run_id=${run}`)).items;
    expect(interventions.filter((item) => item.status !== 'recorded')).toHaveLength(1);
    const settled = (
      await api().until<{ items: Intervention[] }>(
        `/monitor/interventions?run_id=${run}`,
        (page) => page.items.at(-1)?.alignment_after != null,
      )
    ).items.at(-1);
    expect(settled).toMatchObject({
      steering_type: 'refocus',
      status: 'unrecovered',
      alignment_before: 0.3,
      alignment_after: 0.3,
      actor: 'guardian',
      reason: 'It writes a log.',
    });
    await api().post(`/tickets/${ticket}/cancel`);
    await played.stop();
  });

  test('[WATCH-03] a guardian that would stop a run asks a person; a run that goes on all the same is stopped', async () => {
    let digest = '';
    const played = await playOnShared((request): Reply => {
      if (request.context.kind !== 'guardian') return busy({ still: false })(request);
      digest = request.last;
      const judgement = {
        alignment_score: 0.1,
        trajectory_aligned: false,
        needs_steering: true,
        steering_type: 'stop',
        steering_recommendation: 'It fills the disk.',
        trajectory_summary: 'It writes a log.',
      };
      return { tools: [call('give_judgement', judgement)] };
    });
    const { run, ticket } = await startRun(played.word);
    await turn(run, 2);
    await api().post(`/monitor/intelligent/analyze/${run}?force=true`);
    // The judge reads whole calls.
    expect(digest).toContain('bash {"command":"echo 1.0 >> src/log.txt"} -> exit 0');
    const paused = await api().until<{ status: string; turn: number; waiting_reason: string }>(
      `/runs/${run}`,
      ({ status }) => status === 'paused',
    );
    expect(paused.waiting_reason).toBe(
      'The guardian would stop this run: It fills the disk. Steer, resume or stop it.',
    );
    await api().post(`/runs/${run}/resume`);
    await turn(run, paused.turn + 5);
    await api().post(`/monitor/intelligent/analyze/${run}?force=true`);
    const ended = await api().until<{ status: string; stop_reason: string; error_message: string }>(
      `/runs/${run}`,
      ({ status }) => status === 'failed',
    );
    expect(ended).toMatchObject({ stop_reason: 'guardian_stop', error_message: 'It fills the disk. (guardian)' });
    await api().post(`/tickets/${ticket}/cancel`);
    await played.stop();
  });

  test('a guardian with a model that gives nonsense judges no run', async () => {
    const state = { still: false };
    const played = await playOnShared((request) =>
      request.context.kind === 'guardian'
        ? { tools: [call('give_judgement', { alignment_score: 'splendid' })] }
        : busy(state)(request),
    );
    const { run, ticket } = await startRun(played.word);
    await turn(run, 1);
    const analysis = await api().post<Analysis>(`/monitor/intelligent/analyze/${run}?force=true`);
    expect(analysis).toMatchObject({ source: 'unavailable', alignment_score: null, needs_steering: false });
    expect(await api().get(`/runs/${run}`)).toMatchObject({ alignment: null });
    expect(played.model.requests.filter((request) => request.context.kind === 'guardian')).toHaveLength(2);
    await api().post(`/tickets/${ticket}/cancel`);
    await played.stop();
  });

  test('[WATCH-04] a steer is delivered once and is in the transcript; stop ends the run; an empty steer is refused', async () => {
    const state = { still: false };
    const played = await playOnShared(busy(state));
    const { run, ticket } = await startRun(played.word);
    await turn(run, 1);
    for (const body of [{ kind: 'redirect', message: '' }, { kind: 'redirect', message: '   ' }, { kind: 'redirect' }])
      expect((await api().request('POST', `/runs/${run}/steer`, body)).status).toBe(422);
    expect((await api().request('POST', `/runs/${run}/steer`, { kind: 'dance', message: 'now' })).status).toBe(422);
    expect(
      (await api().request('POST', `/sandboxes/${run}/messages`, { content: '', message_type: 'guardian_nudge' }))
        .status,
    ).toBe(422);

    const sent = await api().request<{ message_id: string }>('POST', `/runs/${run}/steer`, {
      kind: 'redirect',
      message: 'Write to docs/log.txt from now on.',
    });
    expect(sent.status).toBe(202);
    const by = await api().request<{ message_id: string }>('POST', `/sandboxes/${run}/messages`, {
      content: 'And be quick.',
      message_type: 'guardian_nudge',
    });
    expect(by.status).toBe(202);
    await api().until<{ items: Message[] }>(
      `/runs/${run}/messages`,
      (page) => page.items.length === 2 && page.items.every((message) => message.status === 'delivered'),
    );
    const [first, second] = await messages(run);
    expect(first).toMatchObject({
      id: sent.body.message_id,
      kind: 'steer',
      steer_kind: 'redirect',
      actor: 'owner@omoios.local',
      delivered_at_turn: expect.any(Number),
    });
    expect(second?.delivered_at_turn).toBeGreaterThanOrEqual(first?.delivered_at_turn ?? Infinity);
    const inLast = (words: string) =>
      played.model.requests.filter((request) => request.context.kind === 'task' && request.last.includes(words));
    await eventually(
      'both stand in the transcript',
      () => inLast('Write to docs/log.txt').length > 0 && inLast('And be quick.').length > 0,
    );
    expect(inLast('Write to docs/log.txt')).toHaveLength(1);
    const { items } = await api().get<{ items: { turn: number; received: object[] }[] }>(`/runs/${run}/turns`);
    expect(JSON.stringify(items.find((row) => row.turn === first?.delivered_at_turn)?.received)).toContain(
      'Write to docs/log.txt',
    );

    await api().post(`/runs/${run}/steer`, { kind: 'stop', message: 'Enough of this.' });
    const ended = await api().until<{ status: string; stop_reason: string; error_message: string; turn: number }>(
      `/runs/${run}`,
      (row) => ['failed', 'cancelled', 'completed'].includes(row.status),
    );
    expect(ended).toMatchObject({
      status: 'cancelled',
      stop_reason: 'stopped',
      error_message: expect.stringContaining('Enough of this.'),
    });
    expect(await api().request('POST', `/runs/${run}/steer`, { kind: 'redirect', message: 'Too late.' })).toMatchObject(
      { status: 409, body: { message: expect.stringContaining('has ended') } },
    );
    await api().post(`/tickets/${ticket}/cancel`);
    await played.stop();
  });

  test('[WATCH-05] coherence of two agents in two phases, by the formula', async () => {
    const played = await playOnShared((request): Reply => {
      if (request.context.kind !== 'guardian') return busy({ still: request.step > 1 })(request);
      const first = request.context.title?.includes('First');
      return {
        tools: [
          call('give_judgement', {
            alignment_score: first ? 0.8 : 0.4,
            trajectory_aligned: first,
            needs_steering: !first,
            steering_type: 'refocus',
            steering_recommendation: first ? null : 'Back to the task.',
            trajectory_summary: 'Judged.',
          }),
        ],
      };
    });
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Two ${played.word}`);
    const one = await addTask(ticket.id, `First ${played.word}`, { phase_id: 'PHASE_IMPLEMENTATION' });
    const two = await addTask(ticket.id, `Second ${played.word}`, { phase_id: 'PHASE_TESTING' });
    const runs = [(await taskIs(one.id, 'running')).run_id, (await taskIs(two.id, 'running')).run_id];
    for (const run of runs) {
      await turn(run ?? '', 2);
      await api().post(`/monitor/intelligent/analyze/${run}?force=true`);
    }
    // The analysis starts the project's watchers; the conductor makes its first analysis at its start.
    const { stackServices } = await import('#tests/support/services.ts');
    const services = await stackServices();
    const { organization_id } = await api().get<{ organization_id: string }>(`/projects/${project_id}`);
    expect(await services.activities.conductProject({ organization_id, project_id, cycle: 77 })).toMatchObject({
      active: 2,
      available: true,
      score: 0.65,
    });
    await services.close();
    const health = await api().get<{
      system_health: string;
      coherence_score: number;
      active_agents: number;
      average_alignment: number;
      agents_need_steering: number;
      phase_distribution: object;
      terms: object;
    }>(`/monitor/intelligent/health?project_id=${project_id}`);
    expect(health).toMatchObject({
      system_health: 'inefficient',
      coherence_score: 0.65,
      active_agents: 2,
      agents_need_steering: 1,
      phase_distribution: { PHASE_IMPLEMENTATION: 1, PHASE_TESTING: 1 },
    });
    expect(health.average_alignment).toBeCloseTo(0.6);
    expect(health.terms).toMatchObject({
      base: 0.6000000000000001,
      trajectory_penalty: 0.1,
      steering_penalty: 0.05,
      phase_coherence: 0.1,
      load_balance: 0.1,
    });
    await api().post(`/tickets/${ticket.id}/cancel`);
    await played.stop();
  });
});
