import { OwnServer } from '#tests/support/own-server.ts';
import { largePlan } from '#tests/support/large-plan.ts';

let server: OwnServer;
beforeAll(async () => {
  server = await OwnServer.start('large-plan');
});
afterAll(() => server.close());

test('[PLAN-18] [PLAN-21] a plan of 60 requirements and 120 tasks passes every gate as an import, and is on the board at once', async () => {
  const { explore, prd, requirements, design, tasks } = largePlan();
  const imported = await server.request('POST', '/specs/import', {
    project_id: server.place.project.id,
    spec: { title: 'Export all fields', description: 'All fields as CSV.' },
    phases: { explore, prd, requirements, design, tasks },
  });
  expect(imported).toMatchObject({ status: 201, body: { current_phase: 'tasks' } });
  const { id } = imported.body;
  const synced = await server.request('POST', `/specs/${id}/sync`);
  expect(synced.body).toMatchObject({ requirements_created: 60, criteria_created: 120, tasks_created: 120 });
  expect((await server.request('POST', `/specs/${id}/sync`)).body).toMatchObject({
    tasks_created: 0,
    tasks_skipped: 120,
  });
  const { rows, coverage_percent } = (await server.request('GET', `/specs/${id}/traceability`)).body;
  expect(coverage_percent).toBe(100);
  expect(rows).toHaveLength(60);
  for (const row of rows) expect(row).toMatchObject({ tasks: [{}, {}], tickets: [{}, {}] });
});
