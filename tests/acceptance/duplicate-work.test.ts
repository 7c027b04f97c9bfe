import type { Played } from '#tests/support/played-model.ts';
import { call } from '#tests/support/scripts.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { busy } from '#tests/support/watched-run.ts';
import { addTask, newTicket, taskIs } from '#tests/support/work.ts';

interface Duplicate {
  first_run_id: string;
  second_run_id: string;
}

/** Every pair that the judge is shown is the same work. */
const judged = (request: Played) => {
  const pairs = [...request.last.matchAll(/"first_run_id":"([^"]+)".*?"second_run_id":"([^"]+)"/g)];
  const duplicates = pairs.map(([, first_run_id, second_run_id]) => ({
    ...{ first_run_id, second_run_id, is_duplicate: true, similarity_score: 0.9, confidence: 0.9 },
    ...{ work_description: 'Both write the export.', resources: ['src/log.txt'] },
  }));
  return { tools: [call('give_duplicates', { duplicates })] };
};

test('[WATCH-06] two agents on one job in one phase are one pair; the same job in other phases is none', async () => {
  const played = await playOnShared((request) =>
    request.context.kind === 'conductor' ? judged(request) : busy({ still: request.step > 1 })(request),
  );
  const { id: project_id } = await newProject();
  const ticket = await newTicket(project_id, `Export ${played.word}`);
  const run = async (phase_id: string) => {
    const { id } = await addTask(ticket.id, `Write the export of rooms ${played.word}`, { phase_id });
    return (await taskIs(id, 'running')).run_id ?? '';
  };
  const services = await stackServices();
  const { organization_id } = await api().get<{ organization_id: string }>(`/projects/${project_id}`);
  const health = async (cycle: number) => {
    await services.activities.conductProject({ organization_id, project_id, cycle });
    return api().get<{ recent_duplicates: Duplicate[]; termination_count: number; coordination_count: number }>(
      `/monitor/intelligent/health?project_id=${project_id}`,
    );
  };
  const one = await run('PHASE_IMPLEMENTATION');
  const elsewhere = await run('PHASE_TESTING');
  expect(await health(901)).toMatchObject({ recent_duplicates: [], termination_count: 0, coordination_count: 0 });
  const other = await run('PHASE_IMPLEMENTATION');
  const { recent_duplicates: pairs } = await health(902);
  expect(pairs).toHaveLength(1);
  const [pair] = pairs as [Duplicate];
  expect([pair.first_run_id, pair.second_run_id].sort()).toEqual([one, other].sort());
  await api().post(`/runs/${elsewhere}/steer`, { kind: 'stop', message: 'Enough.' });
  await api().until<{ ended_at: string | null }>(`/runs/${elsewhere}`, (row) => row.ended_at !== null);
  expect((await health(903)).termination_count).toBeGreaterThanOrEqual(1);
  await services.close();
  await api().post(`/tickets/${ticket.id}/cancel`);
  await played.stop();
});
