import { setTimeout as sleep } from 'node:timers/promises';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { PlayedMcpServer, toolNamed } from '#tests/support/mcp-server.ts';
import { testCommand } from '#tests/support/repository.ts';
import { call } from '#tests/support/scripts.ts';
import { playWork, review } from './played-work.ts';
import { World } from './world.ts';

let world: World;
let played: PlayedMcpServer;
beforeAll(async () => {
  played = await PlayedMcpServer.start([toolNamed('post_note', 'Say something'), toolNamed('get_note', 'Read it')]);
  world = await World.start({ OMOIOS_OUTBOUND_ALLOW: 'localhost' });
});
afterAll(async () => {
  await world.stop();
  await played.stop();
});

const say = (tool: string, text: string): Reply => ({
  tools: [call(`mcp__notes__${tool}`, { text }, `toolu_${text}`)],
});
const turns: Reply[] = [
  say('post_note', 'one'),
  say('post_note', 'two'),
  say('get_note', 'three'),
  say('post_note', 'four'),
  { tools: [call('bash', { command: testCommand }, 'toolu_check')] },
  {
    tools: [
      call('complete_task', {
        summary: 'All is said.',
        evidence: [{ command: testCommand, tool_use_id: 'toolu_check', exit_code: 0 }],
      }),
    ],
  },
];

test('[MCP-04] a worker that is killed at each point of a foreign call leaves one call, or says that it may have happened', async () => {
  const { api } = world.stack;
  let last: Played | undefined;
  const place = await world.place((request) => {
    if (request.context.kind === 'validation') return playWork(request, review);
    last = request;
    const turn = request.body.messages.filter((message) => message.role === 'assistant').length;
    return turns[turn] ?? { text: 'There is no further turn.' };
  });
  const { items } = await api.get<{ items: { id: string }[] }>('/organizations');
  await api.ok('PATCH', `/organizations/${items[0]?.id}`, { settings: { mcp_hosts: [played.host] } });
  await api.post('/mcp/register', { server_id: 'notes', version: '2025-11-25', connection_url: played.url });
  await api.ok('PATCH', '/mcp/tools/notes/get_note', { read_only: true });
  for (const tool_name of ['post_note', 'get_note'])
    await api.post('/mcp/policies/grant', {
      ...{ agent_id: place.id, server_id: 'notes', tool_name, actions: ['read', 'write'] },
    });

  const came = (text: string) => played.calls.filter(({ params }) => params.text === text).length;
  const ended = async () =>
    (await world.records.rows(`SELECT 1 FROM mcp_invocations WHERE state = 'succeeded'`)).length;
  const killAt = async (reached: () => boolean | Promise<boolean>) => {
    for (const until = Date.now() + 90_000; !(await reached()); await sleep(5))
      if (Date.now() > until) throw new Error('The run never came to this step.');
    world.stack.kill('application');
    await world.stack.ready();
  };
  played.heldLists = 1;
  await world.ticket(place);
  // Before it is sent: the server never saw it.
  await killAt(() => played.heldLists === 0);
  for (const until = Date.now() + 60_000; came('one') === 0 && Date.now() < until;) await sleep(20);
  // At the server, whose answer nobody hears: once for a tool that acts, and for one that only reads.
  played.deeds.push('hang');
  await killAt(() => came('two') > 0);
  for (const until = Date.now() + 60_000; !last?.text.includes('may have happened') && Date.now() < until;)
    await sleep(5);
  played.deeds.push('hang');
  await killAt(() => came('three') > 0);
  // After the answer is stored, and maybe before the agent's call has it.
  await killAt(async () => (await ended()) === 3);
  await api
    .until<{ items: unknown[] }>(`/pull-requests?project_id=${place.id}`, () => last?.step === 5, 90_000)
    .catch(() => undefined);
  for (const until = Date.now() + 90_000; (last?.step ?? 0) < 5 && Date.now() < until;) await sleep(50);

  expect(['one', 'two', 'three', 'four'].map(came)).toEqual([1, 1, 2, 1]);
  const results = (last?.body.messages ?? [])
    .flatMap(({ content }) => content)
    .filter(({ type }) => type === 'tool_result');
  const resultOf = (text: string) => JSON.stringify(results.find(({ tool_use_id: id }) => id === `toolu_${text}`));
  expect(resultOf('one')).toContain('<data source=\\"notes/post_note\\">');
  expect(resultOf('two')).toContain('may have happened');
  expect(resultOf('three')).toContain('get_note {');
  expect(resultOf('four')).toContain('post_note {');
  expect(results.filter((result) => JSON.stringify(result).includes('may have happened'))).toHaveLength(1);
}, 400_000);
