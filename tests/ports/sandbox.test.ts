import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readHolder } from '#activities/adapters/sandbox/local/holder.ts';
import { createLocalSandbox } from '#activities/adapters/sandbox/local/index.ts';
import { workspaceGit } from '#activities/adapters/sandbox/local/jail.ts';
import { layoutOf } from '#activities/adapters/sandbox/local/layout.ts';
import { findIsolation } from '#activities/adapters/sandbox/local/probe.ts';
import {
  git,
  isLocal,
  localTest,
  openBench,
  scratchDir,
  processesWith,
  until,
  workingKinds,
  type Bench,
} from './local/fixture.ts';

const kinds = await workingKinds();

test('isolation is found where bubblewrap works, and its absence is explained', async () => {
  const { dir, remove } = scratchDir();
  const sandbox = await createLocalSandbox({ dataDir: dir, gitDirOf: () => dir });
  const works =
    spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', 'true']).status ===
    0;
  expect(sandbox.isolated).toBe(works);
  expect(sandbox.isolationProblem === undefined).toBe(works);
  remove();
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

  describe('life', () => {
    testLocal('[EXEC-15] that has lost its files is absent though its processes live, and is made again', async () => {
      for (const part of ['workspace', 'spec'] as const) {
        const id = await bench.make();
        await bench.sandbox.startCommand(id, { job_id: 'long', command: 'sleep 60', network: 'none' });
        rmSync(layoutOf(bench.dataDir, id)[part], { recursive: true });
        expect(await bench.sandbox.status(id)).toBe('absent');
        await expect(bench.sandbox.exec(id, ['true'])).rejects.toMatchObject({ code: 'lost' });
        await bench.sandbox.create(bench.spec(id));
        expect(await bench.sandbox.status(id)).toBe('running');
        expect((await bench.sh(id, 'cat README.md')).output).toBe('hello\n');
      }
    });

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
      if (!isLocal(kind)) return;
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
      if (isLocal(kind)) await until(() => processesWith(`sleep ${marker}`).length >= 3);
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

    testLocal('[EXEC-15] whose processes died is stopped, and revived with its files', async () => {
      if (kind === 'none') return expect(await bench.sandbox.status(await bench.make())).toBe('running');
      const id = await bench.make();
      await bench.sh(id, 'echo kept > kept; echo tool > ~/tool');
      const owner = Number(
        readFileSync(path.join(bench.dataDir, 'sandboxes', id, 'holder/owner'), 'utf8').split(' ')[1],
      );
      const holder = readHolder(layoutOf(bench.dataDir, id));
      process.kill(owner, 'SIGKILL');
      await until(async () => (await bench.sandbox.status(id)) === 'stopped');
      await expect(
        bench.sandbox.startCommand(id, { job_id: 'dead', command: 'true', network: 'none' }),
      ).rejects.toMatchObject({ code: 'lost' });
      await expect(bench.sandbox.treeHash(id)).rejects.toMatchObject({ code: 'lost' });
      // Git that was started while they still ran.
      const git = {
        isolation: await findIsolation(bench.dataDir, process.env.PATH ?? '', 'auto'),
        holder,
        layout: layoutOf(bench.dataDir, id),
        spec: bench.spec(id),
        gitDir: bench.repositories.gitDir('project'),
        hostPath: process.env.PATH ?? '',
      };
      await expect(workspaceGit(git, ['tree'])).rejects.toMatchObject({ code: 'lost' });
      await Promise.all([bench.sandbox.create(bench.spec(id)), bench.sandbox.create(bench.spec(id))]);
      expect((await bench.sh(id, 'cat kept ~/tool')).output).toBe('kept\ntool\n');
      expect(
        processesWith(`${bench.dataDir}/sandboxes/${id}/workspace`).filter((line) => line.startsWith('bwrap')).length,
      ).toBe(1);
    });

    testLocal('a program whose sandbox ends under it reports that, not a failure of its own', async () => {
      if (kind === 'none') return expect((await bench.sandbox.exec(await bench.make(), ['false'])).exitCode).toBe(1);
      const id = await bench.make();
      const running = bench.sandbox.exec(id, ['bash', '-c', 'touch begun; sleep 30']).catch((error: unknown) => error);
      await until(() => existsSync(path.join(bench.dataDir, 'sandboxes', id, 'workspace/begun')));
      process.kill(Number(readHolder(layoutOf(bench.dataDir, id))?.child), 'SIGKILL');
      expect(await running).toMatchObject({ code: 'lost' });
    });

    testLocal(
      '[EXEC-15] ends by itself once its folder is deleted, whether its owner lives or not; another one does not',
      async () => {
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
          const owner =
            kind === 'none' ? 0 : Number(readFileSync(path.join(root, 'holder/owner'), 'utf8').split(' ')[1]);
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
      },
    );

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
    expect((await bench.sh(id, 'echo x > README.md')).output).toMatch(/Read-only file system|Permission denied/);
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
