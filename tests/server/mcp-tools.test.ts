import { randomUUID } from 'node:crypto';
import { tools } from '#server/mcp/tools/index.ts';
import { systemRoles } from '#workflows/domain/access/permissions.ts';
import { AgentPlace } from '#tests/support/agent-place.ts';
import { specTool, toolCases, type Case } from '#tests/support/tool-cases.ts';
import { ToolClient } from '#tests/support/tool-client.ts';

const owner = { role: 'owner', permissions: ['*:*'] };

let place: AgentPlace;
let client: ToolClient;
let ids: Record<string, string>;
let cases: Record<string, () => Case>;
beforeAll(async () => {
  place = await AgentPlace.start('mcp-tools');
  client = await ToolClient.connect(place.server.url, 'sk_live_x');
  ({ ids, cases } = await toolCases(place));
});
beforeEach(() => {
  place.server.grants = owner;
});
afterAll(async () => {
  await client.close();
  await place.server.close();
});

test('[MCP-09] a client finds the 27 tools and those for plans, each with a description and its arguments', async () => {
  const listed = await client.list();
  expect(listed.map(({ name }) => name).sort()).toEqual(Object.keys(cases).sort());
  expect(listed.filter(({ name }) => !name.startsWith('mcp__'))).toHaveLength(27);
  expect(listed.filter(({ name }) => name.startsWith(specTool('')))).toHaveLength(12);
  for (const { name, description, inputSchema } of listed) {
    expect([name, description?.length ?? 0]).toEqual([name, expect.any(Number)]);
    expect([name, inputSchema.type, inputSchema.additionalProperties]).toEqual([name, 'object', false]);
  }
  const find = (name: string) => listed.find((tool) => tool.name === name);
  expect(find('create_ticket')?.inputSchema).toMatchObject({
    properties: { title: { minLength: 3, maxLength: 500 }, description: { minLength: 10 }, idempotency_key: {} },
  });
  expect(find('get_ticket')?.annotations).toMatchObject({ readOnlyHint: true });
});

test.each(tools.map(({ name }) => name))('[MCP-09] %s does what its call of REST does', async (name) => {
  const { input, answer, seen } = cases[name]!();
  const said = await client.call(name, input);
  expect(said).toMatchObject({ failed: 'error' in answer, body: answer });
  if (seen) expect((await place.call('GET', seen[0])).body).toMatchObject(seen[1]);
});

test('[MCP-09] a record that is not there, a role without the right, and a viewer who changes something are refused', async () => {
  for (const { name, calls } of tools) {
    const { input, names } = cases[name]!();
    place.server.grants = owner;
    expect([name, await client.call(name, { ...input, [names]: randomUUID() })]).toMatchObject([
      name,
      { failed: true, body: { error: 'not_found' } },
    ]);
    place.server.grants = { role: 'none', permissions: [] };
    expect([name, await client.call(name, input)]).toMatchObject([
      name,
      { failed: true, body: { error: 'forbidden' } },
    ]);
    if (calls.some(({ method }) => method === 'get')) continue;
    place.server.grants = { role: 'viewer', permissions: [...systemRoles.viewer] };
    expect([name, await client.call(name, input)]).toMatchObject([
      name,
      { failed: true, body: { error: 'forbidden' } },
    ]);
  }
});

test('[MCP-09] each tool needs a permission, and writes only by calls that people and agents of the project may make', () => {
  for (const { name, calls } of tools)
    for (const { auth, agents_of_project: shared, registered } of calls) {
      expect([name, auth]).toEqual([name, expect.stringMatching(/^[a-z]+(:[a-z]+)+$/)]);
      const approves = name.includes('approve_');
      expect([name, (shared ?? registered) === undefined]).toEqual([name, approves]);
    }
});

test('[MCP-09] short words are refused with the field: 9 characters of a comment, 2 of a query', async () => {
  const refused = async (name: string, input: object) => (await client.call(name, input)).body.details;
  const nine = 'x'.repeat(9);
  const { ticket, task, project } = ids;
  const status = { ticket_id: ticket, status: 'building' };
  const short = { message: 'must have at least 10 characters' };
  expect(await refused('add_ticket_comment', { ticket_id: ticket, comment: nine })).toMatchObject([
    { field: 'comment', ...short },
  ]);
  expect(await refused('change_ticket_status', { ...status, comment: nine })).toMatchObject([
    { field: 'comment', ...short },
  ]);
  expect(await refused('resolve_ticket', { ticket_id: ticket, resolution: nine })).toMatchObject([
    { field: 'resolution' },
  ]);
  expect(await refused('update_task_status', { task_id: task, status: 'failed', comment: nine })).toMatchObject([
    { field: 'comment' },
  ]);
  expect(await refused('search_tickets', { query: 'ab' })).toMatchObject([{ field: 'query' }]);
  const fields = await refused('create_ticket', { project_id: project, title: 'ab', description: nine, colour: 'red' });
  expect(fields.map(({ field }: { field: string }) => field)).toEqual(['title', 'description', 'colour']);
});

test('[MCP-09] a call with a key of the caller is made once', async () => {
  const input = { ticket_id: ids.other, comment: 'Said once and for all.', idempotency_key: 'one' };
  const first = await client.call('add_ticket_comment', input);
  expect(await client.call('add_ticket_comment', input)).toEqual(first);
  const { items } = (await place.call('GET', `/tickets/${ids.other}/comments`)).body;
  expect(items.filter(({ text: said }: { text: string }) => said === input.comment)).toHaveLength(1);
  expect((await client.call('add_ticket_comment', { ...input, comment: 'Something else.' })).body.error).toBe(
    'conflict',
  );
});
