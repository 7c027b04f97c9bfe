import type { Answer, Item } from '#server/contracts/client.ts';
import type { runMessages } from '#server/contracts/runs.ts';
import type { analyseRun, listInterventions } from '#server/contracts/watching.ts';
import { eventually } from '#tests/support/api.ts';
import type { Reply } from '#tests/support/played-model.ts';
import { call } from '#tests/support/scripts.ts';
import { api, playOnShared } from '#tests/support/shared.ts';
import { busy, startRun, turn } from '#tests/support/watched-run.ts';

type Analysis = Answer<typeof analyseRun>;
type Message = Item<typeof runMessages>;
type Intervention = Item<typeof listInterventions>;

describe('the guardian', () => {
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
    expect(digest).toContain('bash {"command":"echo 0.0 >> src/log.txt"} -> exit 0');
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
});
