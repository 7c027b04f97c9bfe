import { systemRoles } from '#workflows/domain/access/permissions.ts';
import { OwnServer } from '#tests/support/own-server.ts';

let server: OwnServer;
let project_id = '';
beforeAll(async () => {
  server = await OwnServer.start('gates');
  project_id = server.place.project.id;
});
afterAll(() => server.close());
afterEach(() => {
  server.grants = { role: 'owner', permissions: ['*:*'] };
});

const call = (method: string, address: string, body?: object) => server.request(method, address, body);
const asMember = () => {
  server.grants = { role: 'member', permissions: [...systemRoles.member] };
};

async function newTicket(phase_id: string, status = 'backlog') {
  const { ticket } = await server.store.tickets.create({
    ...{ organization_id: server.place.organization.id, project_id, user_id: null, phase_id, status },
    ...{ title: 'A cart', description: 'It keeps its items.', priority: 'LOW', workflow_mode: 'spec_driven' },
  });
  return ticket;
}

/** A completed task of a phase, with the result of its work. */
async function completedTask(ticket_id: string, phase_id: string, summary = 'Did it.') {
  const organization_id = server.place.organization.id;
  const { id } = await server.store.tasks.create({
    ...{ organization_id, project_id, ticket_id, phase_id, task_type: 'x', title: 'T', description: 'd' },
    ...{ priority: 'LOW', result: { summary } },
  });
  for (const to of ['claiming', 'assigned', 'running', 'completed'])
    await server.store.tasks.move(organization_id, id, to);
  return id;
}

const artifact = (id: string, artifact_type: string, artifact_content: unknown) =>
  call('POST', `/tickets/${id}/artifacts`, { artifact_type, artifact_content });

test('[PLAN-26] coverage of 79 closes the gate with its reason, 80 opens it, and the attempts are kept', async () => {
  const { id } = await newTicket('PHASE_IMPLEMENTATION', 'building');
  expect((await call('GET', `/tickets/${id}/gate-status`)).body).toMatchObject({
    ...{ phase_id: 'PHASE_IMPLEMENTATION', gate_status: 'failed', requirements_met: false },
    blocking_reasons: [expect.stringContaining('no completed task'), expect.stringContaining('it is missing')],
  });
  await completedTask(id, 'PHASE_IMPLEMENTATION');
  expect(await artifact(id, 'code_changes', { has_tests: true, test_coverage: 79 })).toMatchObject({ status: 201 });
  const refused = await call('POST', `/tickets/${id}/phase-transition`, { to_phase: 'PHASE_TESTING' });
  const [reason] = refused.body.details.blocking_reasons as string[];
  expect(refused.status).toBe(400);
  expect(reason).toContain('test_coverage is 79, wanted >= 80');
  expect((await call('GET', `/tickets/${id}/can-transition/PHASE_TESTING`)).body).toMatchObject({
    ...{ can_transition: false, blocking_reasons: [reason] },
  });
  expect((await call('POST', `/tickets/${id}/validate-gate`)).body).toMatchObject({
    attempt: 1,
    gate_status: 'failed',
  });
  expect((await call('POST', `/tickets/${id}/check-advance`)).body).toMatchObject({
    ...{ advanced: false, blocking_reasons: [reason], ticket: { phase_id: 'PHASE_IMPLEMENTATION' } },
  });

  await artifact(id, 'code_changes', { has_tests: true, test_coverage: 80 });
  expect((await call('POST', `/tickets/${id}/check-advance`)).body).toMatchObject({
    ...{ advanced: true, ticket: { phase_id: 'PHASE_TESTING', status: 'testing' } },
  });
  const { items } = (await call('GET', `/tickets/${id}/gate-results`)).body;
  expect(items).toMatchObject([
    { attempt: 2, gate_status: 'passed', decision: 'approved' },
    { attempt: 1, gate_status: 'failed', decision: 'judged', blocking_reasons: [reason] },
  ]);
  const { items: brought } = (await call('GET', `/tickets/${id}/artifacts`)).body;
  expect(brought.map((one: { artifact_content: object }) => one.artifact_content)).toMatchObject([
    { test_coverage: 79 },
    { test_coverage: 80 },
  ]);
});

test('[PLAN-26] a closed gate is passed by force with a reason, by owners and admins alone; other phases are refused', async () => {
  const { id } = await newTicket('PHASE_IMPLEMENTATION', 'building');
  const move = (body: object) =>
    call('POST', `/tickets/${id}/phase-transition`, { to_phase: 'PHASE_TESTING', ...body });
  expect(await move({ force: true })).toMatchObject({ status: 400, body: { details: [{ field: 'reason' }] } });
  asMember();
  expect((await move({ force: true, reason: 'It is urgent' })).status).toBe(403);
  server.grants = { role: 'owner', permissions: ['*:*'] };
  expect(await move({ to_phase: 'PHASE_NOWHERE' })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'to_phase' }] },
  });
  expect(await move({ to_phase: 'PHASE_DESIGN' })).toMatchObject({
    ...{ status: 400, body: { message: expect.stringContaining('It may go to PHASE_TESTING, PHASE_DONE') } },
  });
  expect((await call('GET', `/tickets/${id}`)).body).toMatchObject({
    phase_id: 'PHASE_IMPLEMENTATION',
    status: 'building',
  });
  expect(await move({ force: true, reason: 'It is urgent' })).toMatchObject({
    ...{ status: 200, body: { ticket: { phase_id: 'PHASE_TESTING', status: 'testing' } } },
  });
  const { items } = (await call('GET', `/tickets/${id}/gate-results`)).body;
  expect(items).toMatchObject([{ decision: 'overridden', reason: 'It is urgent', decided_by: 'owner@example.test' }]);
  // A way back needs no gate, and its finding stays with the ticket.
  const back = await move({ to_phase: 'PHASE_IMPLEMENTATION', validation_feedback: 'The sum is wrong.' });
  expect(back.body.ticket).toMatchObject({ status: 'building', validation_feedback: 'The sum is wrong.' });
});

test('[PLAN-26] a ticket is complete only once it was tested, and passes each status on its way', async () => {
  const { id } = await newTicket('PHASE_IMPLEMENTATION', 'building');
  await completedTask(id, 'PHASE_IMPLEMENTATION');
  await artifact(id, 'code_changes', { has_tests: true, test_coverage: 90 });
  const early = await call('POST', `/tickets/${id}/complete`, {});
  expect(early).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('the gate of Testing is closed') },
  });
  await call('POST', `/tickets/${id}/check-advance`);
  await completedTask(id, 'PHASE_TESTING');
  await artifact(id, 'test_results', { all_passed: true, passed: 12 });
  await artifact(id, 'test_evidence', 'The log of the run.');
  expect(await call('POST', `/tickets/${id}/complete`, {})).toMatchObject({
    ...{ status: 200, body: { status: 'done', phase_id: 'PHASE_DONE' } },
  });
  expect((await call('POST', `/tickets/${id}/complete`, {})).status).toBe(400);
});

test('[PLAN-26] a phase begins with its task, but not while tasks are open', async () => {
  const { id } = await newTicket('PHASE_BACKLOG');
  const begun = await call('POST', `/tickets/${id}/phase-transition`, {
    to_phase: 'PHASE_REQUIREMENTS',
    spawn_tasks: true,
  });
  expect(begun).toMatchObject({
    ...{ status: 200, body: { ticket: { status: 'analyzing' }, not_spawned: null } },
  });
  expect(begun.body.spawned).toMatchObject([
    { task_type: 'generate_prd', phase_id: 'PHASE_REQUIREMENTS', role: 'planner' },
  ]);
  const again = await call('POST', `/tickets/${id}/spawn-phase-tasks`);
  expect(again.body).toMatchObject({ spawned: [], not_spawned: expect.stringContaining('are open') });
  // The gate of requirements is closed: only who may force takes the fast track from here.
  asMember();
  expect((await call('POST', `/tickets/${id}/fast-track`, {})).status).toBe(403);
  const other = await newTicket('PHASE_BACKLOG');
  expect((await call('POST', `/tickets/${other.id}/fast-track`, {})).body).toMatchObject({
    ticket: { phase_id: 'PHASE_IMPLEMENTATION', status: 'building' },
    spawned: [{ task_type: 'implement_feature' }],
  });
  expect((await call('POST', `/tickets/${other.id}/fast-track`, {})).status).toBe(400);
});

test('[MEM-10] a decision of the requirements reaches the task of the design', async () => {
  const { id } = await newTicket('PHASE_REQUIREMENTS', 'analyzing');
  await completedTask(
    id,
    'PHASE_REQUIREMENTS',
    'Wrote it.\n\nDecisions:\n- Prices are integers of cents\n\nRisks:\n- Old carts',
  );
  await artifact(id, 'requirements_document', { decisions: ['A cart lives 30 days'] });
  const design = await completedTask(id, 'PHASE_DESIGN');
  const { context, markdown } = (await call('GET', `/tasks/${design}/context`)).body;
  expect(context.handed_over).toMatchObject([
    { kind: 'decision', text: 'A cart lives 30 days', phase_id: 'PHASE_REQUIREMENTS' },
    { kind: 'decision', text: 'Prices are integers of cents' },
    { kind: 'risk', text: 'Old carts' },
    { kind: 'summary' },
  ]);
  expect(markdown).toContain('- decision (PHASE_REQUIREMENTS): A cart lives 30 days');
  expect((await call('GET', `/tickets/${id}/context?phase_id=PHASE_DESIGN`)).body.handed_over).toHaveLength(4);
  expect((await call('GET', `/tickets/${id}/context`)).body.handed_over).toEqual([]);
});

test('[PLAN-25] a project changes its phases and adds its own; the next gate checks what was changed', async () => {
  const { phases } = (await call('GET', `/configs?project_id=${project_id}`)).body;
  expect(phases.map(({ id }: { id: string }) => id)).toEqual(
    'BACKLOG REQUIREMENTS DESIGN IMPLEMENTATION TESTING DEPLOYMENT DONE BLOCKED'
      .split(' ')
      .map((name) => `PHASE_${name}`),
  );
  expect((await call('GET', '/configs')).body.phases).toHaveLength(8);
  const put = (id: string, body: object) => call('PUT', `/configs/${id}?project_id=${project_id}`, body);
  const audit = { name: 'Audit', sequence_order: 4, status: 'testing', allowed_transitions: ['PHASE_DONE'] };
  expect((await put('AUDIT', audit)).status).toBe(422);
  expect(await put('PHASE_AUDIT', { name: 'Audit' })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'sequence_order' }] },
  });
  expect(await put('PHASE_DONE', { allowed_transitions: ['PHASE_TESTING'] })).toMatchObject({ status: 422 });
  expect(await put('PHASE_TESTING', { done_definitions: [{ text: 'x', rule: 'maybe >=' }] })).toMatchObject({
    status: 422,
  });
  asMember();
  expect((await put('PHASE_AUDIT', audit)).status).toBe(403);
  server.grants = { role: 'owner', permissions: ['*:*'] };
  expect((await call('GET', `/configs/PHASE_AUDIT?project_id=${project_id}`)).status).toBe(404);
  expect(await put('PHASE_AUDIT', audit)).toMatchObject({ status: 200, body: { id: 'PHASE_AUDIT', own: true } });
  const testing = phases.find(({ id }: { id: string }) => id === 'PHASE_TESTING');
  const done_definitions = [{ text: 'The audit was asked for.', required: true }];
  const allowed_transitions = [...testing.allowed_transitions, 'PHASE_AUDIT'];
  expect(await put('PHASE_TESTING', { done_definitions, allowed_transitions })).toMatchObject({
    ...{ status: 200, body: { name: 'Testing', own: true, done_definitions } },
  });
  expect(await call('DELETE', `/configs/PHASE_AUDIT?project_id=${project_id}`)).toMatchObject({ status: 400 });

  const { id } = await newTicket('PHASE_TESTING', 'testing');
  await completedTask(id, 'PHASE_TESTING');
  await artifact(id, 'test_results', { all_passed: true });
  await artifact(id, 'test_evidence', 'log');
  const to_audit = () => call('POST', `/tickets/${id}/phase-transition`, { to_phase: 'PHASE_AUDIT' });
  expect((await to_audit()).body.details.blocking_reasons).toEqual([
    'The audit was asked for.: nobody has confirmed it.',
  ]);
  // The board and the status cannot pass a gate that the project has defined itself.
  for (const [address, body] of [
    [`/tickets/${id}/transition`, { to_status: 'deploying' }],
    ['/board/move', { ticket_id: id, target_column_id: 'deploying' }],
  ] as const)
    expect(await call('POST', address, body)).toMatchObject({
      status: 400,
      body: { details: { blocking_reasons: [expect.any(String)] } },
    });
  await artifact(id, 'confirmation', { confirms: 'The audit was asked for.' });
  expect((await to_audit()).body.ticket).toMatchObject({ phase_id: 'PHASE_AUDIT', status: 'testing' });
  const changes = (await call('GET', `/projects/${project_id}/changes`)).body.items;
  expect(changes.map((one: { changes: object }) => Object.keys(one.changes)[0])).toEqual([
    'phases.PHASE_TESTING',
    'phases.PHASE_AUDIT',
  ]);
  expect((await call('DELETE', `/configs/PHASE_TESTING?project_id=${project_id}`)).status).toBe(204);
});

test('[PLAN-24] a ticket on which nothing happens is blocked once with its reason, and free once it goes on', async () => {
  const stale = await newTicket('PHASE_IMPLEMENTATION', 'building');
  const [resting, waiting] = [await newTicket('PHASE_BACKLOG'), await newTicket('PHASE_DONE', 'done')];
  const organization_id = server.place.organization.id;
  const look = (seconds: number, id = stale.id) =>
    server.store.tickets.findBlocking(organization_id, id, {
      ...{ after_seconds: 1800, now: new Date(Date.now() + seconds * 1000) },
    });
  expect(await look(1000)).toMatchObject({ blockage: null });
  expect(await look(2000)).toMatchObject({ blockage: { kind: 'waiting_on_clarification' } });
  expect(await look(2300)).toMatchObject({ blockage: { kind: 'waiting_on_clarification' } });
  for (const { id } of [resting, waiting]) expect(await look(9000, id)).toMatchObject({ blockage: null });
  const ticket = () => call('GET', `/tickets/${stale.id}`).then(({ body }) => body);
  expect(await ticket()).toMatchObject({
    ...{ is_blocked: true, blocked_actor: 'platform', blocked_kind: 'waiting_on_clarification', status: 'building' },
    blocked_reason: 'It has no open task. Add a task, or move the ticket on.',
  });
  const events = await server.store.events.after(organization_id, 0, 1000, { entity_ids: [stale.id] });
  expect(events.filter(({ type }) => type === 'ticket.blocked')).toMatchObject([
    { data: { kind: 'waiting_on_clarification', suggested_remediation: 'Add a task, or move the ticket on.' } },
  ]);
  // A task comes: it goes on.
  await completedTask(stale.id, 'PHASE_IMPLEMENTATION');
  expect(await look(1000)).toMatchObject({ blockage: null });
  expect(await ticket()).toMatchObject({ is_blocked: false, blocked_reason: null });
  // A block by a person stays theirs.
  await call('POST', `/tickets/${stale.id}/block`, { reason: 'Which currency?' });
  expect(await look(9000)).toMatchObject({ blockage: null });
  expect(await ticket()).toMatchObject({ blocked_reason: 'Which currency?', blocked_actor: 'owner@example.test' });
  const found = await call('POST', '/tickets/detect-blocking', { project_id, after_seconds: 86_400 });
  expect(found.body).toMatchObject({ blocked: [] });
});
