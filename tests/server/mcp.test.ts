import { OwnServer } from '#tests/support/own-server.ts';
import { ToolClient } from '#tests/support/tool-client.ts';

let server: OwnServer;
let client: ToolClient;
beforeAll(async () => {
  server = await OwnServer.start('mcp');
  client = await ToolClient.connect(server.url, 'sk_live_x');
});
afterAll(async () => {
  await client.close();
  await server.close();
});

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body,
  });
const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
const key = { authorization: 'Bearer sk_live_x' };

test('[MCP-08] without a key nothing is answered, and the answer says what is missing', async () => {
  const refused = await post(ping);
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="OmoiOS"']);
  expect(await refused.json()).toMatchObject({ jsonrpc: '2.0', error: { data: { error: 'unauthenticated' } } });
  const unknown = await post(ping, { authorization: 'Bearer sk_agent_unknown' });
  expect([unknown.status, unknown.headers.get('www-authenticate')]).toEqual([
    401,
    'Bearer realm="OmoiOS", error="invalid_token"',
  ]);
  expect((await post(ping, { cookie: 'omoios_access_token=x' })).status).toBe(401);
  expect((await post(ping, key)).status).toBe(200);
});

test('[MCP-08] a page of another site, a stream, a session, and a body that is no JSON or too large are refused', async () => {
  expect((await post(ping, { ...key, origin: 'http://evil.example' })).status).toBe(403);
  expect((await post(ping, { ...key, origin: 'https://omoios.example' })).status).toBe(200);
  for (const method of ['GET', 'DELETE']) {
    const answer = await fetch(`${server.url}/mcp`, { method, headers: { ...key, accept: 'text/event-stream' } });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  }
  const broken = await post('{', key);
  expect([broken.status, await broken.json()]).toMatchObject([400, { error: { code: -32700 } }]);
  expect((await post(JSON.stringify({ text: 'x'.repeat(1_100_000) }), key)).status).toBe(413);
});

test('[MCP-08] a tool answers as its call of REST does, and an unknown one by the rules of the protocol', async () => {
  const { project } = server.place;
  const made = await server.request('POST', '/tickets', {
    ...{ project_id: project.id, title: 'A parser', description: 'Reads what is written.' },
  });
  expect(await client.call('get_ticket', { ticket_id: made.body.id })).toMatchObject({
    failed: false,
    body: { id: made.body.id, title: 'A parser' },
  });
  expect(await client.call('get_ticket', { ticket_id: project.id })).toEqual({
    failed: true,
    body: { error: 'not_found', message: 'There is no such ticket.' },
  });
  expect(await client.call('get_ticket', {})).toMatchObject({ failed: true, body: { error: 'invalid_body' } });
  await expect(client.call('no_such_tool')).rejects.toThrow('There is no tool no_such_tool.');
});
