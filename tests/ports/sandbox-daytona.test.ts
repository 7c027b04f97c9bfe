import { execFileSync } from 'node:child_process';
import { sandboxProviders } from '#activities/adapters/sandbox/index.ts';
import { openMachine } from '#activities/adapters/machine/index.ts';
import { loadConfig } from '#activities/services/config.ts';
import type { SandboxPort } from '#activities/ports/sandbox.ts';
import { canPlayBoxes } from '#tests/support/box.ts';
import type { Daytona } from '#tests/support/daytona.ts';
import { openBench, type Bench } from './local/fixture.ts';
import { ask } from './local/shown-port.ts';

(canPlayBoxes ? describe : describe.skip)('sandboxes at Daytona', () => {
  let bench: Bench;
  let daytona: Daytona;
  beforeAll(async () => {
    bench = await openBench('daytona');
    if (!bench.played) throw new Error('Daytona is not played.');
    daytona = bench.played;
  });
  afterEach(async () => {
    daytona.states = ['creating'];
    daytona.broken = undefined;
    daytona.namespaces = true;
    for (const id of daytona.names) await daytona.lose(id);
  });
  afterAll(() => bench.close());

  /** Another worker of the same installation, or one with other settings. */
  async function another(settings: Record<string, string> = {}, dataDir = bench.dataDir) {
    const machine = openMachine({ dataDir });
    const config = loadConfig({ env: 'test', data_dir: dataDir }, { ...bench.settings, ...settings });
    const made = await sandboxProviders.daytona?.create({ machine, config });
    if (!made) throw new Error('There is no provider daytona.');
    return { port: made.port, close: () => machine.close() };
  }
  const output = async (sandbox: SandboxPort, id: string, job: string) =>
    (await sandbox.readOutput(id, job, { headBytes: 1000, tailBytes: 0 })).head.toString();

  test('[EXEC-14] are private, ephemeral, labelled and limited, and begin without network', async () => {
    const labels = { project: 'omoios', task_id: 'task', phase_id: 'task', run_id: 'run' };
    await bench.sandbox.create(bench.spec('omoios-labelled', { labels }));
    expect(daytona.created.at(-1)).toEqual({
      name: 'omoios-labelled',
      buildInfo: { dockerfileContent: 'FROM nikolaik/python-nodejs:python3.12-nodejs22\n' },
      cpu: 2,
      memory: 4,
      disk: 8,
      labels: {
        ...labels,
        project_id: 'project',
        agent_id: 'run',
        installation: expect.stringMatching(/^[0-9a-f]{12}$/) as unknown,
      },
      public: false,
      autoStopInterval: 30,
      autoDeleteInterval: 0,
      networkBlockAll: true,
    });
    expect(await bench.sandbox.labels('omoios-labelled')).toMatchObject(labels);
    const other = await another({ OMOIOS_SANDBOX_SNAPSHOT: 'ai-agent-dev-light' });
    daytona.fail({ request: /POST \/api\/sandbox$/, status: 400, message: 'No such snapshot' });
    await expect(other.port.create(bench.spec('omoios-snapshot'))).rejects.toMatchObject({
      code: 'invalid_rule',
      message: 'Daytona refuses: a sandbox from ai-agent-dev-light (400: No such snapshot).',
    });
    await other.port.create(bench.spec('omoios-snapshot'));
    expect(daytona.created.at(-1)).toMatchObject({ snapshot: 'ai-agent-dev-light' });
    expect(daytona.created.at(-1)).not.toHaveProperty('cpu');
    await other.close();
  });

  test('[EXEC-14] are made from what a project names, with the programs that are in it', async () => {
    const image = 'registry.example.org/team/node:22';
    await bench.sandbox.create(bench.spec('omoios-image', { origin: { image } }));
    expect(daytona.created.at(-1)).toMatchObject({ buildInfo: { dockerfileContent: `FROM ${image}\n` }, cpu: 2 });
    expect((await bench.sandbox.tools('omoios-image')).length).toBeGreaterThan(0);
    const { port, close } = await another({ OMOIOS_SANDBOX_SNAPSHOT: 'usual' });
    await port.create(bench.spec('omoios-own', { origin: { snapshot: 'team-snapshot' } }));
    expect(daytona.created.at(-1)).toMatchObject({ snapshot: 'team-snapshot' });
    expect(daytona.created.at(-1)).not.toHaveProperty('cpu');
    daytona.broken = 'image not found';
    await expect(port.create(bench.spec('omoios-none', { origin: { image: 'none:1' } }))).rejects.toMatchObject({
      message: expect.stringContaining('could not start a sandbox from none:1') as unknown,
    });
    await close();
  });

  test('[EXEC-14] that do not start are an error that passes and says why, never another sandbox', async () => {
    daytona.broken = 'image not found';
    const spec = bench.spec('omoios-broken');
    await expect(bench.sandbox.create(spec)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('could not start a sandbox from nikolaik') as unknown,
    });
    expect(daytona.names).toEqual([]);
    daytona.broken = undefined;
    daytona.states = ['pending_build', 'building_snapshot', 'pulling_snapshot', 'starting'];
    await bench.sandbox.create(spec);
    expect(await bench.sandbox.status(spec.id)).toBe('running');
  });

  test('are made once, though answers are lost', async () => {
    const spec = bench.spec('omoios-once');
    for (const request of [/POST \/api\/sandbox$/, /upload-v2/, /process\/execute/, /process\/execute/, /upload-v2/]) {
      daytona.fail({ request, when: 'after' });
      await expect(bench.sandbox.create(spec)).rejects.toMatchObject({ code: 'unavailable' });
    }
    await bench.sandbox.create(spec);
    expect(daytona.names).toEqual(['omoios-once']);
    expect((await bench.sh(spec.id, 'cat README.md; git log --format=%s')).output).toBe('hello\nfirst\n');
  });

  test('wait while Daytona changes one, and end once', async () => {
    const id = await bench.make();
    const conflict = { status: 409, message: 'busy' };
    daytona.fail({ request: /DELETE .api.sandbox/, ...conflict });
    await expect(bench.sandbox.destroy(id)).rejects.toMatchObject({ code: 'unavailable' });
    await daytona.lose(id);
    daytona.fail({ request: /DELETE .api.sandbox/, ...conflict });
    await bench.sandbox.destroy(id);
    const spec = bench.spec('omoios-asleep');
    await bench.sandbox.create(spec);
    await daytona.stop(spec.id);
    daytona.fail({ request: /\/start$/, ...conflict });
    await bench.sandbox.create(spec);
    expect(await bench.sandbox.status(spec.id)).toBe('running');
  });

  test('tell a limit, a fault and a refusal of Daytona apart', async () => {
    const id = await bench.make();
    daytona.fail({ request: /execute/, status: 429, headers: { 'retry-after': '7' } });
    await expect(bench.sandbox.exec(id, ['true'])).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 7 });
    daytona.fail({ request: /execute/, status: 502 });
    await expect(bench.sandbox.exec(id, ['true'])).rejects.toMatchObject({ code: 'unavailable' });
    daytona.fail({ request: /GET .api.sandbox/, status: 500 });
    await expect(bench.sandbox.status(id)).rejects.toMatchObject({ code: 'unavailable' });
    daytona.fail({ request: /POST .api.sandbox$/, status: 403, message: 'Total CPU quota exceeded' });
    await expect(bench.sandbox.create(bench.spec('omoios-quota'))).rejects.toMatchObject({ code: 'unavailable' });
    const wrong = await another({ DAYTONA_API_KEY: 'dtn_wrong' });
    const refused = await wrong.port.create(bench.spec('omoios-key')).catch((error: unknown) => error);
    const message: unknown = expect.stringContaining('DAYTONA_API_KEY');
    expect(refused).toMatchObject({ code: 'invalid_rule', message });
    expect(JSON.stringify(refused) + String((refused as Error).stack)).not.toContain('dtn_wrong');
    await wrong.close();
    expect((await bench.sandbox.exec(id, ['true'])).exitCode).toBe(0);
  });

  test('[EXEC-15] that vanish are lost, and another of the name is found under its new id', async () => {
    const id = await bench.make();
    const other = await another();
    await other.port.exec(id, ['true']);
    await daytona.lose(id);
    expect(await bench.sandbox.status(id)).toBe('absent');
    expect(await bench.sandbox.isSettled(id)).toBe(false);
    const lost = { code: 'lost' };
    await expect(bench.sandbox.exec(id, ['true'])).rejects.toMatchObject(lost);
    await expect(bench.sandbox.readFile(id, 'README.md')).rejects.toMatchObject(lost);
    await expect(bench.sandbox.waitCommand(id, 'j', { timeoutMs: 10 })).rejects.toMatchObject(lost);
    await expect(bench.sandbox.treeHash(id)).rejects.toMatchObject(lost);
    await bench.sandbox.destroy(id);
    await bench.sandbox.create(bench.spec(id));
    expect((await other.port.exec(id, ['cat', 'README.md'])).stdout.toString()).toBe('hello\n');
    await other.close();
  });

  test('[EXEC-15] that were stopped are woken with their files; what ran in them is lost', async () => {
    const id = await bench.make();
    await bench.sh(id, 'echo kept > kept');
    await bench.sandbox.startCommand(id, { job_id: 'ran', command: 'sleep 60', network: 'none' });
    await daytona.stop(id);
    expect(await bench.sandbox.status(id)).toBe('stopped');
    await expect(bench.sandbox.exec(id, ['true'])).rejects.toMatchObject({ code: 'lost' });
    await bench.sandbox.create(bench.spec(id));
    expect((await bench.sh(id, 'cat kept')).output).toBe('kept\n');
    expect(await bench.sandbox.waitCommand(id, 'ran', { timeoutMs: 5000 })).toEqual({ state: 'lost' });
  });

  test('never take a part of an output for the whole', async () => {
    const id = await bench.make();
    const job = {
      job_id: 'half',
      command: 'echo ran >> ran; head -c 600000 /dev/zero | tr "\\0" x',
      network: 'none' as const,
    };
    daytona.fail({ request: /execute/, when: 'half' });
    await expect(bench.sandbox.startCommand(id, job)).rejects.toMatchObject({ code: 'unavailable' });
    await bench.sandbox.startCommand(id, job);
    await bench.sandbox.waitCommand(id, 'half', { timeoutMs: 20_000 });
    const limits = { headBytes: 600_000, tailBytes: 0 };
    daytona.fail({ request: /download/, when: 'half' });
    await expect(bench.sandbox.readOutput(id, 'half', limits)).rejects.toMatchObject({ code: 'unavailable' });
    expect((await bench.sandbox.readOutput(id, 'half', limits)).head.length).toBe(600_000);
    expect((await bench.sandbox.readFile(id, 'ran')).toString()).toBe('ran\n');
    await bench.sh(id, 'head -c 900000 /dev/urandom > large');
    const ref = 'refs/omoios/runs/half/1';
    daytona.fail({ request: /download/, when: 'half' });
    const checkpoint = () => bench.sandbox.checkpoint(id, { parent: bench.base, ref, message: 'm' });
    await expect(checkpoint()).rejects.toMatchObject({ code: 'unavailable' });
    expect(bench.mirror('cat-file', '-s', `${(await checkpoint()).sha}:large`)).toBe('900000');
  });

  test('are limited as a whole by what the command reaches, and give no other command a network', async () => {
    const id = await bench.make();
    const rules = daytona.networks.length;
    await bench.sh(id, 'true');
    expect(daytona.networks.length).toBe(rules);
    await bench.sh(id, 'true', { network: 'full' });
    expect(daytona.networks.at(-1)).toEqual({ networkBlockAll: false, domainAllowList: '', networkAllowList: '' });
    const other = await another({ OMOIOS_SANDBOX_NETWORK_ALLOW: 'npm.example.org:4873,10.1.0.0/16,fd00::/8' });
    await other.port.startCommand(id, { job_id: 'install', command: 'true', network: 'registries' });
    expect(daytona.networks.at(-1)).toMatchObject({ networkBlockAll: false, networkAllowList: '10.1.0.0/16' });
    expect(daytona.networks.at(-1)?.domainAllowList).toMatch(/registry\.npmjs\.org,.*,npm\.example\.org$/);
    await other.close();
    // The program of the second runner reaches the platform alone, where that has an address.
    const reaching = await another({ OMOIOS_SANDBOX_API_URL: 'https://omoios.example.org' });
    expect([bench.sandbox.platformUrl, reaching.port.platformUrl]).toEqual([undefined, 'https://omoios.example.org']);
    await reaching.port.startCommand(id, { job_id: 'program', command: 'true', network: 'platform' });
    const domainAllowList = 'omoios.example.org';
    expect(daytona.networks.at(-1)).toEqual({ networkBlockAll: false, domainAllowList, networkAllowList: '' });
    const passed = daytona.networks.length;
    await bench.sandbox.startCommand(id, { job_id: 'cut', command: 'true', network: 'platform' });
    expect(daytona.networks.length).toBe(passed);
    await reaching.close();
    // Its own network has only the loopback.
    expect((await bench.sh(id, 'cat /proc/net/dev | tail -n +3 | cut -d: -f1')).output.trim()).toBe('lo');

    daytona.namespaces = false;
    const plain = await bench.make();
    await bench.sh(plain, 'true', { network: 'full' });
    await bench.sh(plain, 'true');
    expect(daytona.networks.at(-1)).toEqual({ networkBlockAll: true });
  });

  test('[EXEC-27] whose image cannot show a port answer a viewer with the remedy', async () => {
    const id = await bench.make();
    const hidden = await daytona.named(id)?.box.run('mount --bind /dev/null /usr/bin/perl', 5000);
    expect(hidden).toMatchObject({ exitCode: 0 });
    const { socketPath } = await bench.sandbox.openPort(id, 3000);
    expect(await ask(socketPath)).toMatch(/^The image has no perl, .* Install it in the image \(OMOIOS_SANDBOX_IMAGE/);
  });

  test('know neither the key nor the variables of their provider, but those of their image', async () => {
    const id = await bench.make();
    const { output: variables } = await bench.sh(id, 'env; cat /proc/*/environ 2>/dev/null | tr "\\0" "\\n"');
    expect(variables).toContain('IMAGE_VARIABLE=of the image\n');
    expect(variables).not.toMatch(/^DAYTONA/m);
    const root = daytona.named(id)?.box.root ?? '';
    expect(() => execFileSync('grep', ['-rIl', '--exclude-dir=usr', daytona.key, root])).toThrow();
  });

  test('are listed by their label, page by page, and those of other installations never', async () => {
    const mine = [await bench.make(), await bench.make(), await bench.make()];
    const elsewhere = await another({ DATABASE_URL: 'postgresql://user@db.example.org/other' });
    await elsewhere.port.create(bench.spec('omoios-elsewhere'));
    expect(await bench.sandbox.list()).toEqual(mine.sort());
    const asked = daytona.requests.length;
    expect(await Promise.all(mine.map((id) => bench.sandbox.labels(id)))).toMatchObject(
      mine.map(() => bench.spec('x').labels),
    );
    expect(daytona.requests.length).toBe(asked);
    await daytona.lose(mine[0] ?? '');
    await bench.sandbox.destroy(mine[0] ?? '');
    expect(await bench.sandbox.labels(mine[0] ?? '')).toBeUndefined();
    expect(await elsewhere.port.list()).toEqual(['omoios-elsewhere']);
    await elsewhere.close();
  });

  test("get a commit that came into the project's mirror later", async () => {
    const id = await bench.make();
    const later = bench.mirror('commit-tree', `${bench.base}^{tree}`, '-p', bench.base, '-m', 'later');
    expect((await bench.sandbox.exec(id, ['git', 'cat-file', '-e', later])).exitCode).not.toBe(0);
    await bench.sandbox.provide(id, later);
    await bench.sandbox.provide(id, later);
    expect((await bench.sandbox.exec(id, ['git', 'log', '-1', '--format=%s', later])).stdout.toString()).toBe(
      'later\n',
    );
    // A checkpoint on it needs it too.
    const fresh = await bench.make();
    const kept = await bench.sandbox.checkpoint(fresh, { parent: later, ref: 'refs/omoios/runs/x/1', message: 'm' });
    expect(kept.sha).toBe(later);
  });

  test('[EXEC-15] give a command back to another worker with its output', async () => {
    const id = await bench.make();
    await bench.sandbox.startCommand(id, { job_id: 'long', command: 'sleep 0.5; echo done', network: 'none' });
    const other = await another();
    await other.port.startCommand(id, { job_id: 'long', command: 'echo twice', network: 'none' });
    expect(await other.port.waitCommand(id, 'long', { timeoutMs: 20_000 })).toMatchObject({ exit_code: 0, cwd: '' });
    expect(await output(other.port, id, 'long')).toBe('done\n');
    await other.close();
  });
});
