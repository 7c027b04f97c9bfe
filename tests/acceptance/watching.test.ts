import type { Answer, Item } from '#server/contracts/client.ts';
import type { runMessages, runTrajectory } from '#server/contracts/runs.ts';
import { eventually } from '#tests/support/api.ts';
import type { Reply } from '#tests/support/played-model.ts';
import { call } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { busy, startRun, turn } from '#tests/support/watched-run.ts';
import { addTask, newTicket, taskIs } from '#tests/support/work.ts';

type Message = Item<typeof runMessages>;
type Trajectory = Answer<typeof runTrajectory>;

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
