import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOpenAiModel } from '#activities/adapters/model/openai/index.ts';
import { strictSchema, withoutNulls } from '#activities/adapters/model/openai/strict-schema.ts';
import { functionProblem } from '#activities/adapters/model/strict-openai/rules-schema.ts';
import { ModelError, type ModelRequest, type ModelUsage } from '#activities/ports/model.ts';
import { PlayedModel, type Reply } from '#tests/support/played-model.ts';

const context = '```context\n{"kind":"task"}\n```';
const tool = (name: string, more: object = {}) => ({
  name,
  description: 'Does it.',
  input_schema: {
    type: 'object',
    properties: { command: { type: 'string' }, limit: { type: 'integer' } },
    required: ['command'],
    additionalProperties: false,
  },
  ...more,
});
const request: ModelRequest = {
  model: 'gpt-6.2-sol',
  system: [{ type: 'text', text: 'You are an agent.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
  tools: [tool('bash'), tool('answer', { strict: true })],
  messages: [{ role: 'user', content: [{ type: 'text', text: context }] }],
  max_tokens: 1000,
  effort: 'high',
  user_id: 'run:1',
  cache_ttl: '1h',
};
const clientOf = (url: string, idle = 5) =>
  createOpenAiModel({
    api_key: 'k',
    base_url: `${url}/v1`,
    idle_timeout: idle,
    call_timeout: 5,
    provider: 'openai',
    scripted: false,
  });

async function withPlayed(replies: Reply[], look: (played: PlayedModel) => Promise<void>): Promise<void> {
  const played = await new PlayedModel(() => replies.shift() ?? { text: 'Done.' }).start();
  try {
    await look(played);
  } finally {
    await played.stop();
  }
}

describe('the client of the Responses API', () => {
  test('sends an answer back as it came, with its reasoning, and counts what the cache gave', async () => {
    const replies: Reply[] = [
      {
        thinking: 'First the files.',
        text: 'I look.',
        tools: [{ name: 'bash', id: 'call_1', input: { command: 'ls' } }],
      },
      { text: 'Two files.' },
    ];
    await withPlayed(replies, async (played) => {
      const model = clientOf(played.url);
      const long = { ...request, system: [{ type: 'text', text: 'Rules. '.repeat(2000) }] };
      const deltas: string[] = [];
      const first = await model.call(long, { onDelta: (text) => deltas.push(text) });
      expect(first.stop_reason).toBe('tool_use');
      expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
      expect(first.content[0]).toMatchObject({
        thinking: 'First the files.',
        openai: { id: expect.stringMatching(/^rs_/) },
      });
      expect(deltas.join('')).toBe('First the files.I look.');
      expect(first.usage).toMatchObject({ cache_read_tokens: 0, input_tokens: 0 });
      expect(first.usage.cache_write_tokens).toBeGreaterThan(4000);

      const second = await model.call({
        ...long,
        messages: [
          ...long.messages,
          { role: 'assistant', content: first.content },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'call_1', content: 'a b', is_error: true },
              { type: 'text', text: 'Count them.' },
            ],
          },
        ],
      });
      expect(second).toMatchObject({ stop_reason: 'end_turn', model: 'gpt-6.2-sol' });
      expect(second.usage.cache_read_tokens).toBeGreaterThan(4000);
      expect(played.requests[1]?.results).toEqual([{ tool_use_id: 'call_1', text: 'Error:\na b', is_error: true }]);
      expect(played.openAiModels).toEqual(['gpt-6.2-sol', 'gpt-6.2-sol']);
    });
  });

  test('takes away the nulls of a strict tool that stand for absent properties', async () => {
    await withPlayed([{ tools: [{ name: 'answer', input: { command: 'ls' } }] }], async (played) => {
      const { content, malformed } = await clientOf(played.url).call(request);
      expect(content.at(-1)).toMatchObject({ type: 'tool_use', name: 'answer', input: { command: 'ls' } });
      expect(malformed).toEqual([]);
    });
  });

  test('keeps an input that is no object with its text', async () => {
    const call = { name: 'bash', input: {} };
    await withPlayed([{ tools: [call, call], raw_inputs: ['{"command":', '[1]'] }], async (played) => {
      const { content, malformed } = await clientOf(played.url).call(request);
      expect(malformed).toEqual([
        { index: 1, text: '{"command":' },
        { index: 2, text: '[1]' },
      ]);
      expect(content.slice(1)).toMatchObject([{ input: {} }, { input: {} }]);
    });
  });

  test('reads a refusal with its reason, and an answer that was cut off', async () => {
    const replies: Reply[] = [
      { text: 'No.', stop_reason: 'refusal', stop_details: { explanation: 'I cannot help.' } },
      { text: 'Half', stop_reason: 'max_tokens' },
    ];
    await withPlayed(replies, async (played) => {
      const model = clientOf(played.url);
      expect(await model.call(request)).toMatchObject({ stop_reason: 'refusal', refusal: 'I cannot help.' });
      expect(await model.call(request)).toMatchObject({ stop_reason: 'max_tokens' });
    });
  });

  const fails = (status: number, type: string, message = 'No.', headers: Record<string, string> = {}): Reply => ({
    status,
    error: { type, message },
    headers,
  });
  test.each<[string, Reply, Partial<ModelError>]>([
    [
      'a limit of the rate',
      fails(429, 'rate_limit_exceeded', 'Please try again in 1.5s.'),
      { kind: 'rate_limited', retryAfter: 1.5 },
    ],
    [
      'a limit of the rate with a header',
      fails(429, 'slow_down', 'No.', { 'retry-after': '7' }),
      { kind: 'rate_limited', retryAfter: 7 },
    ],
    [
      'a limit of the rate without a time',
      fails(429, 'rate_limit_exceeded'),
      { kind: 'rate_limited', retryAfter: undefined },
    ],
    [
      'a quota that is used up',
      fails(429, 'insufficient_quota', 'You exceeded your current quota.'),
      { kind: 'billing' },
    ],
    ['credit that is used up', fails(429, 'credit_balance_exhausted'), { kind: 'billing' }],
    ['a limit of the project', fails(429, 'project_spend_limit_exceeded'), { kind: 'billing' }],
    ['a refused key', fails(401, 'invalid_api_key'), { kind: 'auth' }],
    ['a model that does not exist', fails(404, 'model_not_found'), { kind: 'settings' }],
    ['a long prompt', fails(400, 'context_length_exceeded'), { kind: 'too_large' }],
    [
      'a long prompt in the words of another server',
      fails(400, 'BadRequestError', "This model's maximum context length is 32768 tokens."),
      { kind: 'too_large' },
    ],
    ['reasoning of another account', fails(400, 'invalid_encrypted_content'), { kind: 'thinking' }],
    [
      'reasoning alone',
      fails(
        400,
        'invalid_request_error',
        "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
      ),
      { kind: 'thinking' },
    ],
    ['a wrong request', fails(400, 'invalid_function_parameters'), { kind: 'invalid' }],
    ['an overloaded provider', fails(503, 'server_is_overloaded'), { kind: 'overloaded' }],
    ['an error of the provider', fails(500, 'server_error'), { kind: 'server' }],
    [
      'an error in the stream',
      {
        text: 'Half an answer',
        error_after_events: { events: 4, type: 'rate_limit_exceeded', message: 'Please try again in 20ms.' },
      },
      { kind: 'rate_limited', retryAfter: 0.02 },
    ],
    ['a stream that breaks off', { text: 'Half an answer', cut_after_events: 5 }, { kind: 'server' }],
    ['silence', { hang: true }, { kind: 'timeout' }],
  ])('knows %s', async (_what, reply, expected) => {
    await withPlayed([reply], async (played) => {
      const failure: unknown = await clientOf(played.url, 0.5)
        .call(request)
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ModelError);
      expect(failure).toMatchObject(expected);
    });
  });

  test('takes a prompt that the provider refuses for a refusal, which costs nothing', async () => {
    await withPlayed([fails(400, 'invalid_prompt', 'Your prompt was flagged.')], async (played) => {
      const answer = await clientOf(played.url).call(request);
      expect(answer).toMatchObject({
        stop_reason: 'refusal',
        refusal: expect.stringContaining('flagged'),
        content: [],
      });
      expect(answer.usage.output_tokens).toBe(0);
    });
  });

  test('asks for no summaries again where the organization gets none', async () => {
    const refused = fails(
      400,
      'unsupported_value',
      'Your organization must be verified to generate reasoning summaries.',
    );
    await withPlayed([refused, { thinking: 'Hidden.', text: 'Done.' }], async (played) => {
      const model = clientOf(played.url);
      await expect(model.call(request)).rejects.toMatchObject({ kind: 'server' });
      const { content } = await model.call(request);
      expect(content[0]).toMatchObject({ type: 'thinking', thinking: '' });
    });
  });

  test('counts what an answer used that broke off, with the thinking that was not shown', async () => {
    const replies: Reply[] = [
      { text: 'A long answer. '.repeat(40), silence_ms: 1000, ping_ms: 100, cut_after_events: 20 },
    ];
    await withPlayed(replies, async (played) => {
      const seen: ModelUsage[] = [];
      await expect(clientOf(played.url).call(request, { onUsage: (usage) => seen.push(usage) })).rejects.toThrow();
      expect(seen).toHaveLength(1);
      expect(seen[0]?.input_tokens).toBeGreaterThan(50);
      expect(seen[0]?.output_tokens).toBeGreaterThan(30);
    });
  });
});

describe('a server with a part of the interface', () => {
  let server: Server;
  let bodies: Record<string, unknown>[];
  beforeEach(async () => {
    bodies = [];
    const read = async (req: IncomingMessage) => {
      let text = '';
      for await (const chunk of req) text += String(chunk);
      bodies.push(JSON.parse(text) as Record<string, unknown>);
    };
    // As servers of open models answer: no encrypted reasoning, no items before the end, no details of the usage.
    server = createServer((req, res) => {
      void read(req).then(() => {
        const output = [
          { type: 'reasoning', id: 'rs_1', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
          {
            type: 'message',
            id: 'msg_1',
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text: 'Hi.', annotations: [] }],
          },
        ];
        const event = (type: string, response: object) =>
          `event: ${type}\ndata: ${JSON.stringify({ type, response })}\n\n`;
        const usage = { input_tokens: 5, output_tokens: 2, total_tokens: 7 };
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.write(event('response.created', { id: 'resp_1', model: 'qwen3:8b', output: [] }));
        res.end(event('response.completed', { id: 'resp_1', model: 'qwen3:8b', status: 'completed', output, usage }));
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterEach(() => server.close());

  test('gets nothing that an unknown model may not have, and its reasoning back as text', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const asked = { ...request, model: 'qwen3:8b' };
    const { content, usage } = await clientOf(url).call(asked);
    expect(Object.keys(bodies[0] ?? {}).sort()).toEqual([
      'input',
      'instructions',
      'max_output_tokens',
      'model',
      'prompt_cache_key',
      'store',
      'stream',
      'tools',
    ]);
    expect(bodies[0]).toMatchObject({ tools: [{ strict: false }, { strict: false }] });
    expect(usage).toEqual({ input_tokens: 5, output_tokens: 2, cache_read_tokens: 0, cache_write_tokens: 0 });
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } };
    await clientOf(url).call({
      ...asked,
      messages: [
        ...asked.messages,
        { role: 'assistant', content: [...content, { type: 'tool_use', id: 'a', name: 'bash', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: [image] }] },
        { role: 'assistant', content: [{ type: 'thinking', thinking: 'of another provider', signature: 'x' }] },
        { role: 'user', content: [{ type: 'text', text: 'Go on.' }] },
      ],
    });
    expect((bodies[1]?.input as object[]).slice(1)).toEqual([
      { type: 'reasoning', id: 'rs_1', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
      {
        type: 'message',
        role: 'assistant',
        id: 'msg_1',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Hi.', annotations: [] }],
      },
      { type: 'function_call', call_id: 'a', name: 'bash', arguments: '{}' },
      {
        type: 'function_call_output',
        call_id: 'a',
        output: [{ type: 'input_image', detail: 'high', image_url: 'data:image/png;base64,QUJD' }],
      },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go on.' }] },
    ]);
  });
});

describe('the schema of a strict tool', () => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string', default: 'x' },
      note: { type: 'string' },
      parts: {
        type: 'array',
        items: { type: 'object', properties: { size: { type: 'integer' } }, required: [], additionalProperties: false },
      },
      kind: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    },
    required: ['name', 'parts', 'kind'],
    additionalProperties: false,
  };

  test('is accepted by the rules of the wire', () => {
    expect(functionProblem('answer', schema)).toContain("Missing 'note'");
    expect(functionProblem('answer', strictSchema(schema) as Record<string, unknown>)).toBeUndefined();
  });

  test('keeps a null that the schema asks for', () => {
    const given = { name: 'a', note: null, parts: [{ size: null }, { size: 1 }], kind: null };
    expect(withoutNulls(schema, given)).toEqual({ name: 'a', parts: [{}, { size: 1 }], kind: null });
  });
});
