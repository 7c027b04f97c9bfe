import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAnthropicModel } from '#activities/adapters/model/anthropic.ts';
import type { ModelRequest } from '#activities/ports/model.ts';
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
