import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { ApiError, request } from '#server/contracts/client.ts';
import type { Contract } from '#server/contracts/contract.ts';

const contract = (method: Contract['method']) =>
  ({
    method,
    path: '/things',
    params: z.object({}),
    query: z.object({}),
    body: z.object({}),
    response: z.object({ n: z.number() }),
  }) as unknown as Contract;

/** Answers with the number of the request, but closes the connection of those that `closes` names without an answer. */
async function startServer(
  closes: (n: number) => boolean,
): Promise<{ server: Server; base: string; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((req, res) => {
    seen.push(req);
    if (closes(seen.length)) req.socket.destroy();
    else res.setHeader('content-type', 'application/json').end(JSON.stringify({ n: seen.length }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, seen, base: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('a connection that the server closes while a request is on its way', () => {
  test.each(['get', 'post', 'put', 'patch', 'delete'] as const)(
    '%s is sent once more, as the same request',
    async (method) => {
      const { server, seen, base } = await startServer((n) => n === 2);
      await request({ base }, contract(method), {});
      const { answer } = await request({ base }, contract(method), {});
      expect(answer).toEqual({ n: 3 });
      const keys = seen.map((req) => req.headers['idempotency-key']);
      expect(keys[1]).toBe(keys[2]);
      if (method === 'post') {
        expect(keys[1]).toMatch(/^[\w-]{36}$/);
        expect(keys[0]).not.toBe(keys[1]);
      }
      server.close();
    },
  );

  test('a server that never answers is asked twice, then said to be unreachable', async () => {
    const { server, seen, base } = await startServer(() => true);
    await expect(request({ base }, contract('post'), {})).rejects.toMatchObject({ status: 0, code: 'unreachable' });
    await expect(request({ base }, contract('get'), {})).rejects.toBeInstanceOf(ApiError);
    expect(seen).toHaveLength(4);
    server.close();
  });
});
