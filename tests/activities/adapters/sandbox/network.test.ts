import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { rootDir } from '#activities/services/config.ts';
import { isRoot, openBench, processesWith, until, workingKinds, type Bench } from '#tests/ports/local/fixture.ts';

const isolated = (await workingKinds()).includes('local');

/** Asks for each address by the proxy and beside it. A line says what came. */
const command = `for to in 127.0.0.1:3000 198.51.100.1:3000 169.254.169.254 10.1.2.3 203.0.113.5 203.0.113.6 [::ffff:10.1.2.3]; do
  printf '%s ' $to
  printf '%s ' $(curl -s -m 3 --noproxy '' http://$to/ || echo no) | head -c 8
  curl -s -m 3 --noproxy '*' http://$to/ && echo straight || echo
done 2>/dev/null`;

// A network namespace with another host beside it takes the rights of root.
(isolated && isRoot ? test : test.skip)(
  'a command with network reaches public or listed hosts, and no address of the machine or of private networks',
  async () => {
    const here = path.join(rootDir, 'tests/activities/adapters/sandbox');
    const { stdout } = await promisify(execFile)(
      'unshare',
      [
        ...['--net', 'bash', path.join(here, 'network-world.sh')],
        ...[path.join(rootDir, 'node_modules/.bin/tsx'), path.join(here, 'network-commands.ts'), command],
      ],
      { cwd: rootDir, timeout: 60_000 },
    );
    const outputs = JSON.parse(stdout) as Record<string, string>;
    const reachedIn = (name: string) =>
      (outputs[name] ?? '').split('\n').flatMap((line) => (/ (reached|own)/.test(line) ? [line.split(' ')[0]] : []));
    expect(reachedIn('none')).toEqual([]);
    expect(reachedIn('full')).toEqual(['203.0.113.5', '203.0.113.6']);
    expect(reachedIn('registries')).toEqual(['203.0.113.6']);
    expect(reachedIn('listed')).toEqual(['198.51.100.1:3000', '10.1.2.3', '203.0.113.5', '203.0.113.6']);
    expect(Object.values(outputs).join()).not.toContain('straight');
    expect(outputs.full).toContain('OmoiOS: ');
  },
  70_000,
);

if (isolated)
  describe('the network of a command', () => {
    let bench: Bench;
    let id: string;
    beforeAll(async () => {
      bench = await openBench('local');
      id = await bench.make();
    });
    afterAll(() => bench.close());
    const proxies = () => processesWith('network.mjs').filter((line) => line.includes(bench.dataDir));

    test('ends with it, and with its kill', async () => {
      expect((await bench.sh(id, 'echo $HTTPS_PROXY; (sleep 86411 &)', { network: 'full' })).output).toMatch(/^http:/);
      await bench.sandbox.startCommand(id, { job_id: 'long', command: 'sleep 86412', network: 'full' });
      await until(() => processesWith('sleep 86412').length > 0);
      expect(proxies()).toHaveLength(1);
      await bench.sandbox.killCommand(id, 'long');
      await until(() => proxies().length === 0);
      expect(processesWith('sleep 8641')).toEqual([]);
    });

    test('ends with its sandbox', async () => {
      const other = await bench.make();
      await bench.sandbox.startCommand(other, { job_id: 'long', command: 'sleep 86413', network: 'registries' });
      await until(() => processesWith('sleep 86413').length > 0);
      await bench.sandbox.destroy(other);
      await until(() => proxies().length === 0 && processesWith('sleep 86413').length === 0);
    });

    test('shows the command neither what it may reach nor the process that serves it', async () => {
      const look =
        'cat /proc/[0-9]*/cmdline | tr "\\0" " "; ls -l /proc/self/fd; find / -xdev -name "network-*.json" 2>/dev/null; env';
      const { output } = await bench.sh(id, look, { network: 'full' });
      expect(output).not.toMatch(/network\.mjs|network-full|socket:/);
    });
  });
