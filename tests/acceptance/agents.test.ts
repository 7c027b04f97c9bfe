import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { beatOf } from '#tests/support/agent-place.ts';
import { eventually } from '#tests/support/api.ts';
import { addTask, newTicket, task, taskIs } from '#tests/support/work.ts';

interface Work {
  offered?: { id: string }[];
  runs?: { run_id: string; task_id: string; iteration: number; order: string }[];
}

/** A program that has a key and an address, and nothing else of the platform. */
class RestProgram {
  constructor(
    private readonly id: string,
    private readonly key: string,
  ) {}

  async send(method: string, path: string, body?: object) {
    const response = await fetch(`${api().url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Work };
  }

  /** The program's work, once it is as expected. */
  async until(expected: string, holds: (work: Work) => boolean | undefined): Promise<Work> {
    let work: Work = {};
    await eventually(expected, async () => {
      work = (await this.send('GET', `/agents/${this.id}/work`)).body;
      return holds(work) === true;
    });
    return work;
  }
}

/** A patch that adds one file with one line. */
const patchOf = (line: string) =>
  `diff --git a/src/folded.js b/src/folded.js\nnew file mode 100644\n--- /dev/null\n+++ b/src/folded.js\n@@ -0,0 +1 @@\n+${line}\n`;

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
    await api().until<Agent>(`/agents/${next.id}`, ({ status }) => status === 'idle');
    expect((await task(id)).run_id).not.toBe(run_id);
    await played.stop();
  });

  test('[EXEC-28] an agent elsewhere that knows REST alone accepts a task, is sent back by the check, and completes it', async () => {
    const played = await playOnShared((request) => answerValue(request) ?? reviewPasses(request));
    const { id: project_id } = await newProject();
    const agent = await api().post<Agent & { key: string }>('/agents/register', {
      ...{ agent_type: 'worker', project_id, capabilities: ['paper'], elsewhere: true },
    });
    const ticket = await newTicket(project_id, `Fold ${played.word}`);
    const { id } = await addTask(ticket.id, `Fold ${played.word}`, { required_capabilities: ['paper'] });
    const program = new RestProgram(agent.id, agent.key);
    await program.until('an offer', ({ offered }) => offered?.some((one) => one.id === id));
    expect((await program.send('POST', `/agents/${agent.id}/work/${id}/accept`)).status).toBe(200);
    const { runs = [] } = await program.until('a run', ({ runs: now }) => (now?.length ?? 0) > 0);
    const [order] = runs;
    const run = order?.run_id ?? '';
    expect(order).toMatchObject({ task_id: id, iteration: 1, order: expect.stringContaining(played.word) });
    const event = { event_type: 'agent.thinking', event_data: { text: 'Paper first.' }, source: 'agent' };
    expect((await program.send('POST', `/runs/${run}/events`, event)).status).toBe(200);
    expect((await program.send('POST', `/agents/${agent.id}/heartbeat`, beatOf(1))).status).toBe(200);

    const claim = (command: string) =>
      program.send('POST', `/runs/${run}/task-complete`, {
        ...{ task_id: id, success: true, result: { summary: 'Folded.', evidence: [{ command }] } },
      });
    expect(
      (await program.send('PUT', `/runs/${run}/patch`, { patch: patchOf('export const folded = ;') })).status,
    ).toBe(200);
    expect((await claim('node --check src/folded.js')).status).toBe(200);
    const again = await program.until('the next iteration', ({ runs: now }) => now?.[0]?.iteration === 2);
    expect(again.runs?.[0]?.order).toContain('not accepted');
    await program.send('PUT', `/runs/${run}/patch`, { patch: patchOf('export const folded = 1;') });
    expect((await claim('node --check src/folded.js')).status).toBe(200);
    const done = await taskIs(id, 'completed', 'failed');
    expect(done).toMatchObject({ status: 'completed', attempt: 1, run_id: run });
    expect((await program.send('GET', `/runs/${run}`)).status).toBe(403);
    expect(await api().get(`/runs/${run}`)).toMatchObject({ runner: 'elsewhere', cost_micros: 0, status: 'completed' });
    await api().post(`/agents/${agent.id}/terminate`, {});
    await played.stop();
  });
});
