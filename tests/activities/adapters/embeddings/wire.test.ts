import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createWireEmbeddings } from '#activities/adapters/embeddings/wire.ts';

interface Asked {
  path: string;
  authorization: string | undefined;
  body: { model: string; input: string[]; encoding_format?: string; dimensions?: number };
}

/** Answers by the interface of OpenAI's embeddings: what it is told to first, vectors after that. */
const asked: Asked[] = [];
let failures: number[] = [];
let numbers = 1536;
let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Asked['body'];
      asked.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
      const answer = (status: number, content: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
      const failure = failures.shift();
      if (failure === 0) return request.destroy();
      if (failure) return answer(failure, { error: { message: `refused with ${failure}`, type: 'x' } });
      if (body.input.some((text) => text === '')) return answer(400, { error: { message: 'input is empty' } });
      if (body.encoding_format !== 'float') return answer(400, { error: { message: 'encoding_format' } });
      const data = body.input.map((text, index) => ({
        object: 'embedding',
        index,
        embedding: Array.from({ length: numbers }, (_, at) => (at === text.length ? 3 : 0)),
      }));
      // The order of the answer is not promised.
      return answer(200, {
        object: 'list',
        data: data.reverse(),
        model: body.model,
        usage: { prompt_tokens: 2 * body.input.length, total_tokens: 2 * body.input.length },
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  asked.length = 0;
  failures = [];
  numbers = 1536;
});

const embeddings = (model = 'text-embedding-3-small', key: string | undefined = 'a-key') =>
  createWireEmbeddings({ provider: 'openai', url, key, model, environment: {}, wait_ms: 1 });
const at = (vector: number[] | undefined) => vector?.findIndex((x) => x !== 0);

test('[MEM-09] texts get unit vectors of 1,536 numbers in their order, 64 a request', async () => {
  const texts = Array.from({ length: 70 }, (_, n) => 'x'.repeat(n + 1));
  const { vectors, tokens } = await embeddings().embed(texts, 'passage');
  expect(vectors.map(at)).toEqual(texts.map(({ length }) => length));
  expect(vectors.every((vector) => vector.length === 1536 && Math.hypot(...vector) === 1)).toBe(true);
  expect(tokens).toBe(140);
  expect(asked.map(({ body }) => body.input.length)).toEqual([64, 6]);
  expect(asked[0]).toMatchObject({
    path: '/v1/embeddings',
    authorization: 'Bearer a-key',
    body: { model: 'text-embedding-3-small', dimensions: 1536 },
  });
  expect(embeddings().model).toBe('openai:text-embedding-3-small');
});

test.each([
  ['too many requests', [429], 2],
  ['a fault of the server, then another', [500, 503], 3],
  ['a lost connection', [0], 2],
])('[MEM-09] %s is tried again', async (_, given, tries) => {
  failures = [...given];
  expect((await embeddings().embed(['abc'], 'query')).vectors.map(at)).toEqual([3]);
  expect(asked).toHaveLength(tries);
});

test.each([
  ['three faults', [500, 500, 500], 3, /500 refused with 500/],
  ['a wrong key', [401], 1, /401 refused with 401/],
  ['a request that is refused', [400], 1, /400 refused with 400/],
])('[MEM-09] %s: no further try', async (_, given, tries, message) => {
  failures = [...given];
  await expect(embeddings().embed(['abc'], 'query')).rejects.toThrow(message);
  expect(asked).toHaveLength(tries);
});

test('[MEM-09] shorter vectors get zeros, longer ones are refused with the setting that chooses the model', async () => {
  numbers = 384;
  const [short] = (await embeddings('all-minilm').embed(['abc', ''], 'query')).vectors;
  expect([short?.length, at(short)]).toEqual([1536, 3]);
  expect(asked[0]?.body.dimensions).toBeUndefined();
  numbers = 4096;
  await expect(embeddings('wide').embed(['abc'], 'query')).rejects.toThrow(
    'wide gave a vector of 4096 numbers; 1 to 1536 finite ones can be stored. Set EMBEDDING_MODEL to a model with at most 1536.',
  );
});
