import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import type { Answer } from '#server/contracts/client.ts';
import * as contracts from '#server/contracts/previews.ts';
import { listRuns } from '#server/contracts/runs.ts';
import { newPerson } from '#tests/support/people.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { newProject } from '#tests/support/shared.ts';
import type { TaskRow } from '#tests/support/work.ts';

type Preview = Answer<typeof contracts.getPreview>;

/** A dev server as frameworks have one: pages, a socket for hot replacement, cookies, redirects. */
const server = `
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import http from 'node:http';
appendFileSync('starts.txt', 'x');
const { PORT } = process.env;
const app = http.createServer((req, res) => {
  if (req.url === '/echo') return res.end(JSON.stringify(req.headers));
  if (req.url === '/starts') return res.end(readFileSync('starts.txt'));
  if (req.url === '/back') return res.writeHead(302, { location: 'http://localhost:' + PORT + '/there?x=1' }).end();
  if (req.url === '/stream') return res.write('first');
  if (req.url === '/away') return res.writeHead(302, { location: 'https://example.test/' }).end();
  res.setHeader('set-cookie', 'theme=dark; Domain=localhost; Path=/');
  res.setHeader('x-frame-options', 'DENY');
  res.end('<h1>The app</h1>');
});
app.on('upgrade', (req, socket) => {
  const accept = createHash('sha1').update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n');
  socket.write(Buffer.concat([Buffer.from([0x81, 3]), Buffer.from('hot')]));
  socket.on('error', () => undefined);
});
app.listen(Number(PORT), '127.0.0.1');
http.createServer((req, res) => res.end('another port')).listen(Number(PORT) + 1, '127.0.0.1');
`;
const files = {
  'package.json': '{"name":"shop","type":"module","scripts":{"dev":"sleep 5 && node server.js"}}\n',
  'server.js': server,
  'README.md': '# Shop\n',
};

let own: OwnStack;
beforeAll(async () => {
  own = await OwnStack.start({
    OMOIOS_PREVIEW_WAIT_SECONDS: '1',
    OMOIOS_PREVIEW_PORT: '4310',
    MODEL_PROVIDER: 'anthropic',
  });
});
afterAll(() => own.stop());

interface Shown {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** Asks as a browser does that is led to an address. Names below localhost lead to this machine there. */
function see(address: string, path = '/', headers: Record<string, string> = {}, method = 'GET'): Promise<Shown> {
  const { host, port } = new URL(address);
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers: { host, ...headers }, agent: false }, (answer) => {
      const { statusCode: status = 0, headers: given } = answer;
      text(answer).then((body) => resolve({ status, headers: given, body }), reject);
    })
      .on('error', reject)
      .end();
  });
}

/** An answer that does not end by itself, as of server-sent events. */
function follow(address: string): Promise<{ closed: Promise<unknown> }> {
  const { host, port } = new URL(address);
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/stream', headers: { host }, agent: false }, (answer) => {
      const closed = new Promise((ended) => answer.once('close', ended));
      answer.on('error', () => undefined);
      answer.once('data', () => resolve({ closed }));
    })
      .on('error', reject)
      .end();
  });
}

function connect(address: string, origin: string): { first: Promise<string>; closed: Promise<unknown>; end(): void } {
  const { host, port } = new URL(address);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/hmr`, { headers: { host, origin } });
  const first = new Promise<string>((resolve) => {
    socket.once('message', (data: Buffer) => resolve(data.toString()));
    socket.once('error', (error) => resolve(error.message));
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  return { first, closed, end: () => socket.terminate() };
}

test("[EXEC-27] a front end's dev server is started once over a crash, and is seen through its own origin by its viewer alone", async () => {
  const { api } = own;
  const played = await own.play((request) => answerValue(request) ?? { hang: true });
  const { id: project_id } = await newProject(api, files);
  const quick = (title: string) =>
    api.post<{ task_id: string }>('/tickets', {
      project_id,
      title: `${title} ${played.word}`,
      description: 'Show all goods.',
      workflow_mode: 'quick',
      force_create: true,
    });
  const task = await quick('Show the goods in the web UI');
  await api.until<TaskRow>(`/tasks/${task.task_id}`, ({ status }) => status === 'running', 90_000);
  const [run] = await api.list(listRuns, { query: { task_id: task.task_id, kind: 'task' } });
  const { id: runId = '', sandbox_id: sandbox = '' } = run ?? {};

  const found = async (until: (preview: Preview) => boolean) => {
    const { preview } = await api.until<Answer<typeof contracts.sandboxPreview>>(
      `/preview/sandbox/${sandbox}`,
      ({ preview }) => preview !== null && until(preview),
      90_000,
    );
    return preview as Preview;
  };
  const starting = await found(({ status }) => status !== 'pending');
  expect(starting).toMatchObject({
    status: 'starting',
    command: 'npm run dev',
    reason: expect.stringContaining('waits'),
  });
  own.stack.kill('application');
  const ready = await found(({ status }) => status !== 'starting');
  expect(ready).toMatchObject({ status: 'ready', port: 4310, requested_by: 'front-end task' });
  expect((await api.request('POST', '/preview', { sandbox_id: sandbox })).status).toBe(409);

  const open = async () => (await api.call(contracts.openPreview, { params: { id: ready.id } })).url;
  const url = await open();
  const origin = new URL(url).origin;
  expect(origin).toMatch(/^http:\/\/[0-9a-f]{40}\.preview\.localhost:\d+$/);
  const page = await see(url);
  expect(page).toMatchObject({ status: 200, body: '<h1>The app</h1>' });
  expect(page.headers['set-cookie']).toEqual(['theme=dark; Path=/']);
  expect(page.headers['content-security-policy']).toContain('frame-ancestors http://localhost:');
  expect(page.headers).not.toHaveProperty('x-frame-options');
  expect((await see(url, '/starts')).body).toBe('x');
  const cookie = 'omoios_access_token=secret; theme=dark; omoios_refresh_token=secret';
  const echoed = JSON.parse((await see(url, '/echo', { cookie, origin, 'x-forwarded-host': 'other' })).body) as object;
  expect(echoed).toMatchObject({ host: 'localhost:4310', origin: 'http://localhost:4310', cookie: 'theme=dark' });
  expect(JSON.stringify(echoed)).not.toMatch(/secret|other/);
  expect((await see(url, '/back')).headers.location).toBe(`${origin}/there?x=1`);
  expect((await see(url, '/away')).headers.location).toBe('https://example.test/');

  const socket = connect(url, origin);
  expect(await socket.first).toBe('hot');
  const strange = connect(url, 'http://localhost:3000');
  expect(await strange.first).toContain('403');

  // No trick leads to another port, host or page of the platform.
  for (const path of ['//127.0.0.1:4311/', 'http://127.0.0.1:4311/', '*'])
    expect([path, (await see(url, path, {}, path === '*' ? 'OPTIONS' : 'GET')).status]).toEqual([path, 400]);
  expect((await see(url, '/api/v1/projects')).body).toBe('<h1>The app</h1>');
  expect((await see(url, '/', { host: `${new URL(url).host.replace(/:\d+$/, '')}:4311` })).body).not.toBe(
    'another port',
  );
  const unknown = url.replace(/[0-9a-f]{40}/, 'a'.repeat(40));
  expect((await see(unknown)).status).toBe(404);
  expect((await see(unknown, '/api/v1/projects')).status).toBe(404);
  expect((await see(url, '/', { origin: 'http://localhost:3000' }, 'POST')).status).toBe(403);

  const stranger = await newPerson({ url: own.stack.address.url });
  for (const [method, path] of [
    ['GET', `/preview/${ready.id}`],
    ['GET', `/preview/sandbox/${sandbox}`],
    ['POST', `/preview/${ready.id}/open`],
    ['DELETE', `/preview/${ready.id}`],
  ] as const)
    expect([path, (await stranger.api.request(method, path)).status]).toEqual([path, 404]);

  // The right ends with the key that it came from.
  const key = await api.post<{ id: string; key: string }>('/auth/api-keys', { name: 'viewer', scopes: ['agent:read'] });
  const viewer = (await api.as(key.key).call(contracts.openPreview, { params: { id: ready.id } })).url;
  expect((await see(viewer)).status).toBe(200);
  const watching = connect(viewer, new URL(viewer).origin);
  expect(await watching.first).toBe('hot');
  const following = await follow(viewer);
  await api.request('DELETE', `/auth/api-keys/${key.id}`);
  expect((await see(viewer)).status).toBe(401);
  await watching.closed;
  await following.closed;

  const stopped = await api.request<Preview>('DELETE', `/preview/${ready.id}`);
  expect(stopped.body).toMatchObject({ status: 'stopped', reason: expect.stringContaining('Stopped by') });
  expect((await see(url)).status).toBe(404);
  await socket.closed;
  expect((await api.request('POST', `/preview/${ready.id}/open`)).status).toBe(409);

  // A person starts it again, with a command of their own; it ends with its sandbox.
  const again = await api.call(contracts.createPreview, {
    body: { sandbox_id: runId, command: 'node server.js', port: 4320 },
  });
  expect(again).toMatchObject({ id: ready.id, status: 'pending', port: 4320 });
  await found(({ status }) => status === 'ready');
  const last = await open();
  expect((await see(url)).status).toBe(404);
  expect((await see(last)).status).toBe(200);
  await api.post(`/runs/${runId}/stop`, {});
  const over = await found(({ status }) => status !== 'ready');
  expect(over).toMatchObject({ status: 'stopped', reason: 'The sandbox has ended.' });
  expect((await see(last)).status).toBe(404);
  expect((await api.request('POST', '/preview', { sandbox_id: sandbox })).status).toBe(409);

  // Work on something else has no preview by itself; a command that ends says why.
  const build = await quick('Build the parser');
  await api.until<TaskRow>(`/tasks/${build.task_id}`, ({ status }) => status === 'running', 90_000);
  const [parser] = await api.list(listRuns, { query: { task_id: build.task_id, kind: 'task' } });
  const none = await api.get<Answer<typeof contracts.sandboxPreview>>(`/preview/sandbox/${parser?.id}`);
  expect(none).toEqual({ preview: null, problem: null });
  const body = { sandbox_id: parser?.id ?? '', command: 'echo no such thing; exit 3' };
  const { id } = await api.call(contracts.createPreview, { body });
  const failed = await api.until<Preview>(`/preview/${id}`, ({ status }) => status === 'failed', 60_000);
  expect(failed.reason).toBe('The dev server ended with exit code 3. no such thing');
  await played.stop();
}, 400_000);
