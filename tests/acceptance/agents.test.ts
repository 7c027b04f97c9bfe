import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { addTask, newTicket, task, taskIs } from '#tests/support/work.ts';

type Agent = { id: string; name: string; status: string; replaced_by_id: string | null; runs: { run_id: string }[] };

describe('agents', () => {
  test('[EXEC-04] [EXEC-32] a task waits for an agent that has what it wants, and goes on at its replacement from the last checkpoint', async () => {
    const played = await playOnShared((request) => {
      const value = answerValue(request);
      if (value) return value;
      if (request.context.kind === 'validation') return reviewPasses(request);
      if (request.context.attempt !== 1) return finishTask(request, { 'src/drawn.js': 'export const drawn = 2;\n' });
      if (request.step > 0) return { hang: true };
      return { tools: [call('write_file', { path: 'src/sketch.js', content: 'export const sketch = 1;\n' })] };
    });
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Draw ${played.word}`);
    const { id } = await addTask(ticket.id, `Draw ${played.word}`, { required_capabilities: ['Drawing'] });
    await api().until<{ waiting_for: string | null }>(`/tasks/${id}`, ({ waiting_for }) => waiting_for === 'agent');
    const agent = await api().post<Agent>('/agents/register', {
      ...{ agent_type: 'specialist', phase_id: 'PHASE_IMPLEMENTATION', project_id, capabilities: ['drawing'] },
    });
    const { run_id } = await taskIs(id, 'running');
    const working = await api().until<Agent>(`/agents/${agent.id}`, ({ status }) => status === 'running');
    expect(working.runs).toEqual([expect.objectContaining({ run_id, task_id: id })]);
    await api().until<{ turn: number }>(`/runs/${run_id}`, ({ turn }) => turn > 0);
    // The agent's id stands for its run.
    expect(await api().get(`/agents/${agent.id}/progress`)).toMatchObject({ state: 'running' });
    const next = await api().post<Agent>(`/agents/${agent.id}/restart`, { reason: 'It hangs.' });
    expect(next).toMatchObject({ status: 'idle', replaces_id: agent.id });
    const done = await taskIs(id, 'completed');
    expect(done).toMatchObject({ attempt: 2, retry_count: 0 });
    expect(await api().get(`/runs/${run_id}`)).toMatchObject({ status: 'failed', stop_reason: 'agent_replaced' });
    expect(await api().get(`/agents/${agent.id}`)).toMatchObject({ status: 'terminated', replaced_by_id: next.id });
    const { items } = await api().get<{ items: { path: string }[] }>(`/runs/${done.run_id}/diff`);
    void items;
    await api().until<Agent>(`/agents/${next.id}`, ({ status }) => status === 'idle');
    expect((await task(id)).run_id).not.toBe(run_id);
    await played.stop();
  });
});
