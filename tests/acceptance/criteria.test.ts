import type { Answer } from '#server/contracts/client.ts';
import type { getPullRequest } from '#server/contracts/pull-requests.ts';
import { type getSpec, specCoverage } from '#server/contracts/specs.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { playTracker, trackerProject } from '#tests/support/tracker.ts';
import { taskIs, type TaskRow } from '#tests/support/work.ts';

describe('the criteria of a spec', () => {
  test('are met when every task that serves their requirement is completed, reviewed or not', async () => {
    const played = await playOnShared((request, word) =>
      request.context.kind === 'task' && request.context.task_ref === 'TSK-003'
        ? { hang: true }
        : playTracker(request, word),
    );
    const { id: project_id } = await newProject(api(), trackerProject, { validation: 'none' });
    const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: `Export ${played.word}`,
      description: `Tasks as a CSV file, for ${played.word}.`,
      auto_execute: true,
    });
    const tasks = async () =>
      Object.fromEntries((await api().all<TaskRow>(`/tasks?spec_id=${spec_id}`)).map((row) => [row.local_id, row.id]));
    await api().until<Answer<typeof getSpec>>(`/specs/${spec_id}`, (spec) => spec.branch !== null, 60_000);
    await api().until<{ items: TaskRow[] }>(`/tasks?spec_id=${spec_id}`, ({ items }) => items.length === 3, 60_000);
    const ids = await tasks();
    await taskIs(ids['TSK-003'] ?? '', 'running');
    const met = async () =>
      Object.fromEntries(
        (await api().call(specCoverage, { params: { id: spec_id } })).matrix.map((row) => [
          row.requirement_id,
          row.criteria.map((criterion) => criterion.completed),
        ]),
      );
    // TSK-001 is completed and serves the first requirement, but so does TSK-003.
    expect(await met()).toEqual({ 'REQ-EXPORT-FUNC-001': [false, false], 'REQ-EXPORT-SEC-001': [true, true] });

    await api().post(`/tasks/${ids['TSK-003']}/cancel`);
    await api().until<Answer<typeof getSpec>>(`/specs/${spec_id}`, (spec) => spec.status === 'pr_created', 60_000);
    const [pull] = await api().all<Answer<typeof getPullRequest>>(`/pull-requests?project_id=${project_id}`);
    const rows = (pull?.body ?? '').split('\n').filter((line) => line.startsWith('| REQ-'));
    expect(rows.map((row) => row.split(' | ').at(-1))).toEqual(['0/2, TSK-003 was cancelled |', '2/2, not reviewed |']);
    const events = await api().all<{ type: string; data: object }>(`/specs/${spec_id}/events`);
    const completed = events.filter((event) => event.type === 'criterion.completed').map((event) => event.data);
    expect(completed).toHaveLength(2);
    for (const data of completed) expect(data).toMatchObject({ requirement_id: 'REQ-EXPORT-SEC-001' });
    await played.stop();
  });
});
