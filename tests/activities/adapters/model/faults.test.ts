import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { createAnthropicModel } from '#activities/adapters/model/anthropic.ts';
import { MessageAssembler } from '#activities/adapters/model/assemble.ts';
import type { ModelHooks, ModelRequest, ModelResponse, ModelUsage } from '#activities/ports/model.ts';
import { PlayedModel, type Reply } from '#tests/support/played-model.ts';

const tools = [{ name: 'bash', description: 'Runs.', input_schema: { type: 'object' } }];
const request: ModelRequest = {
  model: 'claude-sonnet-5-5',
  system: [],
  tools,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
  max_tokens: 1000,
  user_id: 'run:1',
};
const bash = { name: 'bash', input: { command: 'ls' } };
const apiError = (message: string, status = 400, type = 'invalid_request_error', headers = {}): Reply => ({
  status,
  error: { type, message },
  headers,
});

/** Asks a played model once. */
async function ask(
  reply: Reply,
  more: Partial<ModelRequest> = {},
  hooks: ModelHooks = {},
): Promise<{ answer: ModelResponse; sent: Record<string, unknown> }> {
  const model = await new PlayedModel(() => reply).start();
  try {
    const port = createAnthropicModel({
      api_key: 'key',
      base_url: model.url,
      idle_timeout: 1,
      call_timeout: 5,
      provider: 'anthropic',
      scripted: false,
    });
    const answer = await port.call({ ...request, ...more }, hooks);
    return { answer, sent: model.requests[0]?.body as unknown as Record<string, unknown> };
  } finally {
    await model.stop();
  }
}

test('minutes of silence are no hang while pings come, be it before the answer or before a large input', async () => {
  const { answer } = await ask({ text: 'Hi', tools: [bash], silence_ms: 2200, hold_ms: 2200, ping_ms: 200 });
  expect(answer.content.map(({ type }) => type)).toEqual(['text', 'tool_use']);
});

test('a call without a byte is given up', async () => {
  await expect(ask({ hang: true })).rejects.toMatchObject({ kind: 'timeout' });
  await expect(ask({ text: 'Hi', silence_ms: 2200, ping_ms: 2200 })).rejects.toMatchObject({ kind: 'timeout' });
});

test('a body that ends before its last event is an error, and the output that came is in the usage', async () => {
  let usage: ModelUsage | undefined;
  const reply = { text: 'x'.repeat(3500), cut_after_events: 20 };
  await expect(ask(reply, {}, { onUsage: (seen) => (usage = { ...seen }) })).rejects.toMatchObject({ kind: 'server' });
  expect(usage?.output_tokens).toBeGreaterThan(100);
  expect(usage?.input_tokens).toBeGreaterThan(0);
});

test.each<[string, Reply, string]>([
  [
    'an error event',
    { text: 'Hi', error_after_events: { events: 3, type: 'overloaded_error', message: 'Busy' } },
    'overloaded',
  ],
  ['429 with a time to come back', apiError('Slower', 429, 'rate_limit_error', { 'retry-after': '9' }), 'rate_limited'],
  ['429 without one', apiError('Monthly limit', 429, 'rate_limit_error'), 'billing'],
  ['a spend limit', apiError('You have reached your specified API usage limits.'), 'billing'],
  ['an empty balance', apiError('Your credit balance is too low to access the API.'), 'billing'],
  ['an organization on hold', apiError('Your organization is on hold.'), 'billing'],
  ['an unknown model', apiError('model: claude-nobody', 404, 'not_found_error'), 'settings'],
  [
    'an output limit that does not fit beside the input',
    apiError(
      'input length and `max_tokens` exceed context limit: 190000 + 16000 > 200000, decrease input length or `max_tokens` and try again',
    ),
    'too_large',
  ],
  ['an image that cannot be decoded', apiError('messages.2.content.1.image: Could not process image'), 'image'],
  [
    'an image of too many pixels',
    apiError('image dimensions exceed max allowed size for many-image requests: 2000 pixels'),
    'image',
  ],
  ['a prompt that is too long', apiError('prompt is too long: 3 tokens > 2 maximum'), 'too_large'],
  ['a prompt that is too long, in other words', apiError('Input is too long for requested model.'), 'too_large'],
  ['a context that is exceeded', apiError("This model's maximum context length is 200000 tokens."), 'too_large'],
  ['a token limit that is exceeded', apiError('The input exceeds the token limit of the model.'), 'too_large'],
  ['thinking behind a changed prefix', apiError('The block is bound to a different conversation.'), 'thinking'],
  ['a wrong request', apiError('tools.0.input_schema: unknown keyword'), 'invalid'],
])('%s is of its kind', async (_what, reply, kind) => {
  await expect(ask(reply)).rejects.toMatchObject({ kind });
});

test('an id that the conversation or the answer has already is replaced', async () => {
  const messages: ModelRequest['messages'] = [
    ...request.messages,
    { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'bash', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'ok' }] },
  ];
  const calls = ['a', 'b', 'b'].map((id) => ({ ...bash, id }));
  const { answer } = await ask({ tools: calls, impossible: true }, { messages });
  expect(answer.content.map(({ id }) => id)).toEqual(['a_2', 'b', 'b_2']);
});

test.each(['[1]', '"ls"', 'null', '{"comm'])('the input %s is no object: it is kept as text', async (json) => {
  const { answer } = await ask({ tools: [bash], raw_inputs: [json] });
  expect(answer.content).toMatchObject([{ type: 'tool_use', input: {} }]);
  expect(answer.malformed).toEqual([{ index: 0, text: json }]);
});

/** Assembles one block as a faulty proxy may stream it. */
function assembled(block: object, delta: object | undefined, reason: string): ModelResponse {
  const assembler = new MessageAssembler();
  const message = { id: 'msg_1', model: 'claude-sonnet-5-5', usage: { input_tokens: 1, output_tokens: 1 } };
  const events = [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: block },
    ...(delta ? [{ type: 'content_block_delta', index: 0, delta }] : []),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: reason }, usage: { output_tokens: 2 } },
    { type: 'message_stop' },
  ];
  for (const event of events) assembler.add(event as RawMessageStreamEvent);
  return assembler.finish();
}

test.each(['', null, ['ls'], 7])('the input %j of a block without deltas is no object: it is kept as text', (input) => {
  const answer = assembled({ type: 'tool_use', id: 'toolu_1', name: 'list_files', input }, undefined, 'tool_use');
  expect(answer.content).toEqual([{ type: 'tool_use', id: 'toolu_1', name: 'list_files', input: {} }]);
  expect(answer.malformed).toEqual([{ index: 0, text: JSON.stringify(input) }]);
});

test('an input of a block without deltas that is an object is taken', () => {
  const answer = assembled({ type: 'tool_use', id: 'toolu_1', name: 'list_files', input: {} }, undefined, 'tool_use');
  expect(answer.malformed).toEqual([]);
});

test.each([undefined, { type: 'thinking_delta', thinking: 'I look at' }])(
  'a thought that the output limit cut off before its signature is not sent back: %j',
  (delta) => {
    const answer = assembled({ type: 'thinking', thinking: '', signature: '' }, delta, 'max_tokens');
    expect(answer).toMatchObject({ content: [], stop_reason: 'max_tokens' });
  },
);

test('a request asks for summaries of the thinking, for inputs at once, and for its effort', async () => {
  let seen = '';
  const reply: Reply = { thinking: 'I think of it.', text: 'Hi', tools: [bash] };
  const { sent } = await ask(reply, { effort: 'low' }, { onDelta: (text) => (seen += text) });
  expect(sent).toMatchObject({
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { effort: 'low' },
    tools: [{ eager_input_streaming: true }],
  });
  expect(seen).toBe('I think of it.Hi');
});

test('a model gets nothing that it does not have', async () => {
  const { sent } = await ask({ text: 'Hi' }, { model: 'claude-haiku-4-5-20251001', effort: 'low' });
  expect(Object.keys(sent)).not.toContain('thinking');
  expect(Object.keys(sent)).not.toContain('output_config');
});
