import { randomUUID } from 'node:crypto';
import { AgentPlace } from '#tests/support/agent-place.ts';
import { sandboxKey, specTool, toolCases } from '#tests/support/tool-cases.ts';
import { ToolClient } from '#tests/support/tool-client.ts';

let place: AgentPlace;
let ids: Record<string, string>;
let clients: Record<'sandbox' | 'registered', ToolClient>;
beforeAll(async () => {
  place = await AgentPlace.start('mcp-agents');
  ({ ids } = await toolCases(place));
  clients = {
    sandbox: await ToolClient.connect(place.server.url, sandboxKey),
    registered: await ToolClient.connect(place.server.url, ids.agent_key ?? ''),
  };
});
afterAll(async () => {
  await Promise.all(Object.values(clients).map((client) => client.close()));
  await place.close();
});

const words = 'It is needed for the report.';
const text = 'The export writes all rows of a table.';

/** A project of the same organization that the agents do not serve, with a ticket. */
async function elsewhere() {
  const { server, organization_id } = place;
  const project = await server.store.projects.create({
    ...{ id: randomUUID(), organization_id, name: 'q', repository_path: '/elsewhere', default_branch: 'main' },
    created_by: server.place.owner.id,
  });
  const made = await place.call('POST', '/tickets', {
    ...{ project_id: project.id, title: 'Of others', description: text, workflow_mode: 'spec_driven' },
  });
  return { project: project.id, ticket: made.body.id as string };
}

const refused = () => ({
  failed: true,
  body: { error: 'forbidden', message: expect.stringContaining(ids.project!) },
});

test('[MCP-08] the key of a registered agent works on its own project, and on no other', async () => {
  const client = clients.registered;
  const own = await client.call('create_ticket', {
    ...{ project_id: ids.project, title: 'By an agent', description: text, workflow_mode: 'spec_driven' },
    force_create: true,
  });
  expect(own).toMatchObject({ failed: false, body: { title: 'By an agent' } });
  const ticket_id = own.body.id;
  expect(await client.call('add_ticket_comment', { ticket_id, comment: words })).toMatchObject({ failed: false });
  expect(await client.call('get_tickets', { project_id: ids.project, limit: 1 })).toMatchObject({
    body: { items: [{ id: ticket_id }] },
  });
  const plan = { project_id: ids.project, title: 'Plan of an agent', description: text, force_create: true };
  expect(await client.call(specTool('create_spec'), plan)).toMatchObject({ body: { status: 'draft' } });
  const other = await elsewhere();
  const made = {
    ...{ title: 'For others', description: text, workflow_mode: 'spec_driven' },
    project_id: other.project,
  };
  expect(await client.call('create_ticket', made)).toMatchObject(refused());
});

test.each(['sandbox', 'registered'] as const)(
  '[MCP-08] the key of an agent (%s) reads its own project alone',
  async (who) => {
    const client = clients[who];
    expect(await client.call('get_ticket', { ticket_id: ids.ticket })).toMatchObject({ body: { id: ids.ticket } });
    const other = await elsewhere();
    expect(await client.call('get_ticket', { ticket_id: other.ticket })).toMatchObject(refused());
    expect(await client.call('get_tickets', { project_id: other.project })).toMatchObject(refused());
    expect(await client.call('get_tickets')).toMatchObject(refused());
    expect(await client.call('search_tickets', { query: 'others' })).toMatchObject(refused());
  },
);

test('[MCP-08] the key of a sandbox starts, changes and ends nothing of its project', async () => {
  const { sandbox } = clients;
  const forbidden = { failed: true, body: { error: 'forbidden', message: expect.stringContaining('sandbox') } };
  const plan = { project_id: ids.project, title: 'Plan of a sandbox', description: text, force_create: true };
  for (const [name, input] of [
    ['create_ticket', { ...plan, workflow_mode: 'quick' }],
    ['update_ticket', { ticket_id: ids.ticket, title: 'Another goal' }],
    ['add_ticket_comment', { ticket_id: ids.ticket, comment: words }],
    ['update_task_status', { task_id: ids.task, status: 'cancelled', comment: words }],
    [specTool('create_spec'), plan],
    [specTool('update_design'), { spec_id: ids.design, content: text }],
  ] as const)
    expect([name, await sandbox.call(name, input)]).toEqual([name, expect.objectContaining({ failed: true })]);
  expect(await sandbox.call('create_ticket', { ...plan, workflow_mode: 'quick' })).toMatchObject(forbidden);
});

test.each(['sandbox', 'registered'] as const)(
  '[MCP-08] the key of an agent (%s) approves nothing, at a gate or a ticket',
  async (who) => {
    for (const [name, spec_id] of [
      ['approve_requirements', ids.requirements],
      ['approve_design', ids.design],
    ] as const)
      expect(await clients[who].call(specTool(name), { spec_id })).toMatchObject({
        failed: true,
        body: { error: 'forbidden', message: expect.stringContaining('of a person') },
      });
    const { organization_id } = place;
    const made = await place.call('POST', '/tickets', {
      ...{ project_id: ids.project, title: 'To approve', description: text, workflow_mode: 'spec_driven' },
      force_create: true,
    });
    await place.server.sql(
      `UPDATE tickets SET status = 'pending_review', approval_status = 'pending_review' WHERE id = '${made.body.id}' AND organization_id = '${organization_id}'`,
    );
    const move = { ticket_id: made.body.id, status: 'backlog', comment: words };
    expect(await clients[who].call('change_ticket_status', move)).toMatchObject({
      failed: true,
      body: { error: who === 'sandbox' ? 'forbidden' : 'invalid_rule' },
    });
  },
);

test('[DISC-03] one report of an agent makes one discovery with one boosted task', async () => {
  const made = await clients.sandbox.call('create_task', {
    ...{ ticket_id: ids.ticket, phase_id: 'PHASE_IMPLEMENTATION', source_task_id: ids.task, discovery_type: 'bug' },
    ...{ description: 'Quote commas in cells.', discovery_description: 'Commas in cells break rows.' },
  });
  expect(made).toMatchObject({
    failed: false,
    body: { discovery: { discovery_type: 'bug', description: 'Commas in cells break rows.' } },
  });
  const task = await clients.sandbox.call('get_task', { task_id: made.body.task_id });
  expect(task.body).toMatchObject({ title: 'Quote commas in cells.', discovery_id: made.body.discovery.id });
  const by = { project_id: ids.project, discovery_type: 'bug' };
  expect((await clients.sandbox.call('get_discoveries_by_type', by)).body.items).toHaveLength(1);
  expect((await clients.sandbox.call('get_task_discoveries', { task_id: ids.task })).body.items).toHaveLength(1);
});

test('[MCP-08] a project of another organization is not there', async () => {
  const { store, place: own } = place.server;
  const other = await store.identity.createOrganization({ name: 'Other', slug: 'other', owner_id: own.owner.id });
  const project = await store.projects.create({
    ...{ id: randomUUID(), organization_id: other.id, name: 'r', repository_path: '/other', default_branch: 'main' },
    created_by: own.owner.id,
  });
  for (const client of Object.values(clients))
    expect(await client.call('get_tickets', { project_id: project.id })).toEqual({
      failed: true,
      body: { error: 'not_found', message: 'There is no such project.' },
    });
});
