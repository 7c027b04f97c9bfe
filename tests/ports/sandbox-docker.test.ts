import { sandboxProviders } from '#activities/adapters/sandbox/index.ts';
import { openMachine } from '#activities/adapters/machine/index.ts';
import { createRepositories } from '#activities/adapters/repositories/git.ts';
import type { SandboxPort, SandboxSpec } from '#activities/ports/sandbox.ts';
import { environment, loadConfig } from '#activities/services/config.ts';
import { canPlayBoxes } from '#tests/support/box.ts';
import { Docker } from '#tests/support/docker.ts';
import path from 'node:path';
import { git, makeRepository, scratchDir } from './local/fixture.ts';
import { expectShownPorts } from './local/shown-port.ts';

const image = 'registry.example.org:5000/team/node:22';

(canPlayBoxes ? describe : describe.skip)('sandboxes of a container engine', () => {
  const { dir, remove } = scratchDir();
  const dataDir = path.join(dir, 'data');
  const repositories = createRepositories({ dataDir, environment });
  const machine = openMachine({ dataDir });
  let docker: Docker;
  let base: string;
  beforeAll(async () => {
    docker = await Docker.start();
    makeRepository(path.join(dir, 'source'));
    ({ sha: base } = await repositories.sync('project', { path: path.join(dir, 'source') }, 'main'));
  });
  afterAll(async () => {
    await docker.close();
    await machine.close();
    remove();
  });

  async function open(settings: Record<string, string> = {}): Promise<SandboxPort> {
    const env = { SANDBOX_PROVIDER: 'docker', DOCKER_HOST: docker.url, OMOIOS_SANDBOX_IMAGE: image, ...settings };
    const made = await sandboxProviders.docker?.create({
      machine,
      config: loadConfig({ env: 'test', data_dir: dataDir }, env),
    });
    if (!made) throw new Error('There is no provider docker.');
    return made.port;
  }
  const spec = (id: string): SandboxSpec => ({
    id,
    project_id: 'project',
    base_sha: base,
    branch: 'task/1234/work',
    access: 'read_write',
    labels: { project: 'omoios', run_id: 'run' },
    limits: { memory_mb: 2048, processes: 200, file_size_mb: 100, log_mb: 2 },
  });
  const command = {
    job_id: 'one',
    command: 'cat README.md; echo 2 > new; head -c 400000 /dev/zero > large',
    network: 'none' as const,
  };

  test('[EXEC-27] show their ports alone, by a program in each', async () => {
    const sandbox = await open();
    let count = 0;
    await expectShownPorts(sandbox, async () => {
      const { id } = spec(`omoios-shown-${(count += 1)}`);
      await sandbox.create(spec(id));
      return id;
    });
    expect(docker.created.at(-1)?.HostConfig).not.toHaveProperty('PortBindings');
  });

  test('[EXEC-14] are fetched, limited, without rights and network, and bring their work out', async () => {
    const sandbox = await open();
    await sandbox.create(spec('omoios-one'));
    expect(docker.requests).toContain('POST /images/create');
    expect(docker.created.at(-1)).toMatchObject({
      Image: image,
      Labels: { project: 'omoios', project_id: 'project', run_id: 'run', agent_id: 'run' },
      HostConfig: {
        Memory: 4096 * 2 ** 20,
        NanoCpus: 2e9,
        NetworkMode: 'none',
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
      },
    });
    await sandbox.startCommand('omoios-one', command);
    expect(await sandbox.waitCommand('omoios-one', 'one', { timeoutMs: 20_000 })).toMatchObject({ exit_code: 0 });
    const { head } = await sandbox.readOutput('omoios-one', 'one', { headBytes: 100, tailBytes: 0 });
    expect(head.toString()).toBe('hello\n');
    expect((await sandbox.readFile('omoios-one', 'large')).length).toBe(400_000);
    await sandbox.writeFile('omoios-one', 'written', Buffer.alloc(100_000, 'w'));
    const out = await sandbox.exportWork('omoios-one', { ref: 'refs/heads/out', message: 'm' });
    const mirror = repositories.gitDir('project');
    expect(git(mirror, 'ls-tree', '--name-only', out.sha).split('\n')).toEqual([
      'README.md',
      'large',
      'new',
      'written',
    ]);
    expect(await sandbox.list()).toEqual(['omoios-one']);
    await sandbox.destroy('omoios-one');
    expect(await sandbox.status('omoios-one')).toBe('absent');
  });

  test('[EXEC-14] are made from the image that a project names, which is fetched by its tag or its digest', async () => {
    const sandbox = await open();
    const digest = `sha256:${'a'.repeat(64)}`;
    for (const [id, own] of [
      ['omoios-own', 'team/python:3.13'],
      ['omoios-fixed', `team/python@${digest}`],
    ] as const) {
      await sandbox.create({ ...spec(id), origin: { image: own } });
      expect(docker.created.at(-1)).toMatchObject({ Image: own });
    }
    docker.unknown.add('team/none:latest');
    await expect(sandbox.create({ ...spec('omoios-none'), origin: { image: 'team/none' } })).rejects.toMatchObject({
      message: 'The image team/none cannot be fetched: manifest unknown',
    });
  });

  test('[EXEC-15] that vanish are lost; a missing image and an absent engine are said', async () => {
    const sandbox = await open();
    await sandbox.create(spec('omoios-two'));
    await docker.lose('omoios-two');
    await expect(sandbox.exec('omoios-two', ['true'])).rejects.toMatchObject({ code: 'lost' });
    docker.unknown.add('nowhere:1');
    await expect(
      (await open({ OMOIOS_SANDBOX_IMAGE: 'nowhere:1' })).create(spec('omoios-three')),
    ).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The image nowhere:1 cannot be fetched: manifest unknown',
    });
    await expect((await open({ DOCKER_HOST: 'unix:///nowhere.sock' })).list()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('unix:///nowhere.sock does not answer') as unknown,
    });
  });

  test('refuse a command with network unless the operator names one, and are in it only for such commands', async () => {
    const sandbox = await open();
    await sandbox.create(spec('omoios-closed'));
    await expect(sandbox.startCommand('omoios-closed', { ...command, network: 'full' })).rejects.toMatchObject({
      code: 'invalid_rule',
      message: expect.stringContaining('OMOIOS_SANDBOX_DOCKER_NETWORK') as unknown,
    });
    const networked = await open({ OMOIOS_SANDBOX_DOCKER_NETWORK: 'packages' });
    await networked.create(spec('omoios-open'));
    expect(docker.networksOf('omoios-open')).toEqual([]);
    await networked.startCommand('omoios-open', { ...command, network: 'registries' });
    expect(docker.networksOf('omoios-open')).toEqual(['packages']);
    await networked.waitCommand('omoios-open', 'one', { timeoutMs: 20_000 });
    await networked.startCommand('omoios-open', { ...command, job_id: 'two' });
    expect(docker.networksOf('omoios-open')).toEqual([]);
  });

  test('[EXEC-16] reach the platform alone for the runner in the sandbox, by a network that the operator names', async () => {
    const address = { OMOIOS_SANDBOX_API_URL: 'http://omoios.internal' };
    const [closed, opened] = [
      await open(address),
      await open({
        ...address,
        OMOIOS_SANDBOX_DOCKER_NETWORK: 'packages',
        OMOIOS_SANDBOX_DOCKER_PLATFORM_NETWORK: 'us',
      }),
    ];
    expect([closed.platformUrl, opened.platformUrl]).toEqual([undefined, 'http://omoios.internal']);
    const id = 'omoios-runner';
    await opened.create(spec(id));
    const networks: string[][] = [docker.networksOf(id)];
    for (const [job_id, network] of [
      ['a', 'platform'],
      ['b', 'full'],
      ['c', 'platform'],
      ['d', 'none'],
    ] as const) {
      await opened.startCommand(id, { job_id, network, command: 'true' });
      await opened.waitCommand(id, job_id, { timeoutMs: 20_000 });
      networks.push(docker.networksOf(id));
    }
    expect(networks).toEqual([[], ['us'], ['packages'], ['us'], []]);
    // Where no network leads to the platform, such a command has none.
    await closed.startCommand(id, { job_id: 'e', network: 'platform', command: 'true' });
    expect(docker.networksOf(id)).toEqual([]);
  });
});
