import { execFile } from 'node:child_process';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import path from 'node:path';
import { promisify } from 'node:util';
import { createLocalSandbox } from '#activities/adapters/sandbox/local/index.ts';
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

    test('[EXEC-19] reaches the platform at the paths that the command was given, and at no other address', async () => {
      const heard: { path?: string; headers: IncomingHttpHeaders; body: string }[] = [];
      const api = createServer((request, response) => {
        const answer = (body: string) => {
          heard.push({ path: request.url, headers: request.headers, body });
          response.writeHead(201, { 'content-type': 'text/plain' }).end('heard');
        };
        void text(request).then(answer);
      });
      await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
      const { port } = api.address() as AddressInfo;
      const { dataDir, repositories } = bench;
      const sandbox = await createLocalSandbox({
        dataDir,
        gitDirOf: repositories.gitDir,
        packageSettings: 'none',
        apiUrl: `http://127.0.0.1:${port}`,
      });
      const ask = async (job_id: string, platform?: string) => {
        const get = (address: string) => `curl -s -m 5 -o /dev/null -w '%{http_code} ' --noproxy '' ${address}`;
        const command = [
          `curl -s -m 5 -X POST -d body -H 'Authorization: Bearer k' -H 'X-Forwarded-For: 9.9.9.9' -H 'Cookie: c=1' ${sandbox.platformUrl}/api/v1/sandboxes/r/events?a=b`,
          ...[
            `/api/v1/sandboxes/other/events`,
            '/api/v1/sandboxes/r/../other/events',
            '/api/v1/sandboxes/r/%2e%2e/x',
            '/',
          ].map((path) => get(`--path-as-is ${sandbox.platformUrl}${path}`)),
          get(`${sandbox.platformUrl}:${port}/api/v1/sandboxes/r/events`),
          get(`https://omoios.internal/api/v1/sandboxes/r/events`),
          get(`http://127.0.0.1:${port}/api/v1/sandboxes/r/events`),
        ].join('; ');
        await sandbox.startCommand(id, { job_id, command, network: 'registries', platform });
        await sandbox.waitCommand(id, job_id, { timeoutMs: 30_000 });
        return (await sandbox.readOutput(id, job_id, { headBytes: 10_000, tailBytes: 0 })).head.toString();
      };
      const output = await ask('given', '/api/v1/sandboxes/r/');
      expect(output).toMatch(/^heard/);
      expect(output.match(/\b(403|000)\b/g)).toEqual(['403', '403', '403', '403', '403', '000', '403']);
      expect(heard).toMatchObject([
        { path: '/api/v1/sandboxes/r/events?a=b', body: 'body', headers: { authorization: 'Bearer k' } },
      ]);
      for (const header of ['x-forwarded-for', 'cookie']) expect(heard[0]?.headers).not.toHaveProperty(header);
      expect(await ask('without')).not.toContain('heard');
      expect(heard).toHaveLength(1);
      // A program without network that speaks to the platform alone.
      const job = { job_id: 'platform', network: 'platform', platform: '/api/v1/sandboxes/r/' } as const;
      const outside = `curl -s -m 5 http://registry.npmjs.org/`;
      const command = `curl -s -m 5 ${sandbox.platformUrl}/api/v1/sandboxes/r/task; ${outside}`;
      await sandbox.startCommand(id, { ...job, command });
      await sandbox.waitCommand(id, 'platform', { timeoutMs: 30_000 });
      const said = (await sandbox.readOutput(id, 'platform', { headBytes: 10_000, tailBytes: 0 })).head.toString();
      expect(said).toMatch(/^heard.*this command reaches nothing but the platform, and not registry\.npmjs\.org/s);
      await new Promise((resolve) => api.close(resolve));
    });

    test('shows the command neither what it may reach nor the process that serves it', async () => {
      const look =
        'cat /proc/[0-9]*/cmdline | tr "\\0" " "; ls -l /proc/self/fd; find / -xdev -name "network-*.json" 2>/dev/null; env';
      const { output } = await bench.sh(id, look, { network: 'full' });
      expect(output).not.toMatch(/network\.mjs|network-full|socket:/);
    });
  });
