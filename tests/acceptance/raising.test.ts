import type { Answer } from '#server/contracts/client.ts';
import type { getRun } from '#server/contracts/runs.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { api, newProject, playOnShared, temporalClient } from '#tests/support/shared.ts';
import { answerValue, call, finishTask } from '#tests/support/scripts.ts';
import { addTask, newTicket, task, taskIs } from '#tests/support/work.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { raiseLimitsUpdate } from '#workflows/contracts/run.ts';

type Run = Answer<typeof getRun>;

/** A task whose last attempt works with the same command until `finish` is called, and then does sound work. */
async function atItsCap(limits: object, command: (n: number) => string) {
  let first: number | undefined;
  const heard: string[] = [];
  const script = (request: Played): Reply => {
    const value = answerValue(request);
    if (value) return value;
    heard.push(request.last);
    if (first !== undefined) return finishTask({ ...request, step: request.step - first }, { 'a.js': 'export {};\n' });
    return { tools: [call('bash', { command: command(request.step) })] };
  };
  const played = await playOnShared(script);
  const { id: project_id } = await newProject(undefined, undefined, { limits, validation: 'none' });
  const ticket = await newTicket(project_id, `Long ${played.word}`);
  const { id } = await addTask(ticket.id, `Long ${played.word}`, { max_retries: 0 });
  const run = async (wanted: (run: Run) => boolean) => {
    const { run_id: runId } = await api().until<{ run_id: string | null }>(
      `/tasks/${id}`,
      (row) => row.run_id !== null,
    );
    return api().until<Run>(`/runs/${runId}`, wanted);
  };
  return {
    id,
    ticket,
    heard,
    run,
    finish: (turn: number) => (first = turn),
    end: async () => {
      await api().request('POST', `/tickets/${ticket.id}/cancel`);
      await played.stop();
    },
  };
}

describe('the last attempt of a task at its limit', () => {
  test('asks a person at its last turn, and continues there with more turns', async () => {
    const work = await atItsCap({ max_turns: 2 }, (n) => `echo ${n}`);
    const waiting = await work.run((run) => run.status === 'waiting');
    expect(waiting).toMatchObject({
      waiting_for: 'person',
      turn: 3,
      waiting_reason: expect.stringMatching(
        /^The run has used its 2 turns\. Raise it .*omoios run raise.*or stop it\.$/,
      ),
    });
    expect(await api().get(`/runs/${waiting.id}/progress`)).toMatchObject({
      state: 'waiting',
      waiting_for: 'person',
      step: waiting.waiting_reason,
    });
    expect(await api().get(`/tickets/${work.ticket.id}`)).toMatchObject({
      needs_review: true,
      last_error: waiting.waiting_reason,
    });
    const raise = (body: object) => api().request('POST', `/runs/${waiting.id}/limits`, body);
    expect(await raise({ max_turns: 3 })).toMatchObject({
      status: 409,
      body: { message: 'max_turns must be more than 3, which the run has used.' },
    });
    expect((await raise({})).status).toBe(422);
    work.finish(3);
    expect(await raise({ max_turns: 20, max_usd: 9 })).toMatchObject({
      status: 200,
      body: { limits: { max_turns: 20, max_usd: 9 } },
    });
    expect(await taskIs(work.id, 'completed', 'failed')).toMatchObject({ status: 'completed', attempt: 1 });
    expect(await api().get(`/runs/${waiting.id}`)).toMatchObject({
      turn: 6,
      limits: { max_turns: 20, max_usd: 9 },
      waiting_for: null,
    });
    expect(work.heard[2]).toContain('This is your last turn');
    expect(work.heard[3]).toContain('A person has raised the limit');
    const events = await api().get<{ items: object[] }>(`/runs/${waiting.id}/events?event_type=run.limits_raised`);
    expect(events.items).toEqual([expect.objectContaining({ data: expect.objectContaining({ max_turns: 20 }) })]);
    expect((await raise({ max_turns: 30 })).status).toBe(409);
    await work.end();
  });

  test('asks a person when its time is up; the update raises it too, and a stop always ends it', async () => {
    const work = await atItsCap({ max_seconds: 1 }, () => 'sleep 60');
    const waiting = await work.run((run) => run.status === 'waiting');
    expect(waiting.waiting_reason).toMatch(/^The run has used its time of .*Raise it/);
    const temporal = await temporalClient();
    const handle = temporal.client.workflow.getHandle(workflowId.run(waiting.id));
    const raised = await handle.executeUpdate(raiseLimitsUpdate, { args: [{ max_seconds: waiting.turn + 8 }] });
    expect(raised).toMatchObject({ limits: { max_seconds: waiting.turn + 8 } });
    const again = await work.run((run) => run.turn > waiting.turn || run.status === 'running');
    expect(again).toMatchObject({ waiting_for: null, limits: { max_seconds: waiting.turn + 8 } });
    await api().post(`/runs/${waiting.id}/stop`, { reason: 'enough' });
    expect(await work.run((run) => run.ended_at !== null)).toMatchObject({ status: 'cancelled' });
    await taskIs(work.id, 'failed');
    expect((await task(work.id)).error_message).toContain('enough');
    await temporal.close();
    await work.end();
  });
});
