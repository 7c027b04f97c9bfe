import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { SandboxPort } from '#activities/ports/sandbox.ts';
import { until } from './fixture.ts';

/** The body of the answer to a request over the socket. */
export const ask = (socketPath: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ socketPath, path: '/', agent: false }, (answer) => void text(answer).then(resolve, reject))
      .on('error', reject)
      .end();
  });

/** What comes back over a connection that is upgraded, as that of hot replacement is. */
const echoed = (socketPath: string, words: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ socketPath, path: '/hot', agent: false, headers: { connection: 'Upgrade', upgrade: 'websocket' } })
      .on('upgrade', (_answer, socket) => {
        socket.write(words);
        socket.once('data', (data: Buffer) => {
          socket.destroy();
          resolve(data.toString());
        });
      })
      .on('response', (answer) => reject(new Error(`answered ${answer.statusCode}`)))
      .on('error', reject)
      .end();
  });

const serve = (port: number, host: string) =>
  `node -e "const s = require('http').createServer((q, r) => r.end('port ${port}')).listen(${port}, '${host}');
s.on('upgrade', (q, c) => { c.write('HTTP/1.1 101 Ok\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n'); c.pipe(c); })"`;

/** A port is reached alone, in its sandbox alone, and not any more after its end. */
export async function expectShownPorts(sandbox: SandboxPort, make: () => Promise<string>): Promise<void> {
  expect(sandbox.ports).toBe(true);
  const [id, other] = [await make(), await make()];
  for (const [port, host] of [
    [3000, '127.0.0.1'],
    [3001, '::1'],
  ] as const)
    await sandbox.startCommand(id, { job_id: `serve-${port}`, command: serve(port, host), network: 'none' });
  const ways = (
    [
      [id, 3000],
      [id, 3001],
      [other, 3000],
      [id, 3002],
    ] as const
  ).map(([of, port]) => sandbox.openPort(of, port));
  const [way, second, others, empty] = (await Promise.all(ways)).map(({ socketPath }) => socketPath);
  const answer = (opened = '') => ask(opened).catch(() => '');
  await until(async () => (await answer(way)) === 'port 3000' && (await answer(second)) === 'port 3001', 20_000);
  expect([await answer(others), await answer(empty)]).toEqual(['', '']);
  expect(await echoed(way ?? '', 'changed')).toBe('changed');
  expect(await Promise.all(Array.from({ length: 8 }, () => answer(way)))).toEqual(Array(8).fill('port 3000'));
  expect(await sandbox.openPort(id, 3000)).toEqual({ socketPath: way });
  await sandbox.destroy(id);
  await until(() => !existsSync(way ?? ''));
  await expect(sandbox.openPort(id, 3000)).rejects.toMatchObject({ code: 'lost' });
  await sandbox.destroy(other);
}
