import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import { flipping } from '#tests/ports/local/flip.ts';
import { openBench, workingKinds, type Bench } from '#tests/ports/local/fixture.ts';

const isolated = (await workingKinds()).includes('local');

test('without isolation, commands are said to be plain processes', async () => {
  const bench = await openBench('none');
  expect(bench.sandbox.isolated).toBe(false);
  await bench.close();
});

if (isolated)
  describe('a command in the sandbox', () => {
    let bench: Bench;
    let id: string;
    let server: Server;
    let port: number;
    const sh = (command: string, network: 'none' | 'full' = 'none') => bench.sh(id, command, { network });

    beforeAll(async () => {
      bench = await openBench('local');
      id = await bench.make();
      writeFileSync(path.join(bench.dataDir, 'owner-key'), 'omoios_owner_key', { mode: 0o600 });
      writeFileSync(path.join(path.dirname(bench.dataDir), '.env'), 'ANTHROPIC_API_KEY=sk-of-the-owner');
      server = createServer((_, response) => response.end('host')).listen(0, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
    });
    afterAll(async () => {
      server.close();
      await bench.close();
    });

    test("sees neither the platform's files nor the machine's", async () => {
      const key = path.join(bench.dataDir, 'owner-key');
      const { output } = await sh(
        `cat ${key} ${path.dirname(bench.dataDir)}/.env /etc/shadow /root/.bashrc ${rootDir}/package.json /proc/1/root${key}; ls -A / /etc /home /run; cat /proc/self/mountinfo | wc -l`,
      );
      expect(output).not.toMatch(/omoios_owner_key|sk-of-the-owner|root:\*|"omoios"/);
      expect(output).not.toMatch(/^(shadow|var\/lib|work|farm|mnt)$/m);
      // Of a person's home folder there are only the folders on the way to tool chains, never what is beside them.
      const around = (await sh('ls -A /root /root/.cargo /root/.rustup /opt 2>/dev/null')).output;
      expect(around).not.toMatch(/ssh|npmrc|bash|netrc|git|config|cache|credentials|claude|downloads/);
      expect((await sh('find / -xdev -name owner-key -o -xdev -name ".env" 2>/dev/null')).output).toBe('');
    });

    test("finds no secret in any process's environment, arguments or open files", async () => {
      const { output } = await sh(
        'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr "\\0" "\\n"; ls -l /proc/[0-9]*/fd',
      );
      for (const [name, value] of Object.entries(process.env)) {
        if (
          value &&
          value.length > 6 &&
          !['PATH', 'HOME', 'LANG', 'SHELL', 'TERM', 'PWD', 'USER'].includes(name) &&
          !value.startsWith('/')
        )
          expect(output).not.toContain(`${name}=${value}`);
      }
      expect(output).not.toMatch(/owner-key|\.env|worker|socket:/);
      // Only its own processes: the sandbox's first one, its sleeper, this shell and its children.
      const ids = (await sh('ls /proc | grep -c "^[0-9]"')).output;
      expect(Number(ids)).toBeLessThan(8);
    });

    test("inherits no file that the platform's parents left open", async () => {
      const folder = openSync(bench.dataDir, 'r');
      const words = ['tests/activities/adapters/sandbox/list-open-files.ts', bench.dataDir, id];
      const child = spawn(path.join(rootDir, 'node_modules/.bin/tsx'), words, {
        cwd: rootDir,
        stdio: ['ignore', 'pipe', 'inherit', folder, folder],
      });
      let listed = '';
      child.stdout?.on('data', (chunk: Buffer) => (listed += chunk.toString()));
      await once(child, 'close');
      closeSync(folder);
      expect(listed).toContain('/log');
      expect(listed).toContain('exec:');
      expect(listed).not.toMatch(new RegExp(`${bench.dataDir}$`, 'm'));
      expect(listed).not.toContain('owner-key');
    });

    test("reaches no network: not the machine's loopback, not a host, not a name", async () => {
      const ask = (url: string) =>
        `node -e "fetch('${url}', {signal: AbortSignal.timeout(2000)}).then((r) => r.text()).then(console.log, (e) => console.log('no', e.cause?.code))"`;
      expect((await sh(ask(`http://127.0.0.1:${port}`))).output).toBe('no ECONNREFUSED\n');
      expect((await sh(ask('http://192.0.2.1'))).output).toMatch(/^no ENETUNREACH/);
      expect((await sh(ask('http://example.org'))).output).toMatch(/^no EAI_AGAIN/);
      expect((await sh('cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d " "')).output).toBe('lo\n');
      // A command with network has one of its own: it does not reach this machine either.
      expect((await sh(ask(`http://127.0.0.1:${port}`), 'full')).output).toBe('no ECONNREFUSED\n');
      expect((await sh(ask(`http://127.0.0.1:${port}`))).output).toBe('no ECONNREFUSED\n');
    });

    test('has no power: no capability, no setuid, no mounts, no namespaces, no kernel settings, no devices', async () => {
      const { output } = await sh('grep -E "^Cap(Prm|Eff|Inh|Amb)|NoNewPrivs" /proc/self/status');
      expect(output).toBe(
        'CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n',
      );
      const attempts = [
        'mount -o remount,rw /usr',
        'mount --bind /workspace /usr',
        'umount /run/objects',
        'mount -t proc proc /tmp',
        'unshare -U true',
        'unshare -m true',
        'nsenter -t 1 -U true',
        'nsenter -t 1 -m true',
        'echo 1 > /proc/sys/vm/drop_caches',
        'echo x > /proc/sys/kernel/core_pattern',
        'echo h > /proc/sysrq-trigger',
        'mknod /workspace/disk b 8 0',
        'chroot / true',
        'hostname other',
        'echo x > /usr/bin/env',
        'touch /x /etc/x /run/x /dev/x',
        'chmod -R u+w /run/objects',
        'touch /run/objects/x',
        'echo > /run/bin/job',
        'touch /run/jobs/x',
        'touch /usr/x',
        'setpriv --reuid=0 true',
      ];
      for (const attempt of attempts) expect([attempt, (await sh(attempt)).exit_code]).not.toEqual([attempt, 0]);
      expect(
        (await sh('test -e /dev/kmsg || test -e /dev/mem || test -e /dev/sda || test -e /sys/kernel || echo none'))
          .output,
      ).toBe('none\n');
    });

    test('cannot touch processes of the machine, of another sandbox, or the one that holds its own', async () => {
      const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
      const other = await bench.make();
      await bench.sandbox.startCommand(other, { job_id: 'long', command: 'sleep 60', network: 'none' });
      await sh(`kill -9 ${sleeper.pid}; kill -9 1; kill -9 -1; true`);
      expect(sleeper.exitCode).toBeNull();
      expect(sleeper.signalCode).toBeNull();
      sleeper.kill();
      expect(await bench.sandbox.waitCommand(other, 'long', { timeoutMs: 100 })).toEqual({ state: 'running' });
      expect((await sh('echo still here')).output).toBe('still here\n');
      expect((await sh(`ls ${bench.dataDir}/sandboxes/${other} /tmp`)).output).not.toContain('workspace');
      await bench.sandbox.destroy(other);
    });

    test('cannot pretend to have ended another way', async () => {
      const faked = await sh(
        'echo 0 > /run/jobs/$(ls /run/jobs | tail -1)/exit; printf "1\\0/workspace/../../etc\\n\\0" 1<>/proc/self/fd/9; trap - EXIT; exit 6',
      );
      expect(faked.exit_code).toBe(6);
      expect(faked.cwd ?? '').not.toContain('..');
      expect((await sh('kill -TERM 0; sleep 1; exit 0')).exit_code).toBe(143);
    });

    test("finds the mirror's objects readable and nothing more", async () => {
      expect(
        (
          await sh(
            'git cat-file -p HEAD^{tree} | wc -l; find /run/objects -type f | head -1 | xargs rm -f; find /run/objects -type f | wc -l',
          )
        ).output,
      ).toMatch(/^1\n[\s\S]*\n[1-9]\d*\n$/);
      expect(bench.mirror('fsck', '--no-dangling')).toBe('');
      await sh(
        'f=$(find /run/objects -type f -path "*/??/*" | head -1); ln $f /workspace/hard 2>/dev/null; chmod u+w $f; echo junk > $f',
      );
      expect(bench.mirror('fsck', '--no-dangling')).toBe('');
    });

    test('is held to its limits of processes, memory and file size', async () => {
      const small = await bench.make({ limits: { memory_mb: 256, processes: 40, file_size_mb: 5, log_mb: 1 } });
      const forks = await bench.sh(small, 'for i in $(seq 60); do sleep 3 & done 2>&1; jobs -r | wc -l');
      expect(forks.output).toContain('Resource temporarily unavailable');
      expect((await bench.sh(small, 'node -e "Buffer.alloc(2**29).fill(1)" 2>&1; echo $?')).output).not.toMatch(
        /^0\n$/,
      );
      expect((await bench.sh(small, 'head -c 20m /dev/zero > big; stat -c %s big')).output).toContain(
        String(5 * 2 ** 20),
      );
      expect((await bench.sh(small, 'ulimit -c')).output).toBe('0\n');
      expect((await bench.sh(small, 'echo fine')).output).toBe('fine\n');
      await bench.sandbox.destroy(small);
    });

    test("leads the platform's git to no file outside, however links are swapped", async () => {
      const secretDir = path.join(path.dirname(bench.dataDir), 'secrets');
      mkdirSync(secretDir, { recursive: true });
      const secret = `the owner's key\n`;
      for (const name of ['file', ...Array.from({ length: 300 }, (_, i) => `f${i}`)])
        writeFileSync(path.join(secretDir, name), secret);
      const blob = createHash('sha1').update(`blob ${secret.length}\0${secret}`).digest('hex');
      await bench.sandbox.startCommand(id, { job_id: 'flip', command: flipping(secretDir, 300), network: 'none' });
      const end = Date.now() + 4000;
      let parent = bench.base;
      for (let i = 0; Date.now() < end; i++)
        parent = (await bench.sandbox.checkpoint(id, { parent, ref: `refs/omoios/flip/${i}`, message: 'm' })).sha;
      await bench.sandbox.killCommand(id, 'flip');
      expect(bench.mirror('cat-file', '--batch-check', '--batch-all-objects')).not.toContain(blob);
      await sh('rm -rf real dir fake away target plain');
    });

    test('has none of its programs run by the platform: hooks, filters, monitors, drivers, aliases', async () => {
      const mark = path.join(path.dirname(bench.dataDir), 'ran');
      // On the machine every one of these would leave the mark, or its copy in the sandbox's own /tmp.
      const run = `sh -c 'touch ${mark} /tmp/ran-inside 2>/dev/null; cat'`;
      await sh(`mkdir -p .hooks && printf '#!/bin/sh\\ntouch ${mark} /tmp/hook-ran\\n' > .hooks/pre-commit && chmod +x .hooks/pre-commit && for h in post-commit post-checkout reference-transaction post-index-change pre-auto-gc; do cp .hooks/pre-commit .hooks/$h; done
      git config core.hooksPath .hooks; git config core.fsmonitor "touch ${mark}; true"; git config filter.x.clean "${run}"; git config filter.x.smudge "${run}"; git config filter.x.required true
      git config diff.x.textconv "${run}"; git config diff.x.command "${run}"; git config merge.x.driver "${run}"; git config core.pager "${run}"; git config core.sshCommand "${run}"; git config gpg.program "${run}"; git config uploadpack.packObjectsHook "${run}"
      printf '* filter=x diff=x merge=x\\n*.txt working-tree-encoding=UTF-16\\n' > .gitattributes; echo content > file.any; git init -q nested; cp .git/config nested/.git/config; echo n > nested/n
      printf '[include]\\n\\tpath = ${bench.dataDir}/owner-key\\n' >> nested/.git/config; printf 'gitdir: ${bench.repositories.gitDir('project')}\\n' > .hooks/.git`);
      const { sha } = await bench.sandbox.checkpoint(id, { parent: bench.base, ref: 'refs/omoios/run', message: 'm' });
      expect(bench.mirror('show', `${sha}:file.any`)).toBe('content');
      expect((await sh('ls /tmp/hook-ran /tmp/ran-inside 2>/dev/null')).output).toBe('');
      const out = await bench.sandbox.exportWork(id, { ref: 'refs/heads/out', message: 'rest' });
      expect(bench.mirror('show', `${out.sha}:file.any`)).toBe('content');
      expect((await sh('ls /tmp/hook-ran 2>/dev/null')).output).toBe('');
      // Read, compared, merged and checked out again by the platform, it stays data.
      await bench.repositories.diff('project', bench.base, out.sha);
      await bench.repositories.mergeTree('project', bench.base, out.sha);
      const next = await bench.make({ base_sha: out.sha });
      await bench.sandbox.destroy(next);
      expect(() => readFileSync(mark)).toThrow('ENOENT');
    });
  });
