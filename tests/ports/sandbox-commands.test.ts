import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import { localTest, openBench, processesWith, times, until, workingKinds, type Bench } from './local/fixture.ts';

const kinds = await workingKinds();

describe.each(kinds)('a sandbox (%s)', (kind) => {
  const testLocal = localTest(kind);
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(kind, {
      'README.md': 'hello\n',
      'api/app.js': 'console.log(1)\n',
      '.gitignore': 'node_modules/\n',
    });
  });
  afterAll(() => bench.close());

  describe('commands', () => {
    let id: string;
    beforeAll(async () => {
      id = await bench.make();
    });

    test('tell exit code, output, duration and where they left off', async () => {
      const ran = await bench.sh(id, 'cd api; echo out; echo err >&2; sleep 0.2; exit 7');
      expect(ran).toMatchObject({ state: 'exited', exit_code: 7, cwd: 'api', output: 'out\nerr\n' });
      expect(ran.duration_ms).toBeGreaterThanOrEqual(190);
      expect(ran.duration_ms).toBeLessThan(5000);
      expect((await bench.sh(id, 'kill -SEGV $$')).exit_code).toBe(139);
      expect((await bench.sh(id, 'cd /; true')).cwd).toBeUndefined();
    });

    test('begin where they are told, or in the root when that is gone', async () => {
      expect((await bench.sh(id, 'ls', { cwd: 'api' })).output).toBe('app.js\n');
      expect((await bench.sh(id, 'mkdir -p gone && cd gone && rmdir ../gone')).exit_code).toBe(0);
      expect(await bench.sh(id, 'ls README.md', { cwd: 'gone' })).toMatchObject({ output: 'README.md\n', cwd: '' });
    });

    test('are whole scripts: here documents, errors by line, early exits', async () => {
      expect((await bench.sh(id, 'cat <<EOF\na $((1 + 1))\nEOF\nnosuch\n')).output).toBe(
        'a 2\nbash: line 4: nosuch: command not found\n',
      );
      expect((await bench.sh(id, 'echo "')).exit_code).not.toBe(0);
      expect((await bench.sh(id, 'set -e; false; echo never')).output).toBe('');
    });

    test('see an environment of their own, with nothing of the platform', async () => {
      const { output } = await bench.sh(id, 'env', { env: { GIVEN: 'a value\nwith lines' } });
      expect(output).toContain('GIVEN=a value\nwith lines\n');
      for (const line of [
        'PAGER=cat',
        'GIT_PAGER=cat',
        'NO_COLOR=1',
        'CI=1',
        'TERM=dumb',
        'GIT_TERMINAL_PROMPT=0',
        'LANG=C.UTF-8',
      ])
        expect(output).toContain(`${line}\n`);
      expect(output).not.toMatch(/^(NODE_OPTIONS|JEST|SSH_|ANTHROPIC)/m);
      expect((await bench.sh(id, 'read -r line || echo closed; touch ~/here && echo $HOME')).output).toMatch(
        /^closed\n\/.*\/agent\n$/,
      );
    });

    test('find their tools, and signals as usual', async () => {
      expect((await bench.sh(id, 'node -p 1+1; git --version')).output).toMatch(/^2\ngit version/);
      expect((await bench.sh(id, `bash -c 'trap "echo interrupted; exit" INT; kill -INT $$; sleep 1'`)).output).toBe(
        'interrupted\n',
      );
      expect((await bench.sh(id, 'yes | head -1')).output).toBe('y\n');
    });

    test('[EXEC-15] run once per job id, however often and at once they are started', async () => {
      const job = { job_id: 'once.1.0', command: 'echo run >> counter; sleep 0.2', network: 'none' as const };
      await Promise.all(Array.from({ length: 8 }, () => bench.sandbox.startCommand(id, job)));
      await bench.sandbox.waitCommand(id, job.job_id, { timeoutMs: 10_000 });
      await bench.sandbox.startCommand(id, job);
      await bench.sandbox.startCommand(id, { ...job, command: 'echo other >> counter' });
      expect((await bench.sandbox.readFile(id, 'counter')).toString()).toBe('run\n');
    });

    test('[EXEC-15] outlive a worker killed with -9, and another one finds them again', async () => {
      const words = [
        path.join(rootDir, 'tests/ports/local/start-and-wait.ts'),
        bench.dataDir,
        kind,
        id,
        'survivor',
        'echo a >> trace; sleep 1; echo b >> trace; exit 5',
      ];
      const worker = spawn(path.join(rootDir, 'node_modules/.bin/tsx'), words, {
        cwd: rootDir,
        env: { ...process.env, ...bench.settings },
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
      });
      const [said] = (await Promise.race([once(worker.stdout, 'data'), once(worker, 'exit')])) as [Buffer | number];
      expect(String(said)).toBe('started\n');
      process.kill(-(worker.pid as number), 'SIGKILL');
      await bench.sandbox.startCommand(id, {
        job_id: 'survivor',
        command: 'echo a >> trace; sleep 1; echo b >> trace; exit 5',
        network: 'none',
      });
      expect(await bench.sandbox.waitCommand(id, 'survivor', { timeoutMs: 10_000 })).toMatchObject({
        state: 'exited',
        exit_code: 5,
      });
      expect((await bench.sandbox.readFile(id, 'trace')).toString()).toBe('a\nb\n');
    });

    testLocal('whose supervisor vanished are lost, and never run again', async () => {
      const job = { job_id: 'orphan', command: 'echo x >> orphan; sleep 60', network: 'none' as const };
      await bench.sandbox.startCommand(id, job);
      await until(() => existsSync(path.join(bench.dataDir, 'sandboxes', id, 'workspace/orphan')));
      const record = readFileSync(path.join(bench.dataDir, 'sandboxes', id, 'jobs/orphan/supervisor'), 'utf8');
      process.kill(Number(record.split(' ')[0]), 'SIGKILL');
      expect(await bench.sandbox.waitCommand(id, 'orphan', { timeoutMs: 10_000 })).toEqual({ state: 'lost' });
      await bench.sandbox.startCommand(id, job);
      expect((await bench.sandbox.readFile(id, 'orphan')).toString()).toBe('x\n');
      await bench.sandbox.killCommand(id, 'orphan');
      expect(await bench.sandbox.waitCommand(id, 'never-started', { timeoutMs: 10_000 })).toEqual({ state: 'lost' });
    });

    testLocal('[EXEC-21] that hang are waited for only so long, and killed with all they started', async () => {
      const marker = `86401.${Date.now() % 1e6}${process.pid}`;
      await bench.sandbox.startCommand(id, {
        job_id: 'hang',
        command: `trap '' TERM; timeout 900 sleep ${marker} | cat & sleep ${marker}`,
        network: 'none',
      });
      expect(await bench.sandbox.waitCommand(id, 'hang', { timeoutMs: 300 })).toEqual({ state: 'running' });
      await until(() => processesWith(`sleep ${marker}`).length >= 2);
      await bench.sandbox.killCommand(id, 'hang');
      const state = await bench.sandbox.waitCommand(id, 'hang', { timeoutMs: 5000 });
      expect(state).toMatchObject({ state: 'exited', exit_code: 137 });
      expect(processesWith(`sleep ${marker}`)).toEqual([]);
      await bench.sandbox.killCommand(id, 'hang');
    });

    test('[EXEC-21] are killed even before they have begun', async () => {
      for (let i = 0; i < times(kind, 15, 4); i++) {
        await bench.sandbox.startCommand(id, { job_id: `early.${i}`, command: 'sleep 60', network: 'none' });
        await bench.sandbox.killCommand(id, `early.${i}`);
        const state = await bench.sandbox.waitCommand(id, `early.${i}`, { timeoutMs: 2000 });
        expect(state.state).toBe('exited');
        expect([137, 143]).toContain(state.exit_code);
      }
      await bench.sandbox.killCommand(id, 'never-started');
    });

    test('[EXEC-21] a wait is given up at once when its signal is raised', async () => {
      await bench.sandbox.startCommand(id, { job_id: 'abort', command: 'sleep 5', network: 'none' });
      const controller = new AbortController();
      const started = Date.now();
      setTimeout(() => controller.abort(new Error('interrupted')), 100);
      await expect(
        bench.sandbox.waitCommand(id, 'abort', { timeoutMs: 5000, signal: controller.signal }),
      ).rejects.toThrow('interrupted');
      expect(Date.now() - started).toBeLessThan(1500);
      await bench.sandbox.killCommand(id, 'abort');
    });

    test('a process left in the background holds nobody up, and answers the next command', async () => {
      const server = `require('http').createServer((q, r) => r.end('pong')).listen(0, '127.0.0.1', function () { require('fs').writeFileSync('port', String(this.address().port)) })`;
      const started = await bench.sh(id, `node -e "${server}" & disown; until [ -s port ]; do sleep 0.05; done`);
      expect(started).toMatchObject({ state: 'exited', exit_code: 0 });
      const asked = await bench.sh(
        id,
        `node -e "fetch('http://127.0.0.1:' + require('fs').readFileSync('port')).then((r) => r.text()).then(console.log)"`,
      );
      expect(asked.output).toBe('pong\n');
    });

    test('output past the limit ends the command, and its two ends can be read', async () => {
      const ran = await bench.sh(id, 'trap "" TERM; while :; do echo 0123456789012345678901234567890123456789; done');
      expect(ran).toMatchObject({ state: 'exited', output_exceeded: true, exit_code: 137 });
      expect((await bench.sh(id, 'yes')).output_exceeded).toBe(true);
      const whole = await bench.sh(id, 'head -c 50000000 /dev/zero | tr "\\0" "z"; echo; echo end');
      expect(whole.output_exceeded).toBe(true);
      const jobId = 'ends';
      await bench.sandbox.startCommand(id, { job_id: jobId, command: 'seq 1 1000; printf last', network: 'none' });
      await bench.sandbox.waitCommand(id, jobId, { timeoutMs: 10_000 });
      const cut = await bench.sandbox.readOutput(id, jobId, { headBytes: 4, tailBytes: 6 });
      expect({ ...cut, head: cut.head.toString(), tail: cut.tail.toString() }).toMatchObject({
        head: '1\n2\n',
        tail: '0\nlast',
        total_lines: 1001,
        total_bytes: 3897,
      });
      expect((await bench.sh(id, `tail -c 4 ${cut.path}`)).output).toBe('last');
    });

    test('`job` shows, awaits and ends what runs in the background', async () => {
      await bench.sandbox.startCommand(id, {
        job_id: 'bg.1',
        command: 'echo working; sleep 0.7; exit 3',
        network: 'none',
      });
      expect(await bench.sh(id, 'job wait bg.1; job log bg.1')).toMatchObject({
        output: 'job bg.1 ended with exit 3\nworking\n',
      });
      await bench.sandbox.startCommand(id, { job_id: 'bg.2', command: 'sleep 60', network: 'none' });
      expect((await bench.sh(id, 'job wait bg.2 1')).output).toBe('job bg.2 still runs\n');
      expect(await bench.sh(id, 'job kill bg.2')).toMatchObject({ exit_code: 0, output: 'job bg.2 was ended\n' });
      expect(await bench.sandbox.waitCommand(id, 'bg.2', { timeoutMs: 5000 })).toMatchObject({
        state: 'exited',
        exit_code: 143,
      });
      expect((await bench.sh(id, 'job log ../../etc; job')).exit_code).toBe(2);
    });

    testLocal(
      'a setup command with network works like any other, and takes what it leaves running with it',
      async () => {
        const marker = `86402.${Date.now() % 1e6}${process.pid}`;
        const ran = await bench.sh(id, `cd api; setsid sleep ${marker} & sleep 0.1; exit 4`, { network: 'full' });
        expect(ran).toMatchObject({ state: 'exited', exit_code: 4, cwd: 'api' });
        if (kind !== 'none') await until(() => processesWith(`sleep ${marker}`).length === 0);
        await bench.sandbox.startCommand(id, { job_id: 'full', command: `sleep 9${marker}`, network: 'full' });
        await until(() => processesWith(`sleep 9${marker}`).length > 0);
        await bench.sandbox.killCommand(id, 'full');
        expect(await bench.sandbox.waitCommand(id, 'full', { timeoutMs: 5000 })).toMatchObject({
          state: 'exited',
          exit_code: 143,
        });
      },
    );

    test('run many at once', async () => {
      const all = await Promise.all(Array.from({ length: times(kind, 20, 8) }, (_, i) => bench.sh(id, `echo ${i}`)));
      expect(all.map((ran) => ran.output)).toEqual(all.map((_, i) => `${i}\n`));
    });
  });
});
