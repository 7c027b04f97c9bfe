import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { rootDir } from '#activities/services/config.ts';

/** Runs a command against a server that answers every call with these rows. */
async function run(items: object[], ...args: string[]) {
  const server = createServer((_req, res) => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ items, next_cursor: null }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const child = spawn(process.execPath, [path.join(rootDir, 'scripts/cli/omoios.js'), ...args, '--api', api], {
    env: { ...process.env, OMOIOS_API_KEY: 'a-key', TEMPORAL_ADDRESS: '127.0.0.1:9' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [out, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  server.close();
  return { out, errors, code };
}

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

test('stored text does not act on the terminal', async () => {
  const title = '\x1b]0;X\x07\x1b[2J a\rb \x9b31m \u202e\x7f \x1b[31m c\nd';
  const rows = [{ id: '1', status: 'running', current_phase: 'prd', progress: 0, title }];
  const [people, programs] = await Promise.all([run(rows, 'spec', 'list'), run(rows, 'spec', 'list', '--json')]);
  expect(people.out).toContain('␛]0;X␇␛[2J a␍b \\u009b31m \\u202e\\u007f ␛[31m c d\n');
  expect(JSON.parse(programs.out)).toMatchObject({ items: [{ title }] });
  // eslint-disable-next-line no-control-regex
  expect(programs.out).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
}, 60_000);

test('a bad argument gets one plain message with its remedy', async () => {
  const cases: [args: string[], message: RegExp, code: number][] = [
    [['replay', 'nope'], /no file nope, and Temporal does not answer at .*npm start/, 1],
    [['replay', '/etc/hostname'], /\/etc\/hostname is not the history of a workflow. Give /, 1],
    [['run', 'fork', 'x'.repeat(36), 'many', 'Go'], /<turn> must be a whole number such as 3, not many/, 2],
    [['feature', 'Something', '--repo', 'https://'], /--repo must be a folder or a URL such as /, 2],
  ];
  const answers = await Promise.all(cases.map(([args]) => run([], ...args)));
  answers.forEach(({ errors, code }, at) => {
    const [args, message, expected] = cases[at] ?? [[], /$^/, 0];
    expect([args, errors.trim().split('\n').length, code]).toEqual([args, 1, expected]);
    expect(errors).toMatch(message);
  });
}, 120_000);

test.each([
  [['task', 'cancel', ''], '<id> must not be empty.'],
  [['feature', ' ', '--repo', '.'], '<text> must not be empty.'],
  [['feature', 'Export tasks', '--repo', ''], '--repo must not be empty.'],
])('an empty value names nothing: %j', async (args, message) => {
  // The only task would be the one that an empty id matches.
  const { out, errors, code } = await run([{ id: '00000000-0000-4000-8000-000000000000', key: 'TSK-1' }], ...args);
  expect({ out, errors: errors.trim(), code }).toEqual({ out: '', errors: message, code: 2 });
});
