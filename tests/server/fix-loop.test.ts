import { systemRoles } from '#workflows/domain/access/permissions.ts';
import { OwnServer } from '#tests/support/own-server.ts';

let server: OwnServer;
let project_id = '';
let organization_id = '';
beforeAll(async () => {
  server = await OwnServer.start('fix-loop');
  project_id = server.place.project.id;
  organization_id = server.place.organization.id;
});
afterAll(() => server.close());
afterEach(() => {
  server.grants = { role: 'owner', permissions: ['*:*'] };
});

const fix = (ticket: string, body: object = {}) => server.request('POST', `/tickets/${ticket}/fix`, body);

async function newTicket(more: object = {}) {
  const { ticket } = await server.store.tickets.create({
    ...{ organization_id, project_id, user_id: null, phase_id: 'PHASE_IMPLEMENTATION', status: 'building' },
    ...{ title: 'A cart', description: 'It keeps its items.', priority: 'LOW', workflow_mode: 'quick', ...more },
  });
  return ticket;
}

async function newTask(ticket_id: string, title: string, more: object = {}) {
  return server.store.tasks.create({
    ...{ organization_id, project_id, ticket_id, phase_id: 'PHASE_IMPLEMENTATION', task_type: 'implement_feature' },
    ...{ title, description: `Do: ${title}.`, priority: 'LOW', ...more },
  });
}

const fails = (id: string, error_message = 'The test "keeps its items" fails.') =>
  server.store.tasks.move(organization_id, id, 'failed', { patch: { error_message } });

test('[EXEC-39] a failed task gets a fix and a check of high priority, both linked in the graph, which take its place', async () => {
  const ticket = await newTicket();
  const failed = await newTask(ticket.id, 'Cart', {
    criteria: [{ id: 'AC-1', text: 'It keeps items.' }],
    resume_sha: 'f00',
  });
  const after = await newTask(ticket.id, 'Checkout', { depends_on: [failed.id] });
  await fails(failed.id);

  const answer = await fix(ticket.id);
  expect(answer).toMatchObject({
    status: 201,
    body: {
      check: 'task',
      fix: {
        priority: 'HIGH',
        parent_task_id: failed.id,
        phase_id: 'PHASE_IMPLEMENTATION',
        criteria: [{ id: 'AC-1' }],
      },
      recheck: { priority: 'HIGH', parent_task_id: failed.id, phase_id: 'PHASE_TESTING', role: 'validator' },
    },
  });
  const { fix: fixes, recheck } = answer.body;
  expect(recheck.depends_on).toEqual([fixes.id]);
  // Words of a check are data beside the order.
  expect(fixes.description).not.toContain('keeps its items" fails');
  expect(fixes.execution_config.outside.text).toContain('The test "keeps its items" fails.');
  expect((await server.store.tasks.get(organization_id, fixes.id)).resume_sha).toBe('f00');
  expect((await server.request('GET', `/tasks/${failed.id}`)).body.status).toBe('cancelled');
  expect((await server.request('GET', `/tasks/${after.id}`)).body.depends_on).toEqual([recheck.id]);

  const { body: graph } = await server.request('GET', `/graph/dependency-graph/ticket/${ticket.id}`);
  expect(graph.edges).toEqual(
    expect.arrayContaining([
      { from: failed.id, to: fixes.id, kind: 'fixed_by' },
      { from: failed.id, to: recheck.id, kind: 'rechecked_by' },
      { from: fixes.id, to: recheck.id, kind: 'depends_on' },
      { from: recheck.id, to: after.id, kind: 'depends_on' },
    ]),
  );

  // The same order again finds the round that is open, and creates nothing.
  expect((await fix(ticket.id, { task_id: failed.id })).body.fix.id).toBe(fixes.id);
  expect((await fix(ticket.id, { check: 'task' })).status).toBe(400);

  // A check that fails again is fixed in the next round.
  await fails(recheck.id, 'It loses its items after a restart.');
  const second = (await fix(ticket.id)).body;
  expect(second.fix).toMatchObject({
    parent_task_id: recheck.id,
    execution_config: { fix: { role: 'fix', round: 2 } },
  });
  expect((await server.store.tasks.get(organization_id, after.id)).depends_on).toEqual([second.recheck.id]);
});

test('[EXEC-39] the fix of a planned task has its place in the plan: its name, its requirements, its hours', async () => {
  const spec_id = '00000000-0000-4000-8000-000000000039';
  await server.store.specs.create({
    ...{
      organization_id,
      project_id,
      user_id: server.place.owner.id,
      title: 'Carts',
      description: 'Carts.',
      id: spec_id,
      status: 'created',
    },
    ...{ gate_policy: { mode: 'auto' }, plan: { version: 1, phases: [] }, content_hash: 'x' },
  } as unknown as Parameters<typeof server.store.specs.create>[0]);
  const ticket = await newTicket({ spec_id });
  const failed = await newTask(ticket.id, 'Cart', {
    spec_id,
    local_id: 'TSK-001',
    requirements: ['REQ-CART-FUNC-001'],
  });
  await fails(failed.id);
  const { fix: fixes } = await server.store.tasks.openFix(organization_id, ticket.id, {
    ...{
      of: 'task',
      task_id: failed.id,
      phase_id: failed.phase_id,
      name: 'TSK-001',
      text: 'It fails.',
      by: 'platform',
    },
  });
  expect(fixes).toMatchObject({ local_id: 'TSK-001', requirements: ['REQ-CART-FUNC-001'], spec_id });
  expect(await server.store.tasks.get(organization_id, failed.id)).toMatchObject({
    local_id: null,
    status: 'cancelled',
  });
});

test('[PLAN-24] a ticket that the platform blocked gets one task that fixes it; one that a person blocked starts none', async () => {
  const ticket = await newTicket({ title: 'A stale cart' });
  await server.store.tickets.findBlocking(organization_id, ticket.id, { after_seconds: 0 });
  const first = await fix(ticket.id);
  expect(first).toMatchObject({
    status: 201,
    body: { check: 'block', fix: { priority: 'HIGH', title: expect.stringContaining('is blocked') } },
  });
  expect((await fix(ticket.id, { check: 'block' })).body.fix.id).toBe(first.body.fix.id);
  expect(await server.store.tasks.ofTicket(ticket.id)).toHaveLength(2);

  const held = await newTicket({ title: 'A held cart' });
  await server.request('POST', `/tickets/${held.id}/block`, {
    reason: 'Ask the lawyers.',
    blocker_type: 'waiting_on_clarification',
  });
  expect(await fix(held.id)).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('Unblock it first') },
  });
  expect(await server.store.tasks.ofTicket(held.id)).toEqual([]);
});

test('[EXEC-39] a closed gate is fixed by a task that reads what closes it, and an open one by none', async () => {
  const ticket = await newTicket({ title: 'An unmeasured cart' });
  const answer = await fix(ticket.id, { check: 'gate' });
  expect(answer).toMatchObject({ status: 201, body: { check: 'gate' } });
  expect(answer.body.fix.execution_config.outside.text).toContain('no completed task');

  const planned = await newTicket({ title: 'A planned cart', phase_id: 'PHASE_REQUIREMENTS', status: 'analyzing' });
  expect((await fix(planned.id, { check: 'gate' })).body).toMatchObject({
    ...{ fix: { role: 'planner' }, recheck: { phase_id: 'PHASE_REQUIREMENTS' } },
  });

  const open = await newTicket({ title: 'A cart of tomorrow', phase_id: 'PHASE_BACKLOG', status: 'backlog' });
  expect(await fix(open.id)).toMatchObject({ status: 400, body: { details: [{ field: 'check' }] } });
  expect(await fix(open.id, { check: 'moon' })).toMatchObject({ status: 422 });
  expect(await fix(open.id, { task_id: ticket.id })).toMatchObject({
    status: 400,
    body: { details: [{ field: 'task_id' }] },
  });
  expect((await fix(project_id)).status).toBe(404);
  expect(await server.store.tasks.ofTicket(open.id)).toEqual([]);
  server.grants = { role: 'viewer', permissions: [...systemRoles.viewer] };
  expect((await fix(ticket.id)).status).toBe(403);
});
