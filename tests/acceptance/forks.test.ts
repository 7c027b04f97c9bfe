import type { Answer } from '#server/contracts/client.ts';
import { adoptRun, compareRuns, type getRun, listRuns } from '#server/contracts/runs.ts';
import { getSpec, phaseData } from '#server/contracts/specs.ts';
import { eventually } from '#tests/support/api.ts';
import { testCommand } from '#tests/support/repository.ts';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { newPerson } from '#tests/support/people.ts';
import { planPhase, trackerProject } from '#tests/support/tracker.ts';
import { works, type TaskRow } from '#tests/support/work.ts';

type Run = Answer<typeof getRun>;

const fork = (on: ReturnType<typeof api>, id: string, instruction: string) =>
  on.post<{ run_id: string }>(`/runs/${id}/fork`, { turn: 1, instruction });

describe('a fork', () => {
  test('waits for a slot like any run, keeps to the limits of its project, and leads to its own branch', async () => {
    const played = await playOnShared((request) =>
      request.context.title?.includes('Reviewed') && request.context.kind === 'validation'
        ? reviewPasses(request)
        : works({ Forked: { 'src/forked.js': 'export const forked = 1;\n' } })(request),
    );
    const { api: own, organization_id } = await newPerson();
    const { id: project_id, repository } = await newProject(own, undefined, { limits: { max_usd: 2 } });
    const quick = (title: string) =>
      own.post<{ id: string; task_id: string }>('/tickets', {
        project_id,
        title: `${title} ${played.word}`,
        description: 'Add something.',
        workflow_mode: 'quick',
        force_create: true,
      });
    const first = await quick('Forked');
    const task = await own.until<TaskRow>(`/tasks/${first.task_id}`, (row) => row.status === 'completed', 60_000);
    const runs = await own.list(listRuns, { query: { task_id: first.task_id } });
    const [worked, reviewed] = ['task', 'validation'].map((kind) => runs.find((run) => run.kind === kind)?.id ?? '');

    await own.ok('PATCH', `/organizations/${organization_id}`, { max_concurrent_agents: 1 });
    const busy = await quick('Hangs');
    await own.until<TaskRow>(`/tasks/${busy.task_id}`, (row) => row.status === 'running');
    await own.ok('PATCH', `/projects/${project_id}`, { settings: { limits: { max_usd: 1 } } });
    const { run_id } = await fork(own, worked ?? '', 'Do it again.');
    const waiting = await own.until<Run>(`/runs/${run_id}`, (run) => run.waiting_for === 'slot');
    expect(waiting).toMatchObject({ status: 'waiting', started_at: null, limits: { max_usd: 1 } });
    await own.post(`/tickets/${busy.id}/cancel`);
    const done = await own.until<Run>(`/runs/${run_id}`, (run) => run.ended_at !== null, 60_000);
    expect(done).toMatchObject({ status: 'completed', forked_from: { run_id: worked, turn: 1 } });
    expect(repository.git('show', `${done.branch}:src/forked.js`)).toContain('forked');
    expect(await own.get<TaskRow>(`/tasks/${first.task_id}`)).toEqual(task);

    // The review of a fork counts for nobody else.
    const again = await fork(own, reviewed ?? '', 'Look again.');
    const judged = await own.until<Run>(`/runs/${again.run_id}`, (run) => run.ended_at !== null, 60_000);
    expect(judged).toMatchObject({ status: 'completed', outcome: { passed: true } });
    expect((await own.get<{ items: unknown[] }>(`/tasks/${first.task_id}/reviews`)).items).toHaveLength(1);

    await own.ok('PATCH', `/projects/${project_id}`, { status: 'archived' });
    const refused = await own.request('POST', `/runs/${worked}/fork`, { turn: 1, instruction: 'Once more.' });
    expect(refused).toMatchObject({ status: 409, body: { message: expect.stringContaining('archived') } });
    await played.stop();
  });

  test('is compared with its original, and adopted for a completed and for a failed task', async () => {
    const source = (n: number) => `export const forked = ${n};\n`;
    const played = await playOnShared((request) => {
      const value = answerValue(request);
      if (value) return value;
      if (request.context.kind === 'validation') return reviewPasses(request);
      if (request.raw.includes('Write two.'))
        return finishTask(
          request,
          { 'src/forked.js': '' },
          `echo '${source(2).trim()}' > src/forked.js; ${testCommand}`,
        );
      if (request.context.title?.includes('Fails') && request.context.attempt === 1 && request.step > 0)
        return { hang: true };
      const takesOver = request.context.title?.startsWith('Adopt') || request.context.attempt === 2;
      return finishTask(request, takesOver ? { 'src/seen.js': source(0) } : { 'src/forked.js': source(1) });
    });
    const { id: project_id, repository } = await newProject();
    const ticketOf = (title: string) =>
      api().post<{ id: string; task_id: string }>('/tickets', {
        project_id,
        title: `${title} ${played.word}`,
        description: 'Write src/forked.js.',
        workflow_mode: 'quick',
        force_create: true,
      });
    const taskIs = (id: string, status: string) =>
      api().until<TaskRow>(`/tasks/${id}`, (row) => row.status === status, 90_000);
    const forkOf = async (task_id: string) => {
      const [run] = await api().list(listRuns, { query: { task_id, kind: 'task' } });
      const { run_id } = await fork(api(), run?.id ?? '', 'Write two.');
      const early = await api().request('POST', `/runs/${run_id}/adopt`);
      expect(early).toMatchObject({ status: 409, body: { message: expect.stringContaining('no accepted work') } });
      await api().until<Run>(`/runs/${run_id}`, (row) => row.ended_at !== null, 60_000);
      return { original: run?.id ?? '', run_id };
    };

    const [works, fails] = [await ticketOf('Works'), await ticketOf('Fails')];
    await taskIs(works.task_id, 'completed');
    const { original, run_id } = await forkOf(works.task_id);
    const compared = await api().call(compareRuns, { params: { id: original }, query: { with: run_id } });
    expect(compared).toMatchObject({
      runs: [
        { id: original, status: 'completed', files: [{ path: 'src/forked.js', lines_added: 1 }] },
        { id: run_id, status: 'completed', files: [{ path: 'src/forked.js', lines_added: 1 }] },
      ],
      between: { files: [{ path: 'src/forked.js', change_type: 'modified' }] },
    });
    expect(compared.between.patch).toContain('+export const forked = 2;');
    const pull = await api().until<{ items: { branch: string }[] }>(
      `/pull-requests?ticket_id=${works.id}`,
      ({ items }) => items.length === 1,
    );
    expect(await api().request('POST', `/runs/${original}/adopt`)).toMatchObject({ status: 409 });
    const { task_id } = await api().call(adoptRun, { params: { id: run_id } });
    expect(task_id).not.toBe(works.task_id);
    await taskIs(task_id, 'completed');
    const branch = pull.items[0]?.branch ?? '';
    await eventually('the branch has the work of the fork', () =>
      repository.git('show', `${branch}:src/forked.js`).includes('forked = 2'),
    );
    expect(await api().request('POST', `/runs/${run_id}/adopt`)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('adopted already, by TSK-') },
    });

    await api().until<Run>(
      `/runs?task_id=${fails.task_id}`,
      (page) => JSON.stringify(page).includes('"turn":1'),
      60_000,
    );
    await api().post(`/tasks/${fails.task_id}/fail`, { reason: 'It hangs.' });
    await taskIs(fails.task_id, 'failed');
    const second = await forkOf(fails.task_id);
    expect(await api().call(adoptRun, { params: { id: second.run_id } })).toMatchObject({ task_id: fails.task_id });
    const done = await taskIs(fails.task_id, 'completed');
    expect(done.attempt).toBe(2);
    expect(repository.git('show', `${done.branch}:src/forked.js`)).toContain('forked = 2');
    await played.stop();
  });

  test('of a planning run keeps its result to itself: the phase stays as it was judged', async () => {
    let forked = false;
    const played = await playOnShared(
      (request) =>
        answerValue(request) ??
        planPhase(request, (phase, _attempt, good) =>
          forked && phase === 'requirements' ? { ...good, feature_name: 'The fork' } : good,
        ),
    );
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: `Export ${played.word}`,
      description: `Tasks as a CSV file, for ${played.word}.`,
      auto_execute: true,
      gate_policy: { mode: 'ask', phases: ['requirements'] },
    });
    await api().until<Answer<typeof getSpec>>(`/specs/${spec_id}`, (spec) => spec.waiting_for === 'gate', 60_000);
    const before = await api().call(phaseData, { params: { id: spec_id } });
    const runs = await api().list(listRuns, { query: { spec_id } });
    const source = runs.find((run) => run.phase === 'requirements');
    forked = true;
    const { run_id } = await fork(api(), source?.id ?? '', 'Drop the second requirement.');
    const done = await api().until<Run>(`/runs/${run_id}`, (run) => run.ended_at !== null, 60_000);
    expect(done).toMatchObject({ status: 'completed', outcome: { submission: { feature_name: 'The fork' } } });
    expect(await api().call(phaseData, { params: { id: spec_id } })).toEqual(before);
    expect(await api().call(getSpec, { params: { id: spec_id } })).toMatchObject({ waiting_for: 'gate' });
    await api().post(`/specs/${spec_id}/cancel`);
    await played.stop();
  });
});
