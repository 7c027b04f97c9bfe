import { randomBytes } from 'node:crypto';
import { createEngine } from '#activities/adapters/sandbox/docker/engine.ts';
import { environment, loadConfig } from '#activities/services/config.ts';
import { openBench, workingKinds, type Bench } from './local/fixture.ts';

const works = (await workingKinds()).includes('docker');

(works ? describe : describe.skip)('sandboxes of a real container engine (docker)', () => {
  const { ask, act } = createEngine(environment.DOCKER_HOST ?? 'unix:///nowhere');
  const names = ['packages', 'platform'].map((name) => `omoios-${name}-${randomBytes(4).toString('hex')}`);
  const [packages = '', platform = ''] = names;
  let bench: Bench;
  beforeAll(async () => {
    for (const Name of names) await act('POST', '/networks/create', { body: { Name, Internal: true } });
    bench = await openBench('docker', undefined, undefined, {
      OMOIOS_SANDBOX_DOCKER_NETWORK: packages,
      OMOIOS_SANDBOX_DOCKER_PLATFORM_NETWORK: platform,
      OMOIOS_SANDBOX_API_URL: 'http://omoios.internal',
    });
  });
  afterAll(async () => {
    await bench.close();
    for (const name of names) await act('DELETE', `/networks/${name}`);
  });

  /** The interfaces that a command has, and the networks that its container is in meanwhile. */
  async function seen(id: string, network: 'none' | 'full' | 'platform') {
    const command = 'tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " " | sort | tr "\n" " "';
    const { output } = await bench.sh(id, command, { network });
    const { NetworkSettings } = await ask<{ NetworkSettings: { Networks: object | null } }>(
      'GET',
      `/containers/${id}/json`,
    );
    return { output: output.trim().split(' '), in: Object.keys(NetworkSettings.Networks ?? {}) };
  }

  test('[EXEC-14] [EXEC-16] are in a network only while a command wants it, and in that one alone', async () => {
    const id = await bench.make();
    expect((await seen(id, 'none')).output).toEqual(['lo']);
    const wide = await seen(id, 'full');
    expect(wide).toEqual({ output: [expect.stringMatching(/^eth\d$/), 'lo'], in: [packages] });
    expect(await seen(id, 'platform')).toEqual({ output: [expect.stringMatching(/^eth\d$/), 'lo'], in: [platform] });
    expect(await seen(id, 'none')).toEqual({ output: ['lo'], in: [] });
  });

  test('[EXEC-15] that a person ends behind its back is lost, and is made again', async () => {
    const id = await bench.make();
    await act('DELETE', `/containers/${id}`, { query: { force: 'true' } });
    expect(await bench.sandbox.status(id)).toBe('absent');
    await expect(bench.sandbox.exec(id, ['true'])).rejects.toMatchObject({ code: 'lost' });
    await bench.sandbox.create(bench.spec(id));
    expect((await bench.sh(id, 'cat README.md')).output).toBe('hello\n');
  });

  test('[EXEC-14] run commands without any right, within the limits of the engine', async () => {
    const id = await bench.make();
    const { output } = await bench.sh(id, 'id -u; grep -E "^Cap(Eff|Bnd)|NoNewPrivs" /proc/self/status');
    expect(output).toMatch(/^61000\nCapEff:\t0+\nCapBnd:\t0+\nNoNewPrivs:\t1\n$/);
    const { HostConfig } = await ask<{ HostConfig: object }>('GET', `/containers/${id}/json`);
    const { cpus, memory_mb, processes } = loadConfig({ env: 'test' }).sandbox;
    expect(HostConfig).toMatchObject({ Memory: memory_mb * 2 ** 20, NanoCpus: cpus * 1e9, PidsLimit: processes });
  });
});
