import { OwnServer } from '#tests/support/own-server.ts';

let server: OwnServer;
beforeAll(async () => {
  server = await OwnServer.start('gate-queue');
});
afterAll(() => server.close());

const call = (method: string, address: string, body?: object) => server.request(method, address, body);
const own = () => ({ organization_id: server.place.organization.id, project_id: server.place.project.id });
const phase_id = 'PHASE_IMPLEMENTATION';

async function newTicket(title: string) {
  const { ticket } = await server.store.tickets.create({
    ...{ ...own(), user_id: null, phase_id, status: 'building', title, description: 'It keeps its items.' },
    ...{ priority: 'LOW', workflow_mode: 'spec_driven' },
  });
  return ticket;
}

async function completedTask(ticket_id: string): Promise<void> {
  const task = { ticket_id, phase_id, task_type: 'x', title: 'T', description: 'd', priority: 'LOW' };
  const { id } = await server.store.tasks.create({ ...own(), ...task, result: { summary: 'Did it.' } });
  for (const to of ['claiming', 'assigned', 'running', 'completed'])
    await server.store.tasks.move(own().organization_id, id, to);
}

test('[WEB-09] the queue of gates has tickets whose work has ended and approvals with their time, and nothing that works', async () => {
  const organization_id = server.place.organization.id;
  const project_id = server.place.project.id;
  const ready = await newTicket('A cart');
  await completedTask(ready.id);
  const working = await newTicket('A shelf');
  await completedTask(working.id);
  await server.store.tasks.create({
    ...{ organization_id, project_id, ticket_id: working.id, phase_id: 'PHASE_IMPLEMENTATION', task_type: 'x' },
    ...{ title: 'Open', description: 'd', priority: 'LOW' },
  });
  const deadline = new Date(Date.now() + 3_600_000);
  const { ticket: asked } = await server.store.tickets.create({
    ...{ organization_id, project_id, user_id: null, phase_id: 'PHASE_BACKLOG', status: 'backlog' },
    ...{ title: 'A till', description: 'It counts.', priority: 'LOW', workflow_mode: 'spec_driven' },
    approval_deadline_at: deadline,
  });
  const queue = async () => (await call('GET', `/gates?project_id=${project_id}`)).body.items as { id: string }[];
  const items = await queue();
  expect(items.find(({ id }) => id === `ticket:${ready.id}`)).toMatchObject({
    ...{ kind: 'ticket', from: 'Implementation', to: 'Testing', verdict: 'failed', decides_at: null, inbox_id: null },
    reasons: [expect.stringContaining('it is missing')],
  });
  expect(items.find(({ id }) => id === `approval:${asked.id}`)).toMatchObject({
    ...{ verdict: 'open', decides_at: deadline.toISOString(), inbox_id: `approval:${asked.id}` },
  });
  expect(items.map(({ id }) => id)).not.toContain(`ticket:${working.id}`);
  await call('POST', `/tickets/${ready.id}/artifacts`, {
    artifact_type: 'code_changes',
    artifact_content: { has_tests: true, test_coverage: 80 },
  });
  expect((await queue()).find(({ id }) => id === `ticket:${ready.id}`)).toMatchObject({ verdict: 'passed' });
  await call('POST', `/tickets/${ready.id}/phase-transition`, { to_phase: 'PHASE_TESTING' });
  expect((await queue()).map(({ id }) => id)).not.toContain(`ticket:${ready.id}`);
});
