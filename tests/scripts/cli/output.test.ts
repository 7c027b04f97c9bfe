import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { rootDir } from '#activities/services/config.ts';

test('a reader that is slower than the command still gets the whole answer', async () => {
  // Larger than the 64 KiB that a pipe holds.
  const items = Array.from({ length: 50 }, (_, n) => ({ id: String(n), title: 'x'.repeat(10_000) }));
  const server = createServer((_req, res) => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ items, next_cursor: null }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const command = [path.join(rootDir, 'scripts/cli/omoios.js'), 'run', 'list', '--json', '--api', api];
  const child = spawn(process.execPath, command, {
    env: { ...process.env, OMOIOS_API_KEY: 'a-key' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  // The pipe fills up before anything reads it.
  await sleep(3000);
  const printed = await text(child.stdout);
  expect(JSON.parse(printed)).toMatchObject({ items: { length: 50 } });
  expect(await ended).toBe(0);
  server.close();
}, 60_000);
