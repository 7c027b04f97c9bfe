import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAnthropicModel } from '#activities/adapters/model/anthropic.ts';
import { requestBody } from '#activities/adapters/model/request-body.ts';
import type { ModelRequest } from '#activities/ports/model.ts';
import type { ModelSettings } from '#workflows/domain/agent/models.ts';
import { PlayedModel } from '#tests/support/played-model.ts';

const request: ModelRequest = {
  model: 'claude-sonnet-5-5',
  system: [],
  tools: [],
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
  max_tokens: 10,
  user_id: 'run:1',
};

describe('the client of the Messages API', () => {
  let proxy: Server;
  let asked: string[];
  let address: string;
  beforeEach(async () => {
    asked = [];
    proxy = createServer().on('connect', (req, socket) => {
      asked.push(req.url ?? '');
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  afterEach(() => proxy.close());

  const call = (base_url: string, environment: Record<string, string>) =>
    createAnthropicModel({
      api_key: 'k',
      base_url,
      idle_timeout: 5,
      call_timeout: 5,
      provider: 'anthropic',
      scripted: false,
      environment,
    }).call(request);

  test.each(['HTTPS_PROXY', 'https_proxy'])('goes through the proxy that %s names', async (name) => {
    await expect(call('https://api.example.test', { [name]: address })).rejects.toMatchObject({ kind: 'server' });
    expect(asked).toEqual(['api.example.test:443']);
  });

  test('goes directly to the hosts of NO_PROXY', async () => {
    const environment = { HTTPS_PROXY: address, NO_PROXY: '.example.test' };
    await expect(call('https://api.example.test:1', environment)).rejects.toMatchObject({ kind: 'server' });
    expect(asked).toEqual([]);
  });

  test('never reaches this machine through a proxy, and stores counts of tokens as whole numbers', async () => {
    const model = await new PlayedModel(() => ({
      text: 'Done.',
      usage: {
        input_tokens: 10.4,
        output_tokens: 1e18,
        cache_read_input_tokens: -3,
        cache_creation_input_tokens: 7,
      },
    })).start();
    try {
      const answer = await call(model.url, { HTTP_PROXY: address, HTTPS_PROXY: address });
      expect(asked).toEqual([]);
      expect(answer.usage).toEqual({
        input_tokens: 10,
        output_tokens: 10_000_000,
        cache_read_tokens: 0,
        cache_write_tokens: 7,
      });
    } finally {
      await model.stop();
    }
  });
});

describe('a gateway with the interface of the Messages API', () => {
  let gateway: Server;
  let url: string;
  let headers: IncomingHttpHeaders[];
  const refused = ['cache_control', 'thinking', 'output_config', 'eager_input_streaming'];
  beforeEach(async () => {
    headers = [];
    const answer = [
      { type: 'message_start', message: { id: 'msg_1', model: 'large', usage: { input_tokens: 1, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Hi.' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
      { type: 'message_stop' },
    ];
    gateway = createServer((req, res) => {
      let body = '';
      req
        .on('data', (chunk) => (body += String(chunk)))
        .on('end', () => {
          headers.push(req.headers);
          const field = refused.find((name) => body.includes(`"${name}"`));
          if (field) {
            const error = { type: 'invalid_request_error', message: `${field}: Extra inputs are not permitted` };
            return res.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
          }
          res.writeHead(200, { 'content-type': 'text/event-stream' });
          for (const event of answer) res.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
          return res.end();
        });
    });
    await new Promise<void>((done) => gateway.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  });
  afterEach(() => gateway.close());

  const mark = { cache_control: { type: 'ephemeral', ttl: '1h' } };
  const full: ModelRequest = {
    ...request,
    system: [{ type: 'text', text: 'You are an agent.', ...mark }],
    tools: [{ name: 'bash', input_schema: { type: 'object' } }],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello', ...mark }] }],
    effort: 'high',
    cache_ttl: '1h',
  };
  const clientOf = (keys: { api_key?: string; auth_token?: string }, models: ModelSettings = {}) =>
    createAnthropicModel({
      ...keys,
      base_url: url,
      idle_timeout: 5,
      call_timeout: 5,
      provider: 'anthropic',
      scripted: false,
      models,
    });

  test('gets only the features that the settings leave to a model', async () => {
    const keys = { api_key: 'k' };
    await expect(clientOf(keys).call(full)).rejects.toMatchObject({ kind: 'invalid' });
    const less = { thinking: [], efforts: [], eager_inputs: false, cache_marks: false };
    const answer = await clientOf(keys, { known: { [full.model]: less } }).call(full);
    expect(answer).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: 'Hi.' }] });
  });

  test.each([
    [{ api_key: 'key' }, { authorization: 'Bearer key', 'x-api-key': 'key' }],
    [{ auth_token: 'token' }, { authorization: 'Bearer token', 'x-api-key': undefined }],
    [
      { api_key: 'key', auth_token: 'token' },
      { authorization: 'Bearer token', 'x-api-key': 'key' },
    ],
  ])('gets its key by %j', async (keys, expected) => {
    await clientOf(keys, { known: { [full.model]: { thinking: [], efforts: [], eager_inputs: false } } })
      .call(request)
      .catch(() => undefined);
    expect({ authorization: headers[0]?.authorization, 'x-api-key': headers[0]?.['x-api-key'] }).toEqual(expected);
  });

  test('gets no part of a conversation that only another provider understands', async () => {
    const foreign = { openai: { id: 'rs_1', summary: [] } };
    const content = [
      { type: 'thinking', thinking: '', signature: 'gAAA', ...foreign },
      { type: 'text', text: 'I look.', openai: { id: 'msg_1' } },
    ];
    const body = requestBody({ ...request, messages: [{ role: 'assistant', content }] }, {});
    expect(body.messages).toEqual([{ role: 'assistant', content: [{ type: 'text', text: 'I look.' }] }]);
  });
});
