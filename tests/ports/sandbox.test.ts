import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createLocalSandbox } from '#activities/adapters/sandbox/local/index.ts';
import { rootDir } from '#activities/services/config.ts';
import { git, openBench, processesWith, until, workingKinds, type Bench } from './local/fixture.ts';

const kinds = await workingKinds();

test('isolation is found where bubblewrap works, and its absence is explained', async () => {
  const bench = await openBench('auto');
  const works =
    spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', 'true']).status ===
    0;
  expect(bench.sandbox.isolated).toBe(works);
  expect(bench.sandbox.isolationProblem === undefined).toBe(works);
  await bench.close();
});

test('a sandbox made without isolation is not entered as if it had some', async () => {
  const plain = await openBench('none');
  const id = await plain.make();
  const now = await createLocalSandbox({ dataDir: plain.dataDir, gitDirOf: plain.repositories.gitDir });
  if (now.isolated) {
    await expect(now.create(plain.spec(id))).rejects.toMatchObject({ code: 'lost' });
    await expect(now.exec(id, ['true'])).rejects.toMatchObject({ code: 'lost' });
    await now.destroy(id);
    expect(await plain.sandbox.status(id)).toBe('absent');
  }
  await plain.close();
});

describe.each(kinds)('a local sandbox (%s)', (kind) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(kind, {
      'README.md': 'hello\n',
      'api/app.js': 'console.log(1)\n',
      '.gitignore': 'node_modules/\n',
    });
  });
  afterAll(() => bench.close());

  describe('life', () => {
    test('[EXEC-14] begins with the files, the branch and the whole history of its base', async () => {
      const id = await bench.make();
      const { output } = await bench.sh(
        id,
        'pwd; ls; git status --short; git branch --show-current; git log --oneline | cat; git log -1 --format=%s',
      );
      const root = bench.sandbox.workspacePath(id);
      expect(output).toBe(`${root}\nREADME.md\napi\ntask/1234/work\n${bench.base.slice(0, 7)} first\nfirst\n`);
      expect(await bench.sandbox.status(id)).toBe('running');
      expect(await bench.sandbox.list()).toContain(id);
    });

    test('[EXEC-14] is made once, however often and at once it is asked for, and keeps its files', async () => {
      const spec = bench.spec('omoios-twice');
      await Promise.all([1, 2, 3, 4].map(() => bench.sandbox.create(spec)));
      await bench.sh(spec.id, 'echo mine > README.md');
      await bench.sandbox.create({ ...spec, branch: 'another' });
      expect((await bench.sandbox.readFile(spec.id, 'README.md')).toString()).toBe('mine\n');
      expect((await bench.sh(spec.id, 'git branch --show-current')).output).toBe('task/1234/work\n');
      // One owner of the namespaces, and nothing of the others that tried.
      const holders = processesWith(`${bench.dataDir}/sandboxes/${spec.id}/workspace`).filter((line) =>
        line.startsWith('bwrap'),
      );
      expect(holders.length).toBe(kind === 'none' ? 0 : 1);
    });

    test("[EXEC-14] needs nothing of the platform's umask", async () => {
      const umask = process.umask(0o077);
      const closed = await openBench(kind, { 'deep/file': 'x\n' });
      try {
        const id = await closed.make();
        expect((await closed.sh(id, 'git log --format=%s; cat deep/file; git status --short; umask')).output).toBe(
          'first\nx\n0022\n',
        );
        expect(await closed.sandbox.treeHash(id)).toBe(closed.mirror('rev-parse', 'main^{tree}'));
      } finally {
        process.umask(umask);
        await closed.close();
      }
    });

    test('[EXEC-15] is really gone once destroyed, with everything that ran in it', async () => {
      const id = await bench.make();
      const marker = `86400.${Date.now() % 1e6}${process.pid}`;
      await bench.sh(id, `setsid sleep ${marker} & sleep ${marker} & disown -a; chmod 000 api; exit 0`);
      await bench.sandbox.startCommand(id, { job_id: 'hangs', command: `sleep ${marker}`, network: 'none' });
      await until(() => processesWith(`sleep ${marker}`).length >= 3);
      await bench.sandbox.destroy(id);
      expect(processesWith(marker)).toEqual([]);
      expect(processesWith(`${bench.dataDir}/sandboxes/${id}/`)).toEqual([]);
      expect(await bench.sandbox.status(id)).toBe('absent');
      expect(await bench.sandbox.list()).not.toContain(id);
      expect(bench.mirror('for-each-ref', `refs/omoios/sandboxes/${id}`)).toBe('');
      await bench.sandbox.destroy(id);
      await expect(
        bench.sandbox.startCommand(id, { job_id: 'late', command: 'true', network: 'none' }),
      ).rejects.toMatchObject({ code: 'lost' });
    });

    test('[EXEC-15] whose processes died is stopped, and revived with its files', async () => {
      if (kind === 'none') return expect(await bench.sandbox.status(await bench.make())).toBe('running');
      const id = await bench.make();
      await bench.sh(id, 'echo kept > kept; echo tool > ~/tool');
      const owner = Number(
        readFileSync(path.join(bench.dataDir, 'sandboxes', id, 'holder/owner'), 'utf8').split(' ')[1],
      );
      process.kill(owner, 'SIGKILL');
      await until(async () => (await bench.sandbox.status(id)) === 'stopped');
      await expect(
        bench.sandbox.startCommand(id, { job_id: 'dead', command: 'true', network: 'none' }),
      ).rejects.toMatchObject({ code: 'lost' });
      await expect(bench.sandbox.treeHash(id)).rejects.toMatchObject({ code: 'lost' });
      await Promise.all([bench.sandbox.create(bench.spec(id)), bench.sandbox.create(bench.spec(id))]);
      expect((await bench.sh(id, 'cat kept ~/tool')).output).toBe('kept\ntool\n');
      expect(
        processesWith(`${bench.dataDir}/sandboxes/${id}/workspace`).filter((line) => line.startsWith('bwrap')).length,
      ).toBe(1);
    });

    test('[EXEC-15] ends by itself once its folder is deleted, whether its owner lives or not; another one does not', async () => {
      // Plain processes are found by what they carry, when the sandbox is destroyed.
      const end = (id: string) => (kind === 'none' ? bench.sandbox.destroy(id, 'project') : undefined);
      const other = await bench.make();
      for (const ownerLives of [true, false]) {
        const id = await bench.make();
        const root = path.join(bench.dataDir, 'sandboxes', id);
        const marker = `86404.${Date.now() % 1e6}${process.pid}`;
        for (const one of [id, other])
          await bench.sandbox.startCommand(one, {
            job_id: `lives.${marker}`,
            command: `setsid sleep ${marker} & sleep ${marker}`,
            network: 'none',
          });
        await until(() => processesWith(`sleep ${marker}`).length === 4);
        const owner = kind === 'none' ? 0 : Number(readFileSync(path.join(root, 'holder/owner'), 'utf8').split(' ')[1]);
        rmSync(root, { recursive: true });
        if (!ownerLives && owner) process.kill(owner, 'SIGKILL');
        await end(id);
        await until(() => processesWith(`sleep ${marker}`).length === 2, 30_000);
        await until(() => processesWith(`${root}/workspace`).length === 0, 30_000);
        expect(await bench.sandbox.waitCommand(other, `lives.${marker}`, { timeoutMs: 0 })).toEqual({
          state: 'running',
        });
      }
      await bench.sandbox.destroy(other);
    });

    test('refuses an id or a branch that names another place', async () => {
      await expect(bench.sandbox.create(bench.spec('../escape'))).rejects.toMatchObject({ code: 'not_found' });
      for (const branch of ['../../x', '-x', '', 'a//b', 'a b'])
        await expect(bench.sandbox.create(bench.spec('omoios-branch', { branch }))).rejects.toThrow(
          'not a valid branch name',
        );
      await expect(bench.sandbox.destroy('..')).rejects.toMatchObject({ code: 'not_found' });
      const id = await bench.make();
      await expect(
        bench.sandbox.startCommand(id, { job_id: '../../x', command: 'true', network: 'none' }),
      ).rejects.toMatchObject({ code: 'not_found' });
    });
  });

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

    test('whose supervisor vanished are lost, and never run again', async () => {
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

    test('[EXEC-21] that hang are waited for only so long, and killed with all they started', async () => {
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
      for (let i = 0; i < 15; i++) {
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

    test('a setup command with network works like any other, and takes what it leaves running with it', async () => {
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
    });

    test('run many at once', async () => {
      const all = await Promise.all(Array.from({ length: 20 }, (_, i) => bench.sh(id, `echo ${i}`)));
      expect(all.map((ran) => ran.output)).toEqual(Array.from({ length: 20 }, (_, i) => `${i}\n`));
    });
  });

  describe('exec', () => {
    let id: string;
    beforeAll(async () => {
      id = await bench.make();
    });

    test('runs a program with input, in a folder, to its exit code', async () => {
      const ran = await bench.sandbox.exec(id, ['bash', '-c', 'cat; pwd; echo no >&2; exit 3'], {
        input: 'given ',
        cwd: 'api',
      });
      expect({ ...ran, stdout: ran.stdout.toString() }).toEqual({
        exitCode: 3,
        stdout: `given ${bench.sandbox.workspacePath(id)}/api\n`,
        stderr: 'no\n',
      });
      expect((await bench.sandbox.exec(id, ['printf', '%s', '--', '$HOME', '; true'])).stdout.toString()).toBe(
        '--$HOME; true',
      );
    });

    test('ends what takes too long or prints too much', async () => {
      const marker = `86403.${Date.now() % 1e6}${process.pid}`;
      expect(
        (await bench.sandbox.exec(id, ['bash', '-c', `sleep ${marker} & sleep ${marker}`], { timeoutMs: 300 }))
          .exitCode,
      ).toBe(124);
      expect(processesWith(`sleep ${marker}`)).toEqual([]);
      await expect(bench.sandbox.exec(id, ['yes', marker])).rejects.toMatchObject({ code: 'too_large' });
      await until(() => processesWith(`yes ${marker}`).length === 0);
    });
  });

  test('a read-only sandbox keeps its files as they were', async () => {
    const id = await bench.make({ access: 'read_only' });
    await expect(bench.sandbox.writeFile(id, 'x', Buffer.from('x'))).rejects.toMatchObject({ code: 'read_only' });
    if (kind === 'none') return;
    expect((await bench.sh(id, 'echo x > README.md')).output).toContain('Read-only file system');
    expect((await bench.sh(id, 'echo x > /tmp/x && cat /tmp/x; git status --short')).output).toBe('x\n');
    expect(await bench.sandbox.exportWork(id, { ref: 'refs/omoios/ro', message: 'none' })).toMatchObject({
      sha: bench.base,
    });
  });

  test('the history of a shallow source is as long there', async () => {
    git(bench.source, 'commit', '-q', '--allow-empty', '-m', 'second');
    const shallow = path.join(path.dirname(bench.source), `shallow-${kind}`);
    git('/', 'clone', '-q', '--depth=1', `file://${bench.source}`, shallow);
    const { sha } = await bench.repositories.sync('shallow', { path: shallow }, 'main');
    const id = await bench.make({ project_id: 'shallow', base_sha: sha });
    expect(
      (await bench.sh(id, 'git log --format=%s; git status --short; echo x > y; git add y; git commit -qm z')).output,
    ).toBe('second\n');
    const out = await bench.sandbox.exportWork(id, { ref: 'refs/heads/out', message: 'rest' });
    expect((await bench.repositories.log('shallow', sha, out.sha)).map((c) => c.subject)).toEqual(['z']);
    await bench.sandbox.destroy(id);
    mkdirSync(shallow, { recursive: true });
  });
});
