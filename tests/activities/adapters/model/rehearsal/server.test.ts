import Anthropic from '@anthropic-ai/sdk';
import { createAnthropicModel } from '#activities/adapters/model/anthropic.ts';
import {
  sampleFeature,
  startRehearsalServer,
  type RehearsalServer,
} from '#activities/adapters/model/rehearsal/index.ts';
import { contextBlock } from '#workflows/domain/agent/context-block.ts';
import { client } from './play-session.ts';

let server: RehearsalServer;
beforeAll(async () => {
  server = await startRehearsalServer();
});
afterAll(() => server.close());

const opening = contextBlock({ kind: 'task', attempt: 1, task_ref: 'TSK-005', title: 'Test the whole story' });
const toolNames = ['bash', 'edit_file', 'list_files', 'read_file', 'write_file'];
const request = {
  model: 'claude-haiku-5-5',
  max_tokens: 1000,
  metadata: { user_id: 'run:7' },
  tools: toolNames.map((name) => ({ name, input_schema: { type: 'object' as const } })),
  messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: opening }] }],
};

const post = (body: unknown, path = '/v1/messages', method = 'POST') =>
  fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: 'Bearer rehearsal', 'anthropic-version': '2026-10-21' },
    ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });

test('a stream is the events of the Messages API, each a line of event and one of JSON', async () => {
  const response = await post({ ...request, stream: true });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  expect(response.headers.get('request-id')).toMatch(/^req_/);
  const body = await response.text();
  const frames = body.split('\n\n');
  expect(frames.pop()).toBe('');
  const events = frames.map((frame) => {
    const [, name, data] = /^event: (\w+)\ndata: ([^\n]+)$/.exec(frame) ?? [];
    const event = JSON.parse(data as string) as { type: string; index?: number };
    expect(event.type).toBe(name);
    return event;
  });
  const order = events
    .map((event) => event.type)
    .filter((type, index, all) => type !== 'content_block_delta' || all[index - 1] !== type);
  const block = ['content_block_start', 'content_block_delta', 'content_block_stop'];
  expect(order).toEqual([
    'message_start',
    'ping',
    ...Array.from({ length: 5 }, () => block).flat(),
    'message_delta',
    'message_stop',
  ]);
  expect(events[0]).toMatchObject({
    message: {
      type: 'message',
      role: 'assistant',
      model: 'claude-haiku-5-5',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { output_tokens: 1 },
    },
  });
  expect(events.at(-2)).toMatchObject({
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { output_tokens: expect.any(Number) as number },
  });
  expect(events.filter((event) => event.type === 'content_block_start').map((event) => event.index)).toEqual([
    0, 1, 2, 3, 4,
  ]);
});

test('long input comes in several pieces that together are its JSON', async () => {
  const first = await client(server.url).messages.create(request);
  const results = first.content.flatMap((use) =>
    use.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: use.id, content: 'x' }] : [],
  );
  const stream = client(server.url).messages.stream({
    ...request,
    messages: [...request.messages, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
  });
  const pieces: string[] = [];
  stream.on('streamEvent', (event) => {
    if (event.type === 'content_block_delta' && event.index === 1 && event.delta.type === 'input_json_delta')
      pieces.push(event.delta.partial_json);
  });
  const message = await stream.finalMessage();
  expect(pieces.length).toBeGreaterThan(10);
  expect(message.content[1]).toMatchObject({
    type: 'tool_use',
    name: 'write_file',
    input: JSON.parse(pieces.join('')) as object,
  });
});

test('without stream the same message comes as one', async () => {
  const whole = await client(server.url).messages.create(request);
  const streamed = await client(server.url).messages.stream(request).finalMessage();
  expect(streamed.content).toEqual(whole.content);
  expect(streamed.usage).toMatchObject(whole.usage);
  expect(whole).toMatchObject({ stop_reason: 'tool_use', model: 'claude-haiku-5-5' });
});

test("the product's own client reads it", async () => {
  const model = createAnthropicModel({
    api_key: 'rehearsal',
    base_url: server.url,
    idle_timeout: 5,
    call_timeout: 10,
    provider: 'rehearsal',
    scripted: true,
  });
  const { messages, tools, max_tokens } = request;
  const answer = await model.call({
    model: 'claude-haiku-5-5',
    system: [{ type: 'text', text: 'S'.repeat(3500) }],
    tools,
    user_id: 'run:7',
    messages,
    max_tokens,
    cache_ttl: '1h',
  });
  expect(answer.content.map((block) => block.type)).toEqual(['text', ...Array<string>(4).fill('tool_use')]);
  expect(answer.malformed).toEqual([]);
  expect(answer.usage).toMatchObject({ input_tokens: 0, cache_read_tokens: expect.any(Number) as number });
  expect(answer.usage.cache_write_tokens).toBeGreaterThan(0);
  await expect(
    model.call({
      model: 'claude-haiku-5-5',
      system: [],
      tools,
      user_id: 'run:7',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
      max_tokens,
    }),
  ).rejects.toMatchObject({ kind: 'invalid' });
});

test('usage is counted by the rules of the cache: a mark writes what stood before it, and the next request reads it', async () => {
  const mark = { cache_control: { type: 'ephemeral' as const } };
  const system = [{ type: 'text' as const, text: 'x'.repeat(3500), ...mark }];
  const first = await client(server.url).messages.create({ ...request, ...mark, system });
  const results = first.content.flatMap((use) =>
    use.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: use.id, content: 'y'.repeat(700) }] : [],
  );
  const messages = [
    ...request.messages,
    { role: 'assistant' as const, content: first.content },
    { role: 'user' as const, content: results },
  ];
  const second = await client(server.url).messages.create({ ...request, ...mark, system, messages });
  expect(first.usage).toMatchObject({ input_tokens: 0, cache_read_input_tokens: 0 });
  expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(1000);
  expect(second.usage).toMatchObject({
    input_tokens: 0,
    cache_read_input_tokens: first.usage.cache_creation_input_tokens,
    output_tokens: Math.ceil(JSON.stringify(second.content).length / 3.5),
  });
  expect(second.usage.cache_creation_input_tokens).toBeGreaterThan(600);
  const { usage } = await client(server.url).messages.create(request);
  expect(usage).toMatchObject({ cache_read_input_tokens: 0, cache_creation_input_tokens: 0 });
  expect(usage.input_tokens).toBeGreaterThan(50);
});

test.each([
  ['no block of context', { ...request, messages: [{ role: 'user', content: 'Hello' }] }],
  [
    'a task of another plan',
    {
      ...request,
      messages: [{ role: 'user', content: contextBlock({ kind: 'task', attempt: 1, title: 'Pay by card' }) }],
    },
  ],
  [
    'a review of other work',
    {
      ...request,
      messages: [{ role: 'user', content: contextBlock({ kind: 'validation', attempt: 1, title: 'Pay by card' }) }],
    },
  ],
])('%s is refused in words', async (_title, body) => {
  const response = await post(body);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    type: 'error',
    request_id: expect.any(String) as string,
    error: {
      type: 'invalid_request_error',
      message:
        'The rehearsal model is scripted and knows only the feature "Renew and reserve" of the sample repository; set ANTHROPIC_API_KEY for a real model.',
    },
  });
});

test('what is no request is an error of the API too', async () => {
  expect(await (await post('{')).json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  expect(await (await post({ model: 'claude-haiku-5-5', max_tokens: 1 })).json()).toMatchObject({
    error: { type: 'invalid_request_error', message: expect.stringContaining('messages') as string },
  });
  for (const [path, method] of [
    ['/v1/models', 'GET'],
    ['/v1/messages', 'GET'],
  ] as const) {
    const response = await post(undefined, path, method);
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 404,
      body: { error: { type: 'not_found_error' } },
    });
  }
  await expect(
    new Anthropic({ apiKey: 'x', baseURL: server.url, maxRetries: 0 }).messages.create({
      model: 'claude-haiku-5-5',
      max_tokens: 1,
      messages: [],
    }),
  ).rejects.toThrow(Anthropic.BadRequestError);
});

test('further attempts have a way of their own', async () => {
  for (const fields of [
    { task_ref: 'TSK-005', title: 'Test the whole story', attempt: 3 },
    { title: 'addMonths runs over the end of a shorter month', attempt: 2 },
  ]) {
    const answer = await client(server.url).messages.create({
      ...request,
      messages: [{ role: 'user', content: contextBlock({ kind: 'task', ...fields }) }],
    });
    expect(answer.content[0]).toMatchObject({ text: expect.stringContaining('no script for this attempt') as string });
    expect(answer.content[1]).toMatchObject({ input: { command: expect.stringContaining('git status') as string } });
  }
});

describe('pace', () => {
  let slow: RehearsalServer;
  beforeAll(async () => {
    slow = await startRehearsalServer({ pace: 0.6 });
  });
  afterAll(() => slow.close());

  test('a turn takes its time, and its text comes bit by bit', async () => {
    const times: number[] = [];
    const started = performance.now();
    const stream = client(slow.url).messages.stream(request);
    stream.on('text', () => times.push(performance.now() - started));
    await stream.finalMessage();
    // Timers may ring a little early.
    expect(performance.now() - started).toBeGreaterThan(500);
    expect(times.length).toBeGreaterThan(1);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(20);
  });

  test('judges answer at once', async () => {
    const turn = client(slow.url).messages.stream(request).finalMessage();
    const judge = client(slow.url).messages.create({
      ...request,
      tools: [{ name: 'a', input_schema: { type: 'object' } }],
      messages: [{ role: 'user', content: contextBlock({ kind: 'memory' }) }],
    });
    expect(await Promise.race([turn.then(() => 'turn'), judge.then(() => 'judge')])).toBe('judge');
    await turn;
  });

  test('a caller that goes away, and a server that closes, leave nothing behind', async () => {
    const gone = new AbortController();
    const broken = client(slow.url).messages.create({ ...request, stream: true }, { signal: gone.signal });
    gone.abort();
    await expect(broken).rejects.toThrow();
    const other = await startRehearsalServer({ pace: 30 });
    const open = client(other.url).messages.stream(request).finalMessage();
    const outcome = open.then(
      () => 'answered',
      () => 'cut',
    );
    await new Promise((done) => setTimeout(done, 100));
    await other.close();
    expect(await outcome).toBe('cut');
  });
});

test('work that no scenario plays is refused with the remedy, before it is started', () => {
  const work = { title: 'Export tasks', description: 'All tasks as a CSV file.' };
  for (const kind of ['spec', 'ticket'] as const)
    expect(server.refusal({ kind, ...work })).toMatch(/knows only the feature "Renew and reserve".*ANTHROPIC_API_KEY/);
  expect(server.refusal({ kind: 'spec', ...sampleFeature })).toBeUndefined();
  expect(
    server.refusal({ kind: 'ticket', title: 'addMonths runs over the end', description: 'In the calendar.' }),
  ).toBeUndefined();
});
