import { toolNamed, type Deed, type PlayedMcpServer } from '#tests/support/mcp-server.ts';
import { McpPlace } from '#tests/support/mcp-place.ts';

let place: McpPlace;
let played: PlayedMcpServer;
beforeAll(async () => {
  place = await McpPlace.start('mcp-calls');
  played = await place.play([
    toolNamed('get_issue', 'Read an issue'),
    toolNamed('post_note', 'Say something'),
    {
      name: 'login',
      description: 'Sign in',
      inputSchema: {
        type: 'object',
        properties: { user: { type: 'string' }, password: { type: 'string' }, more: { type: 'array' } },
      },
    },
  ]);
});
afterAll(() => place.close());
beforeEach(async () => {
  for (const table of ['mcp_servers', 'mcp_invocations']) await place.server.sql(`DELETE FROM ${table}`);
  expect((await place.enroll(played, 'tracker')).status).toBe(201);
  for (const tool of ['get_issue', 'post_note', 'login']) await place.grant(place.project_id, 'tracker', tool);
  await place.call('PATCH', '/mcp/tools/tracker/get_issue', { read_only: true });
  played.calls.length = 0;
  played.deeds.length = 0;
  place.waits.length = 0;
});

const invoke = async (tool: string, fields: object = {}, ...deeds: Deed[]) => {
  played.deeds.push(...deeds);
  return (await place.invoke(place.project_id, 'tracker', tool, fields)).body;
};
const breaker = async (tool: string) =>
  (await place.call('GET', '/mcp/circuit-breakers')).body.items.find(
    ({ tool_name: name }: { tool_name: string }) => name === tool,
  );
/** As if the breaker had opened a minute ago. */
const minuteLater = () => place.server.sql(`UPDATE circuit_breakers SET opened_at = opened_at - interval '61 s'`);

test('[MCP-04] a call answers with its result, and is on record with what it was for', async () => {
  const { task_id, ticket_id } = await place
    .newTask()
    .then(({ id, ticket_id: ticket }) => ({ task_id: id, ticket_id: ticket }));
  const answer = await invoke('post_note', { task_id });
  expect(answer).toMatchObject({
    ...{ correlation_id: 'c-1', state: 'succeeded', success: true, error: null, attempts: 1 },
    ...{ result: 'post_note {"text":"hello"}', completed_at: expect.any(String), latency_ms: expect.any(Number) },
  });
  const { items } = (await place.call('GET', '/mcp/invocations')).body;
  expect(items).toMatchObject([
    { id: answer.id, decision: 'allow', task_id, ticket_id, server_id: 'tracker', result: answer.result },
  ]);
  expect((await place.call('GET', `/mcp/invocations/${answer.id}`)).body.answer).toEqual(answer);
  const events = (await place.call('GET', `/events?types=mcp.invocation.completed&entity_ids=${answer.id}`)).body.items;
  expect(events).toMatchObject([{ data: { correlation_id: 'c-1', agent_id: place.project_id, attempts: 1 } }]);
});

test('[MCP-04] parameters that do not fit are refused without a call, and that is on record', async () => {
  const refused = await invoke('post_note', { params: { text: 5 } });
  expect(refused).toMatchObject({
    state: 'denied',
    attempts: 0,
    error: expect.stringContaining('text must be string'),
  });
  expect((await invoke('post_note', { params: {} })).error).toContain("must have required property 'text'");
  expect((await invoke('nothing')).error).toContain('There is no tool nothing');
  await place.call('PATCH', '/mcp/tools/tracker/post_note', { enabled: false });
  expect((await invoke('post_note')).error).toContain('is disabled');
  expect(played.calls).toEqual([]);
  const { items } = (await place.call('GET', '/mcp/invocations?state=denied')).body;
  expect(items).toHaveLength(4);
  expect((await place.call('GET', '/events?types=mcp.invocation.failed')).body.items.length).toBeGreaterThanOrEqual(4);
});

test('[MCP-04] a host that the organization lists no longer is not called', async () => {
  const before = place.server.settings;
  place.server.settings = { mcp_hosts: [] };
  expect((await invoke('post_note')).error).toContain('does not list the host');
  place.server.settings = before;
  expect(played.calls).toEqual([]);
});

test('[MCP-04] a call that may have happened is told so once and not repeated, unless a repetition does no harm', async () => {
  for (const deed of ['drop', 'hang', 'flood', 'lie', { status: 500 }] as const) {
    played.calls.length = 0;
    expect([deed, await invoke('post_note', {}, deed)]).toMatchObject([
      deed,
      { state: 'unknown', success: false, attempts: 1, error: expect.stringContaining('may have happened') },
    ]);
    expect(played.calls).toHaveLength(1);
    await place.server.sql('DELETE FROM circuit_breakers');
  }
  // Marked as reading only it is called again.
  played.calls.length = 0;
  expect(await invoke('get_issue', {}, 'drop', 'drop')).toMatchObject({ state: 'succeeded', attempts: 3 });
  expect(played.calls).toHaveLength(3);
  // So is a tool that takes a key: each try has the same one.
  await place.call('PATCH', '/mcp/tools/tracker/post_note', { key_param: 'text' });
  expect((await place.call('PATCH', '/mcp/tools/tracker/post_note', { key_param: 'nothing' })).status).toBe(400);
  played.release();
});

test('[MCP-04] a tool that takes an idempotency key is called again with the same key', async () => {
  const { inputSchema, ...tool } = toolNamed('pay', 'Pay an invoice');
  const before = played.tools;
  played.tools = [
    { ...tool, inputSchema: { ...inputSchema, properties: { ...inputSchema.properties, key: { type: 'string' } } } },
  ];
  await place.enroll(played, 'tracker');
  await place.grant(place.project_id, 'tracker', 'pay');
  await place.call('PATCH', '/mcp/tools/tracker/pay', { key_param: 'key' });
  const { id, state } = await invoke('pay', {}, 'drop');
  expect(state).toBe('succeeded');
  expect(played.calls.map(({ params }) => params.key)).toEqual([id, id]);
  await invoke('pay', { idempotency_key: 'mine' });
  expect(played.calls.at(-1)?.params.key).toBe('mine');
  played.tools = before;
});

test('[MCP-05] two failures, then it works: three tries, with the waits of the rule', async () => {
  expect(await invoke('post_note', {}, { status: 503 }, { status: 429 })).toMatchObject({
    ...{ state: 'succeeded', attempts: 3 },
  });
  expect(played.calls).toHaveLength(3);
  const [first, second] = place.waits as [number, number];
  expect(first).toBeGreaterThanOrEqual(800);
  expect(first).toBeLessThanOrEqual(1200);
  expect(second).toBeGreaterThanOrEqual(1600);
  expect(second).toBeLessThanOrEqual(2400);
  expect(await invoke('post_note', {}, { status: 503 }, { status: 503 }, { status: 503 })).toMatchObject({
    ...{ state: 'failed', attempts: 3, error: 'The server answers 503.' },
  });
  // An answer is an answer: it is not asked for again.
  expect(await invoke('post_note', {}, { text: 'No such channel', is_error: true })).toMatchObject({
    ...{ state: 'failed', attempts: 1, error: 'No such channel' },
  });
  expect(await invoke('post_note', {}, { status: 403 })).toMatchObject({ state: 'failed', attempts: 1 });
});

test('[MCP-05] the same key gets the stored answer for an hour, also where both come at once', async () => {
  const fields = { idempotency_key: 'k-1' };
  const [one, two] = await Promise.all([invoke('post_note', fields), invoke('post_note', fields)]);
  const three = await invoke('post_note', { ...fields, correlation_id: 'c-2' });
  expect(new Set([one.id, two.id, three.id]).size).toBe(1);
  expect(three).toMatchObject({ correlation_id: 'c-1', result: 'post_note {"text":"hello"}' });
  expect(played.calls.length).toBe(1);
  expect(
    (await place.invoke(place.project_id, 'tracker', 'post_note', { ...fields, params: { text: 'else' } })).status,
  ).toBe(409);
  await place.server.sql(`UPDATE mcp_invocations SET created_at = created_at - interval '61 minutes'`);
  expect((await invoke('post_note', fields)).id).not.toBe(one.id);
  expect(played.calls.length).toBe(2);
});

test('[MCP-06] five calls that fail in a row open the breaker, and the sixth is refused without a call', async () => {
  const fail = () => invoke('post_note', {}, { status: 500 });
  for (let i = 0; i < 4; i += 1) await fail();
  await invoke('post_note');
  expect(await breaker('post_note')).toMatchObject({ state: 'closed', failures: 0 });
  for (let i = 0; i < 5; i += 1) await fail();
  expect(await breaker('post_note')).toMatchObject({ state: 'open', failures: 5 });
  const made = played.calls.length;
  expect(await invoke('post_note')).toMatchObject({
    ...{ state: 'failed', attempts: 0, error: expect.stringContaining('failed again and again') },
  });
  expect(played.calls).toHaveLength(made);
  // Each tool has its own.
  expect((await invoke('get_issue')).state).toBe('succeeded');
  await minuteLater();
  await invoke('post_note');
  expect(await breaker('post_note')).toMatchObject({ state: 'half_open', successes: 1, probes: 0 });
  await fail();
  expect(await breaker('post_note')).toMatchObject({ state: 'open' });
  await minuteLater();
  for (let i = 0; i < 3; i += 1) expect((await invoke('post_note')).state).toBe('succeeded');
  expect(await breaker('post_note')).toMatchObject({ state: 'closed', failures: 0 });
});

test('[MCP-06] half open, three calls at most are under way, and breakers show how calls went', async () => {
  for (let i = 0; i < 5; i += 1) await invoke('post_note', {}, { status: 500 });
  await minuteLater();
  played.deeds.push('hang', 'hang', 'hang');
  const probes = [1, 2, 3].map(() => invoke('post_note'));
  while (played.calls.length < 8) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await breaker('post_note')).toMatchObject({ state: 'half_open', probes: 3 });
  expect((await invoke('post_note')).error).toContain('failed again and again');
  played.release();
  await Promise.all(probes);
  const { calls, p50_ms, p95_ms, error_rate } = await breaker('post_note');
  expect([calls, error_rate]).toEqual([8, 1]);
  expect(p95_ms).toBeGreaterThanOrEqual(p50_ms);
  await invoke('get_issue');
  expect(await breaker('get_issue')).toMatchObject({ calls: 1, error_rate: 0 });
});

test('[MCP-07] secrets in parameters are never stored, on whatever level, and long results are cut', async () => {
  const secret = 'hunter2-hunter2';
  const params = { user: 'ann', password: secret, more: [{ api_token: secret, deep: { Credentials: [secret] } }] };
  const one = await invoke('login', { params }, { text: 'x'.repeat(2000) });
  expect(played.calls[0]?.params).toEqual(params);
  const tables = ['mcp_invocations', 'events', 'idempotency_keys'];
  for (const table of tables) {
    const { rows } = (await place.server.sql(`SELECT * FROM ${table}`)) as { rows: object[] };
    expect(JSON.stringify(rows)).not.toContain(secret);
  }
  const shown = (await place.call('GET', `/mcp/invocations/${one.id}`)).body;
  expect(shown.params_hash).toMatch(/^[0-9a-f]{64}$/);
  expect(shown.result).toHaveLength(500);
  expect(shown.answer.result).toHaveLength(2000);
  // The hash is of the rest: another secret is the same call, another user is not.
  const other = await invoke('login', { params: { ...params, password: 'else' } });
  const hashOf = async ({ id }: { id: string }) => (await place.call('GET', `/mcp/invocations/${id}`)).body.params_hash;
  expect(await hashOf(other)).toBe(shown.params_hash);
  expect(await hashOf(await invoke('login', { params: { ...params, user: 'bob' } }))).not.toBe(shown.params_hash);
});
