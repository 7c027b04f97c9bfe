import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Whose word comes first in a request: what it is about. What earlier tasks taught, with their words, comes later. */
export function playerOf<T>(text: string, words: ReadonlyMap<string, T>): T | undefined {
  const places = [...words].map(([word, player]) => ({ at: text.indexOf(word), player })).filter(({ at }) => at >= 0);
  return places.sort((a, b) => a.at - b.at)[0]?.player;
}

/**
 * The model server of the shared stack. It forwards each request to the model of the test whose word the request
 * contains. A test registers its word by PUT /words/{word} with its model's address as body.
 */
export async function startModelRouter(): Promise<{ url: string; server: Server }> {
  const words = new Map<string, string>();
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const body = Buffer.concat(chunks);
        const word = /^\/words\/(.+)$/.exec(req.url ?? '')?.[1];
        if (word) {
          if (req.method === 'PUT') words.set(word, body.toString());
          else words.delete(word);
          res.end();
          return;
        }
        const text = body.toString('utf8');
        const target = playerOf(text, words);
        if (!target) {
          res.writeHead(400, { 'content-type': 'application/json' }).end(
            JSON.stringify({
              type: 'error',
              error: { type: 'invalid_request_error', message: 'No test plays this model.' },
            }),
          );
          return;
        }
        const out = forward(
          `${target}${req.url}`,
          { method: req.method, headers: { ...req.headers, host: new URL(target).host } },
          (answer) => {
            res.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(res);
            answer.on('error', () => res.destroy());
            answer.on('aborted', () => res.destroy());
          },
        );
        out.on('error', () => res.destroy());
        res.on('close', () => out.destroy());
        out.end(body);
      });
  });
  // 0: never. A connection that it closes as a test uses it loses the test's request.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
