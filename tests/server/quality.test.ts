import { OwnServer } from '#tests/support/own-server.ts';

let server: OwnServer;
let project_id = '';
let organization_id = '';
beforeAll(async () => {
  server = await OwnServer.start('quality');
  project_id = server.place.project.id;
  organization_id = server.place.organization.id;
});
afterAll(() => server.close());

const call = (method: string, address: string, body?: object) => server.request(method, address, body);

test('[EXEC-40] numbers of a task are recorded, the newest ones pass the gate or fail it with a reason, and days show the way', async () => {
  const description = 'It is done once.';
  const { ticket } = await server.store.tickets.create({
    ...{ organization_id, project_id, user_id: null, phase_id: 'PHASE_IMPLEMENTATION', status: 'backlog' },
    ...{ title: 'Measure', description, priority: 'LOW', workflow_mode: 'quick' },
  });
  const task = await server.store.tasks.create({
    ...{ organization_id, project_id, ticket_id: ticket.id, phase_id: 'PHASE_IMPLEMENTATION', title: 'Measure' },
    ...{ task_type: 'implement_feature', priority: 'LOW', description },
  });
  const record = (metric_type: string, value: number) =>
    call('POST', '/quality/metrics/record', { task_id: task.id, metric_type, value });
  const gate = async () => (await call('POST', '/quality/gates/default/evaluate', { task_id: task.id })).body;
  expect((await gate()).results[0]).toMatchObject({ metric_type: 'coverage', value: null, passed: false });
  for (const [type, value] of [
    ['coverage', 79],
    ['lint', 0],
    ['complexity', 4],
  ] as const)
    expect((await record(type, value)).status).toBe(201);
  expect(await gate()).toMatchObject({
    passed: false,
    results: [
      { metric_type: 'coverage', reason: 'coverage is 79, wanted >= 80' },
      { passed: true },
      { passed: true },
      { passed: true },
    ],
  });
  await record('coverage', 80);
  expect(await gate()).toMatchObject({ passed: true });
  expect((await call('GET', `/quality/metrics/${task.id}`)).body.items).toHaveLength(4);
  expect((await call('GET', `/quality/trends?project_id=${project_id}`)).body).toMatchObject({
    points: [{ mean: 79.5, min: 79, max: 80, count: 2 }],
    change: null,
  });
  expect((await record('coverage', 101)).status).toBe(400);
  expect((await record('beauty', 1)).status).toBe(422);
  expect((await call('POST', '/quality/gates/other/evaluate', { task_id: task.id })).status).toBe(404);
});

test('[MEM-11] without anything known a prediction is even and unsure; what succeeded before makes it better', async () => {
  const predict = (task_description: string) =>
    call('POST', '/quality/predict', { project_id, task_description }).then(({ body }) => body);
  expect(await predict('Export the report as CSV')).toEqual({
    ...{ predicted_score: 0.5, confidence: 0.1, risk_level: 'high', similar_tasks: [], patterns: [] },
  });
  for (const name of ['yearly', 'monthly'])
    await call('POST', '/memory/store', { project_id, execution_summary: `Export the ${name} report as CSV, quoted.` });
  const known = await predict('Export the monthly report as CSV, quoted.');
  expect(known.similar_tasks.length).toBeGreaterThan(0);
  expect(known.predicted_score).toBeGreaterThan(0);
  expect(known.confidence).toBeGreaterThan(0.1);
});
