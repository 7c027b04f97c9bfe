import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Api, eventually } from '#tests/support/api.ts';
import { LiveFeed } from '#tests/support/live-feed.ts';
import type { Reply } from '#tests/support/played-model.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, ownerKey, playOnShared, shared, temporalClient } from '#tests/support/shared.ts';
import { taskIs } from '#tests/support/work.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { platformAccess } from '#activities/agent/sandbox-key.ts';
import { createRepositories } from '#activities/adapters/repositories/git.ts';

/** Lets an agent make these calls, one per turn, and then do its task. Returns the results in order. */
async function agentTries(
  tools: { name: string; input: object }[],
  files: Record<string, string> = { 'src/done.js': 'export const done = 1;\n' },
) {
  const results: { text: string; is_error: boolean }[] = [];
  const played = await playOnShared((request): Reply => {
    const value = answerValue(request);
    if (value) return value;
    if (request.context.kind === 'validation') return reviewPasses(request);
    if (request.step > 0 && request.step <= tools.length) results.push(...request.results);
    const next = tools[request.step];
    if (next) return { tools: [call(next.name, next.input)] };
    return finishTask({ ...request, step: request.step - tools.length }, files);
  });
  const { id: project_id, repository } = await newProject();
  const ticket = await api().post<{ id: string; task_id: string }>('/tickets', {
    project_id,
    title: `Attempts ${played.word}`,
    description: 'Try things.',
    workflow_mode: 'quick',
  });
  const task = await taskIs(ticket.task_id, 'completed', 'failed');
  await played.stop();
  return { results, task, repository, project_id, requests: played.model.requests };
}

interface Reported {
  type: string;
  entity: { kind: string; id: string };
  data: { event_id: string; event_type: string; by: string; event_data: { content?: string } };
}

test('[AUTH-13] [EXEC-19] by the key of its sandbox a command reports events of its own run, and the key ends with the run', async () => {
  const curl =
    'curl -s -m 10 -w " %{http_code}\\n" -H "Authorization: Bearer $OMOIOS_SANDBOX_KEY" -H "Content-Type: application/json"';
  const body = (id: string) =>
    `'{"event_type":"agent.message","source":"agent","event_id":"${id}","event_data":{"content":"from inside"}}'`;
  const events = '$OMOIOS_API_URL/sandboxes/$OMOIOS_SANDBOX_ID/events';
  const command = [
    `${curl} -d ${body('one')} ${events}`,
    `${curl} -d ${body('one')} ${events}`,
    `${curl} ${events}`,
    `${curl} $OMOIOS_API_URL/sandboxes/$OMOIOS_SANDBOX_ID/messages`,
    `${curl} $OMOIOS_API_URL/projects`,
    'echo "key $OMOIOS_SANDBOX_KEY"; env | grep OMOIOS_',
  ].join('; ');
  const played = await playOnShared((request): Reply => {
    const value = answerValue(request);
    if (value) return value;
    return request.step === 0 && request.context.title?.includes('Report')
      ? { tools: [call('bash', { command })] }
      : { hang: true };
  });
  const { id: project_id } = await newProject(api(), undefined, { network: 'registries' });
  const working = async (title: string) => {
    const { task_id } = await api().post<{ task_id: string }>('/tickets', {
      project_id,
      title: `${title} ${played.word}`,
      description: 'Say what happens.',
      workflow_mode: 'quick',
    });
    const { run_id } = await api().until<{ run_id: string }>(`/tasks/${task_id}`, (row) => row.run_id !== null);
    return { task_id, run_id };
  };
  const { task_id, run_id } = await working('Report');
  const result = () => played.model.requests.flatMap(({ results }) => results.map(({ text }) => text)).join('\n');
  await eventually('the command has run', () => result() !== '', 60_000);
  const said = result();
  expect(said).toContain('{"status":"stored","event_id":"one"} 200');
  expect(said).toContain('{"status":"known","event_id":"one"} 200');
  expect(said).toMatch(/"type":"sandbox.reported".*"next_cursor":null\} 200/);
  expect(said).toMatch(/The key of a sandbox may not make this call.* 403/);
  expect(said).toContain(`a command reaches only http://omoios.internal/api/v1/sandboxes/${run_id}/ of the platform`);
  expect(said).toContain('key [redacted]');

  // The same run opened once more, by another process: the same key, and no second one.
  const services = await stackServices({ sandbox: { api_url: shared.url } });
  const { organization_id } = await api().get<{ organization_id: string }>(`/projects/${project_id}`);
  const run = await services.store.runs.get(organization_id, run_id);
  const { env } = (await platformAccess(services, run)) as { env: Record<string, string> };
  const key = env.OMOIOS_SANDBOX_KEY ?? '';
  const agent = api().as(key);
  const path = `/sandboxes/${run_id}/events`;
  const event = (more: object) => ({ event_type: 'agent.message', source: 'agent', ...more });
  const post = (more: object, headers?: Record<string, string>) => agent.request('POST', path, event(more), headers);
  expect(await post({ event_id: 'one', event_data: { content: 'from inside' } })).toMatchObject({
    body: { status: 'known' },
  });
  expect((await post({ event_id: 'one', event_data: { content: 'other' } })).status).toBe(409);
  expect(await post({ event_type: 'agent.danced' })).toMatchObject({
    status: 422,
    body: {
      details: [{ field: 'event_type', message: expect.stringContaining('agent.started, agent.assistant_message') }],
    },
  });
  expect((await post({ event_data: { content: 'x'.repeat(70_000) } })).status).toBe(422);
  expect((await post({ event_id: key })).status).toBe(422);
  const repeated = { 'Idempotency-Key': `report-${run_id}` };
  const [first, again] = [await post({}, repeated), await post({}, repeated)];
  expect([first.status, again.body]).toEqual([200, first.body]);
  const feed = await LiveFeed.open(shared.url, ownerKey(), `types=sandbox.reported&entity_ids=${run_id}`);
  await feed.say('{"type":"subscribe"}');
  await Promise.all(
    [1, 2, 3].map(() => post({ event_id: 'two', event_data: { content: `token ghp_${'a'.repeat(36)}`, [key]: 1 } })),
  );
  await eventually('the event is on the feed', () => feed.events.length > 0);
  expect(feed.events).toMatchObject([
    { data: { event_id: 'two', event_data: { content: 'token [redacted]', '[redacted]': 1 } } },
  ]);
  const { items } = await api().get<{ items: Reported[] }>(`${path}?event_type=sandbox.reported`);
  expect(items.map(({ data }) => [data.event_id, data.by]).slice(0, 1)).toEqual([['one', `agent of run ${run_id}`]]);
  expect(items).toHaveLength(3);
  for (const by of [api(), agent])
    for (const [type, count] of [
      ['agent.message', 3],
      ['agent.error,agent.waiting', 0],
    ] as const)
      expect((await by.all(`${path}?event_type=${type}`)).length).toBe(count);
  expect(await agent.get(`/sandboxes/${run_id}/task`)).toMatchObject({ id: task_id });

  expect((await new Api(shared.url, undefined).request('POST', path, event({}))).status).toBe(401);
  const late = await LiveFeed.open(shared.url, key);
  await eventually('no feed begins', () => late.closed === 1008);
  const other = await working('Wait');
  for (const [method, address, status] of [
    ['POST', `/sandboxes/${other.run_id}/events`, 403],
    ['GET', `/sandboxes/${other.run_id}/task`, 403],
    ['GET', `/runs/${run_id}`, 403],
    ['POST', `/runs/${run_id}/stop`, 403],
    ['GET', '/auth/me', 403],
    ['POST', `/sandboxes/${randomUUID()}/events`, 404],
  ] as const)
    expect([address, (await agent.request(method, address, method === 'POST' ? event({}) : undefined)).status]).toEqual(
      [address, status],
    );

  await services.store.sandboxes.issueKey(run, 'the hash of the key of the next sandbox');
  expect((await agent.request('GET', path)).status).toBe(401);
  await platformAccess(services, run);
  expect((await agent.request('GET', path)).status).toBe(200);
  await api().post(`/runs/${run_id}/stop`);
  await api().until(`/runs/${run_id}`, (row: { ended_at: string | null }) => row.ended_at !== null, 60_000);
  expect(await agent.request('GET', path)).toMatchObject({ status: 401, body: { error: 'unauthenticated' } });
  await platformAccess(services, run);
  expect((await agent.request('GET', path)).status).toBe(401);
  expect((await api().request('POST', path, event({}))).status).toBe(409);

  const { client, close } = await temporalClient();
  const history = JSON.stringify(await client.workflow.getHandle(`run:${run_id}`).fetchHistory());
  const turns = JSON.stringify(await api().get(`/runs/${run_id}/turns`));
  for (const text of [history, turns, JSON.stringify(played.model.requests)]) expect(text).not.toContain(key);
  for (const part of [feed, services, { close }, { close: () => played.stop() }]) await part.close();
}, 240_000);

describe('an agent that means harm', () => {
  test('neither leaves its sandbox, nor reads a key, nor reaches the network, nor touches another process', async () => {
    const secretFolder = mkdtempSync(path.join(tmpdir(), 'omoios-secret-'));
    const port = new URL(shared.url).port;
    const temporalPort = shared.temporalAddress.split(':')[1];
    const bash = (command: string) => ({ name: 'bash', input: { command, timeout_ms: 8000 } });
    const { results, task } = await agentTries([
      bash(
        `cat ${shared.dataDir}/owner-key; ls -la ${shared.dataDir} ${shared.dataDir}/..; find / -name owner-key -not -path '/proc/*' 2>/dev/null | head`,
      ),
      bash(
        'env; cat /proc/self/environ | tr "\\0" "\\n"; cat /proc/*/environ 2>/dev/null | tr "\\0" "\\n" | grep -iE "anthropic|jwt|secret" ',
      ),
      bash(
        `node -e "fetch('http://127.0.0.1:${port}/health').then(async (r) => console.log('REACHED', r.status), (e) => console.log('no', e.cause && e.cause.code))"`,
      ),
      bash(
        `node -e "require('net').connect(${temporalPort}, '127.0.0.1').on('connect', () => console.log('REACHED')).on('error', (e) => console.log('no', e.code))"; node -e "fetch('http://1.1.1.1', { signal: AbortSignal.timeout(3000) }).then(() => console.log('REACHED'), () => console.log('no'))"; ls /sys/class/net /proc/sys/net/ipv4/conf 2>/dev/null`,
      ),
      bash(
        `ps -ef 2>/dev/null | grep -c 'server/main' ; ls /proc | grep -E '^[0-9]+$' | wc -l; kill -9 ${process.pid} 2>&1; kill -9 -1 2>/dev/null; echo after`,
      ),
      bash(
        `touch ${secretFolder}/pwned /etc/pwned /usr/pwned /root/pwned 2>&1; mount -t tmpfs none /mnt 2>&1; echo done`,
      ),
      bash('find / -name "*.sock" -o -name ".s.PGSQL*" 2>/dev/null | head; ls /tmp | head -20'),
    ]);
    const said = results.map((result) => result.text).join('\n');
    expect(results.length).toBeGreaterThanOrEqual(6);
    for (const secret of [ownerKey(), 'test-key-of-nobody']) expect(said).not.toContain(secret);
    expect(said).not.toMatch(/ANTHROPIC_API_KEY|JWT_SECRET|SECRETS_KEY/);
    expect(said).not.toContain('REACHED');
    expect(said).not.toContain('.s.PGSQL');
    expect(readdirSync(secretFolder)).toEqual([]);
    for (const folder of ['/etc', '/usr', '/root']) expect(existsSync(path.join(folder, 'pwned'))).toBe(false);
    expect((await api().request('GET', '//ready')).status).toBe(200);
    expect(task.status).toBe('completed');
    rmSync(secretFolder, { recursive: true });
  }, 240_000);

  test('writes nowhere through links, and reads nothing outside by the tools', async () => {
    const outside = mkdtempSync(path.join(tmpdir(), 'omoios-outside-'));
    const bash = (command: string) => ({ name: 'bash', input: { command } });
    const { results } = await agentTries([
      bash(`ln -s ${outside} out; ln -s /etc/passwd passwd; ln -s ${shared.dataDir} data; ls -l`),
      { name: 'write_file', input: { path: 'out/pwned', content: 'x' } },
      { name: 'write_file', input: { path: `${outside}/pwned`, content: 'x' } },
      { name: 'write_file', input: { path: '../../../../../../tmp/pwned-by-path', content: 'x' } },
      { name: 'read_file', input: { path: 'data/owner-key' } },
      { name: 'read_file', input: { path: `${shared.dataDir}/owner-key` } },
      { name: 'read_file', input: { path: '/proc/1/environ' } },
      { name: 'edit_file', input: { path: 'passwd', old_text: 'root', new_text: 'toor' } },
      { name: 'list_files', input: { path: '../..' } },
      { name: 'search_files', input: { pattern: 'sk_live_', path: '/' } },
      bash('rm -f out passwd data'),
    ]);
    const said = results.map((result) => result.text).join('\n');
    expect(said).not.toContain(ownerKey());
    expect(said).not.toContain('sk_live_');
    expect(readdirSync(outside)).toEqual([]);
    expect(existsSync('/tmp/pwned-by-path')).toBe(false);
    expect(readFileSync('/etc/passwd', 'utf8')).toMatch(/^root:/);
    for (const n of [1, 2, 3, 4, 5, 6]) expect([n, results[n]?.is_error]).toEqual([n, true]);
    rmSync(outside, { recursive: true });
  }, 240_000);

  test('its hooks, filters and drivers run nowhere outside', async () => {
    const marker = path.join(mkdtempSync(path.join(tmpdir(), 'omoios-marker-')), 'ran');
    const hook = `#!/bin/sh\\ntouch ${marker}\\n`;
    const { task, repository, project_id } = await agentTries(
      [
        {
          name: 'bash',
          input: {
            command: `mkdir -p .git/hooks && for h in pre-commit post-commit pre-push post-checkout post-merge reference-transaction fsmonitor; do printf '${hook}' > .git/hooks/$h; chmod +x .git/hooks/$h; done; git config core.fsmonitor "touch ${marker}"; git config filter.evil.clean "touch ${marker}; cat"; git config filter.evil.smudge "touch ${marker}; cat"; git config diff.evil.textconv "touch ${marker}; cat"; git config merge.evil.driver "touch ${marker}"; printf '* filter=evil diff=evil merge=evil\\n' > .gitattributes; git config core.sshCommand "touch ${marker}"; git add -A; git commit -q -m evil; echo ok`,
          },
        },
      ],
      { 'src/evil.js': 'export const evil = 0;\n' },
    );
    expect(task.status).toBe('completed');
    const { items } = await api().until<{ items: { id: string; branch: string }[] }>(
      `/pull-requests?project_id=${project_id}`,
      (page) => page.items.length === 1,
    );
    expect((await api().get<{ patch: string }>(`/pull-requests/${items[0]?.id}/diff`)).patch).toContain('evil');
    await api().post(`/pull-requests/${items[0]?.id}/merge`);
    await api().until<{ state: string }>(`/pull-requests/${items[0]?.id}`, (pull) => pull.state === 'merged');
    expect(repository.show('main', 'src/evil.js')).toBe('export const evil = 0;');
    expect(existsSync(marker)).toBe(false);
  }, 240_000);

  test('a repository outside the allowed roots is refused, by whatever way it is named', async () => {
    const allowed = mkdtempSync(path.join(tmpdir(), 'omoios-roots-'));
    const repository = new TestRepository();
    const dataDir = mkdtempSync(path.join(tmpdir(), 'omoios-mirror-'));
    const repositories = createRepositories({ dataDir, roots: [allowed], environment: { PATH: process.env.PATH } });
    for (const name of [repository.path, `${allowed}/../${path.basename(repository.path)}`, '/etc', '/'])
      await expect(repositories.inspect({ path: name })).rejects.toMatchObject({ code: 'outside_roots' });
    for (const folder of [allowed, dataDir]) rmSync(folder, { recursive: true });
  });
});
