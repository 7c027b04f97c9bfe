import { agentTools } from '#activities/tools/index.ts';
import { foreignTools } from '#activities/tools/support/foreign-tools.ts';
import { createToolBox } from '#activities/tools/support/tool-box.ts';
import { estimateTokens } from '#workflows/domain/billing/prices.ts';
import { McpPlace } from '#tests/support/mcp-place.ts';
import { toolNamed, type PlayedMcpServer } from '#tests/support/mcp-server.ts';

let place: McpPlace;
let played: PlayedMcpServer;
const many = Array.from({ length: 30 }, (_, i) =>
  toolNamed(`read_${i}`, `Read shelf ${i}. ${'All about it. '.repeat(50)}`),
);
beforeAll(async () => {
  place = await McpPlace.start('mcp-tools');
  played = await place.play([
    toolNamed('get_issue', 'Read an issue'),
    toolNamed('create_issue', 'Open an issue'),
    {
      name: 'either',
      description: 'One of two',
      inputSchema: { type: 'object', anyOf: [{ required: ['a'] }] } as never,
    },
    ...many,
  ]);
  await place.enroll(played, 'tracker');
});
afterAll(() => place.close());

const box = () => createToolBox(place.server, agentTools);
const listed = (kind: 'task' | 'phase' | 'validation' = 'task', agent_id: string | null = null) => {
  const { organization_id, project_id, server } = place;
  return foreignTools(server, { organization_id, project_id, agent_id, kind });
};
const names = (list: string) => (JSON.parse(list) as { name: string }[]).map(({ name }) => name);

test('[MCP-04] where nothing was allowed, the list of tools is as if there were no foreign ones', async () => {
  const session = { kind: 'task', phase: null } as const;
  expect(await listed()).toBeUndefined();
  const list = box().definitions(session, await listed());
  expect(names(list).filter((name) => name.startsWith('mcp'))).toEqual([]);
  expect(box().renewed(list, undefined)).toBe(list);
});

test('[MCP-04] a list has the tools that its agent may call, sorted and within 5,000 tokens, and the rest by two tools', async () => {
  const agent = await place.register();
  for (const { name } of played.tools) await place.grant(agent.id, 'tracker', name);
  const foreign = (await listed('task', agent.id)) ?? [];
  const found = foreign.map(({ name }) => name);
  expect(found.slice(0, 2)).toEqual(['mcp__tracker__create_issue', 'mcp__tracker__get_issue']);
  expect(found).not.toContain('mcp__tracker__either');
  expect(found).toEqual(found.toSorted());
  expect(found.length).toBeLessThan(played.tools.length - 1);
  const tokens = foreign.reduce((sum, one) => sum + estimateTokens(JSON.stringify(one).length), 0);
  expect(tokens).toBeGreaterThan(4500);
  expect(tokens).toBeLessThanOrEqual(5000);
  const list = box().definitions({ kind: 'task', phase: null }, foreign);
  expect(names(list)).toEqual(names(list).toSorted());
  expect(names(list)).toEqual(expect.arrayContaining([...found, 'mcp_call', 'mcp_search', 'bash']));
  // Reviewers have none, and neither has an agent that was allowed nothing.
  expect(await listed('validation', agent.id)).toBeUndefined();
  expect(await listed('task')).toBeUndefined();
});

test('[MCP-04] the next epoch begins with what may be called then', async () => {
  const agent = await place.register();
  await place.grant(agent.id, 'tracker', 'get_issue');
  const list = box().definitions({ kind: 'task', phase: null }, await listed('task', agent.id));
  await place.grant(agent.id, 'tracker', 'create_issue');
  const next = box().renewed(list, await listed('task', agent.id));
  expect(names(next).filter((name) => !names(list).includes(name))).toEqual(['mcp__tracker__create_issue']);
  for (const tool of ['get_issue', 'create_issue'])
    await place.call('DELETE', `/mcp/policies/${agent.id}/tracker/${tool}`);
  const bare = box().definitions({ kind: 'task', phase: null });
  expect(box().renewed(next, await listed('task', agent.id))).toBe(bare);
});
