import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { urlWithToken } from '#server/contracts/projects.ts';

const project = { id: '11111111-1111-4111-8111-111111111111', name: 'remote' };
const token = 'glpat-with/odd:characters@and%';

/** Runs `omoios project set-token` with this on its standard input. @returns what it said and what it sent. */
async function setToken(url: string | null, input: string, ...options: string[]) {
  const sent: unknown[] = [];
  const server = createServer((req, res) => {
    void text(req).then((body) => {
      if (req.method === 'PATCH') sent.push(JSON.parse(body));
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ ...project, repository: { path: null, url } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ['scripts/cli/omoios.js', 'project', 'set-token', project.id, ...options, '--api', api];
  const child = spawn(process.execPath, args, { env: { ...process.env, OMOIOS_API_KEY: 'a-key' } });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  child.stdin.end(input);
  const [out, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  server.close();
  return { code, said: out + errors, sent };
}

test('the command reads the token from standard input, and sends it in the address of the repository', async () => {
  const url = 'https://git.example.test/a/b.git';
  const [alone, withUser] = await Promise.all([setToken(url, `${token}\n`), setToken(url, token, '--user', 'oauth2')]);
  const encoded = encodeURIComponent(token);
  expect(alone).toMatchObject({
    code: 0,
    sent: [{ repository: { url: `https://${encoded}@git.example.test/a/b.git` } }],
  });
  expect(withUser.sent).toEqual([{ repository: { url: `https://oauth2:${encoded}@git.example.test/a/b.git` } }]);
  expect(alone.said).toContain('accepts the new token of remote');
  expect(alone.said + withUser.said).not.toContain('glpat');
}, 60_000);

test('it refuses what is not a token, and a repository that has none', async () => {
  const [several, none, folder] = await Promise.all([
    setToken('https://git.example.test/a.git', 'two tokens\n'),
    setToken('https://git.example.test/a.git', ''),
    setToken(null, token),
  ]);
  for (const { code, said, sent } of [several, none])
    expect([code, said, sent]).toEqual([2, expect.stringContaining('one token'), []]);
  expect([folder.code, folder.said, folder.sent]).toEqual([1, expect.stringContaining('has no token'), []]);
}, 60_000);

test('an address that git reaches by another way has no token', () => {
  expect(urlWithToken('git@git.example.test:a/b.git', token)).toBeUndefined();
  expect(urlWithToken('ssh://git@git.example.test/b.git', token)).toBeUndefined();
});
