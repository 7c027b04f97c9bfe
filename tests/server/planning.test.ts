import { randomUUID } from 'node:crypto';
import { createNoEmbeddings } from '#activities/adapters/embeddings/none.ts';
import { newPlace } from '#tests/support/own-store.ts';
import { OwnServer } from '#tests/support/own-server.ts';
import { plannedSpec } from '#tests/support/planned-spec.ts';

let server: OwnServer;
let project_id = '';
let organization_id = '';
beforeAll(async () => {
  server = await OwnServer.start('planning');
  project_id = server.place.project.id;
  organization_id = server.place.organization.id;
});
afterAll(() => server.close());

const call = (method: string, address: string, body?: object) => server.request(method, address, body);

const planned = (...phases: Parameters<typeof plannedSpec>[1]) => plannedSpec(server, phases);

test('[PLAN-19] a plan starts after its design has passed, with one task for each planned one, and only once', async () => {
  const early = await planned('explore', 'prd', 'requirements');
  expect(await call('POST', `/specs/${early.id}/execute-tasks`, {})).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('not approved') },
  });
  const { id, outputs } = await planned('explore', 'prd', 'requirements', 'design', 'tasks');
  const count = outputs.tasks.tasks.length;
  expect((await call('POST', `/specs/${id}/execute-tasks`, {})).body).toMatchObject({ tasks_created: count });
  expect((await call('POST', `/specs/${id}/execute-tasks`, {})).body).toMatchObject({
    ...{ tasks_created: 0, tasks_skipped: count },
  });
  const tasks = await server.store.tasks.ofSpec(id);
  expect(tasks.map(({ local_id }) => local_id).sort()).toEqual(outputs.tasks.tasks.map((task) => task.id).sort());
});

test('[PLAN-19] only the wanted tasks of a plan and what they need start; the others say who starts them', async () => {
  const { id } = await planned('explore', 'prd', 'requirements', 'design', 'tasks');
  const start = (body: object) => call('POST', `/specs/${id}/execute-tasks`, body);
  const heldBack = async () => {
    const tasks = await server.store.tasks.ofSpec(id);
    const order = { taskIds: tasks.map((task) => task.id), holders: [] };
    const held = await server.store.slots.holdBack(organization_id, order, 0);
    return tasks.filter((task) => held.some((one) => one.task_id === task.id)).map(({ local_id }) => local_id);
  };
  await start({});
  expect(await heldBack()).toEqual([]);
  const [first, second] = (await server.store.tasks.ofSpec(id)).map(({ local_id }) => local_id ?? '');
  const needsFirst = (await server.store.tasks.ofSpec(id)).filter(({ depends_on: before }) => before.length > 0);
  expect(needsFirst.length).toBeGreaterThan(0);

  expect(await start({ task_ids: [first] })).toMatchObject({ status: 200, body: { tasks_created: 0 } });
  expect(await heldBack()).toContain(second);
  expect(await heldBack()).not.toContain(first);
  const [left] = (await server.store.tasks.ofSpec(id)).filter(({ waiting_for }) => waiting_for === 'person');
  expect(left?.waiting_reason).toContain('execute-tasks');

  // Bad input changes nothing.
  const before = await heldBack();
  expect(await start({ task_ids: ['TSK-999'] })).toMatchObject({
    status: 400,
    body: { details: [{ field: 'task_ids' }] },
  });
  expect((await start({ task_ids: [] })).status).toBe(422);
  expect(await heldBack()).toEqual(before);

  // The last one needs everything.
  const last = (await server.store.tasks.ofSpec(id)).at(-1);
  await start({ task_ids: [last?.id] });
  expect(await heldBack()).not.toContain(last?.local_id);
  expect(await heldBack()).not.toContain(first);
  await start({});
  expect(await heldBack()).toEqual([]);
});

test('[PLAN-21] an export is imported as the same spec, by JSON or by files, and goes on after its last phase', async () => {
  const { id, outputs } = await planned('explore', 'prd', 'requirements', 'design', 'tasks');
  const exported = async (of: string, format: string) =>
    (await call('GET', `/specs/${of}/export?format=${format}`)).body;
  const json = await exported(id, 'json');
  const { files } = await exported(id, 'files');
  const importing = (body: object) => call('POST', '/specs/import', { project_id, force_create: true, ...body });
  for (const body of [{ files }, { spec: json.spec, phases: json.phases }]) {
    const imported = await importing(body);
    expect(imported).toMatchObject({
      status: 201,
      body: { title: 'Export tasks', description: 'As CSV.', status: 'draft', current_phase: 'tasks', progress: 80 },
    });
    expect((await exported(imported.body.id, 'json')).phases).toEqual(json.phases);
    const [summary, ...parts] = (await exported(imported.body.id, 'files')).files;
    expect(parts).toEqual(files.slice(1));
    expect(summary.content).toContain(imported.body.id);
    const sync = await call('POST', `/specs/${imported.body.id}/sync`);
    expect(sync.body).toMatchObject({ tasks_created: outputs.tasks.tasks.length });
  }
  // A twin is answered with what there is, and bad input creates nothing.
  const count = async () => (await call('GET', `/specs?project_id=${project_id}&limit=200`)).body.items.length;
  const before = await count();
  expect((await importing({ files, force_create: false })).body).toMatchObject({ is_duplicate: true });
  const { design: _design, ...gap } = json.phases;
  const refusals: [object, number, string][] = [
    [{}, 400, 'files'],
    [{ spec: json.spec, phases: gap }, 400, 'phases.tasks'],
    [{ spec: json.spec, phases: { ...json.phases, explore: { tech_stack: 'none' } } }, 422, 'phases.explore'],
    [
      {
        spec: json.spec,
        phases: { explore: { ...json.phases.explore, key_files: [], tech_stack: [], discovery_questions: [] } },
      },
      400,
      'phases.explore',
    ],
    [{ files: files.slice(1) }, 422, 'files'],
  ];
  for (const [body, status, field] of refusals) {
    const answer = await importing(body);
    expect(answer.status).toBe(status);
    expect(answer.body.details[0].field).toContain(field);
  }
  expect(await count()).toBe(before);
});

const words = { title: 'Dark mode', description: 'Pages follow the setting of the system.' };
const ticket = (body: object = {}) =>
  call('POST', '/tickets', { project_id, workflow_mode: 'spec_driven', check_duplicates: true, ...words, ...body });

test('[PLAN-30] a repeated ticket gets the similar ones as its answer, force creates it, and another tenant sees none', async () => {
  const first = (await ticket()).body;
  const repeated = await ticket();
  expect(repeated).toMatchObject({
    status: 200,
    body: {
      is_duplicate: true,
      highest_similarity: 1,
      candidates: [{ ticket_id: first.id, ...words, similarity_score: 1 }],
    },
  });
  const check = await call('POST', '/tickets/check-duplicates', { project_id, ...words });
  expect(check.body).toMatchObject({ is_duplicate: true, candidates: [{ ticket_id: first.id }] });
  expect((await ticket({ force_create: true })).status).toBe(201);
  // Another project, of this tenant or of another one, has none of them.
  const other = await newPlace(server.store, 'planning-neighbour');
  const found = await server.store.tickets.similar(other.project.id, words.title, words.description, [], 0.1);
  expect(found).toEqual([]);
  expect((await ticket({ project_id: other.project.id })).status).toBe(404);
});

test('[PLAN-01] a spec_driven ticket starts one spec with its words, and ends when the work of that spec is merged', async () => {
  const planned = { title: 'Gift cards', description: 'They can be bought and spent.' };
  const { id } = (await ticket(planned)).body;
  const started = await call('POST', `/tickets/${id}/plan`);
  expect(started).toMatchObject({ status: 201, body: { ticket_id: id } });
  const { spec_id } = started.body;
  expect((await call('GET', `/specs/${spec_id}`)).body).toMatchObject({ ...planned, status: 'executing' });
  expect((await call('GET', `/specs/${spec_id}/linked-tickets`)).body.items).toMatchObject([
    { id, status: 'analyzing' },
  ]);
  // Called again, it names the same spec.
  expect((await call('POST', `/tickets/${id}/plan`)).body).toEqual(started.body);
  await server.store.tickets.endPlanned(organization_id, spec_id, 'platform');
  expect((await call('GET', `/tickets/${id}`)).body.status).toBe('done');
  expect((await call('POST', `/tickets/${id}/plan`)).status).toBe(409);

  const withTask = (await ticket({ title: 'Coupons', description: 'They expire.' })).body.id as string;
  await server.store.tasks.create({
    ...{ organization_id, project_id, ticket_id: withTask, phase_id: 'PHASE_IMPLEMENTATION', task_type: 'x' },
    ...{ title: 'T', description: 'd', priority: 'LOW' },
  });
  expect((await call('POST', `/tickets/${withTask}/plan`)).body.message).toContain('has tasks');
  const quick = (await ticket({ title: 'Refunds', description: 'In a day.', workflow_mode: 'quick' })).body
    .id as string;
  expect((await call('POST', `/tickets/${quick}/plan`)).status).toBe(409);
  expect((await call('POST', `/tickets/${project_id}/plan`)).status).toBe(404);
});

test('[PLAN-29] a respaced copy is skipped within one plan too, and in a second one', async () => {
  const { id, outputs } = await planned('explore', 'prd', 'requirements', 'design');
  const { tasks } = outputs;
  const [first] = tasks.tasks;
  const copy = {
    ...first!,
    id: 'TSK-900',
    title: `  ${first!.title.toUpperCase()} `,
    dependencies: { depends_on: [], blocks: [] },
  };
  const { specs } = server.store;
  await specs.startAttempt(organization_id, id, 'tasks', 1, randomUUID());
  const home = tasks.tickets.map((one) =>
    one.id === first!.parent_ticket ? { ...one, tasks: [...one.tasks, copy.id] } : one,
  );
  await specs.saveOutput(id, 'tasks', 1, { ...tasks, tickets: home, tasks: [...tasks.tasks, copy] });
  await specs.judgeAttempt(
    ...([organization_id, id, 'tasks', 1] as const),
    { passed: true, score: 1, criteria: [], vetoes: [], feedback: '' } as unknown as Parameters<
      typeof specs.judgeAttempt
    >[4],
    3,
  );
  expect((await call('POST', `/specs/${id}/sync`)).body).toMatchObject({
    ...{ tasks_created: tasks.tasks.length, tasks_skipped: 1 },
  });
  expect((await call('POST', `/specs/${id}/sync`)).body).toMatchObject({ tasks_created: 0, requirements_created: 0 });
});

test('[PLAN-29] [DEDUP-01] without embeddings, texts that differ in case and spaces are the same, and a comma tells them apart', async () => {
  const plain = await OwnServer.start('without-embeddings', createNoEmbeddings());
  try {
    const create = (title: string, description = 'At night, it runs.') =>
      plain.request('POST', '/specs', { project_id: plain.place.project.id, title, description });
    expect((await create('Export as CSV')).status).toBe(201);
    expect(await create(' export  AS csv')).toMatchObject({ status: 200, body: { is_duplicate: true } });
    expect((await create('Export as CSV', 'At night it runs.')).status).toBe(201);
    const order = {
      project_id: plain.place.project.id,
      workflow_mode: 'spec_driven',
      check_duplicates: true,
      ...words,
    };
    const first = await plain.request('POST', '/tickets', order);
    expect(first.status).toBe(201);
    expect((await plain.request('POST', '/tickets', { ...order, title: 'dark\tMODE' })).body).toMatchObject({
      candidates: [{ ticket_id: first.body.id }],
    });
    expect((await plain.request('POST', '/tickets', { ...order, title: 'Dark modes' })).status).toBe(201);
  } finally {
    await plain.close();
  }
});
