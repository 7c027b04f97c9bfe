import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRepositories } from '#activities/adapters/repositories/git.ts';
import { environment } from '#activities/services/config.ts';
import { commitOn, git, makeRepository, put, until } from './local/fixture.ts';
import { openRepositories } from './local/repositories-bench.ts';

describe('repositories over the git command line', () => {
  const { dir, dataDir, repositories, fresh, bareOf, error } = openRepositories();

  describe('at the source', () => {
    const ahead = async (id: string, base: string, files: Record<string, string>) =>
      commitOn(repositories.gitDir(id), base, files);

    test('a push is safe to repeat and overwrites nothing', async () => {
      const { source, base, id } = fresh();
      await repositories.sync(id, { path: source }, 'main');
      const one = await ahead(id, base, { one: '1' });
      const two = await ahead(id, base, { two: '2' });
      await repositories.push(id, { path: source }, 'task/x', one);
      await repositories.push(id, { path: source }, 'task/x', one);
      expect(await repositories.remoteBranch({ path: source }, 'task/x')).toBe(one);
      await expect(repositories.push(id, { path: source }, 'task/x', two)).rejects.toEqual(error('push_refused'));
      await expect(repositories.push(id, { path: source }, 'task/x', two, base)).rejects.toEqual(error('push_refused'));
      await expect(repositories.push(id, { path: source }, 'task/x', two, '')).rejects.toEqual(error('push_refused'));
      await repositories.push(id, { path: source }, 'task/x', two, one);
      await repositories.push(id, { path: source }, 'task/x', two, one);
      await expect(repositories.push(id, { path: source }, 'main', one)).rejects.toEqual(error('push_refused'));
      expect(git(source, 'status', '--short')).toBe('');
      await repositories.deleteRemoteBranch({ path: source }, 'task/x');
      await repositories.deleteRemoteBranch({ path: source }, 'task/x');
      expect(await repositories.remoteBranch({ path: source }, 'task/x')).toBeUndefined();
    });

    test('a push that runs beside an earlier try of itself is never refused as if another had moved the branch', async () => {
      const { source, base, id } = fresh();
      await repositories.sync(id, { path: source }, 'main');
      let tip = base;
      for (let round = 0; round < 6; round += 1) {
        tip = await ahead(id, tip, { [`file-${round}`]: String(round) });
        const push = () => repositories.push(id, { path: source }, 'task/same', tip);
        const ends = await Promise.allSettled(Array.from({ length: 4 }, push));
        const errors = ends.flatMap((end) =>
          end.status === 'rejected' ? [(end.reason as { code: string }).code] : [],
        );
        expect(errors.filter((code) => code !== 'git_failed')).toEqual([]);
        await push();
        expect(await repositories.remoteBranch({ path: source }, 'task/same')).toBe(tip);
      }
    });

    test('neither its hooks nor its programs run, whatever is done there', async () => {
      const { source, base, id } = fresh({
        'README.md': 'hello\n',
        '.gitattributes': '* filter=evil diff=evil merge=evil\n',
      });
      const mark = path.join(dir, `ran-${id}`);
      const program = path.join(dir, `program-${id}`);
      writeFileSync(program, `#!/bin/sh\necho $0 $@ >> ${mark}\ncat 2>/dev/null\nexit 0\n`);
      chmodSync(program, 0o755);
      for (const hook of [
        'pre-receive',
        'update',
        'post-receive',
        'post-update',
        'reference-transaction',
        'post-checkout',
        'post-merge',
        'post-index-change',
        'proc-receive',
        'push-to-checkout',
        'pre-auto-gc',
        'pre-push',
      ]) {
        for (const at of ['.git/hooks', 'own-hooks']) {
          put(source, { [`${at}/${hook}`]: `#!/bin/sh\ntouch ${mark}\n` });
          chmodSync(path.join(source, at, hook), 0o755);
        }
      }
      const settings: [string, string][] = [
        ['core.hooksPath', path.join(source, 'own-hooks')],
        ['core.fsmonitor', program],
        ['filter.evil.clean', program],
        ['filter.evil.smudge', program],
        ['filter.evil.required', 'true'],
        ['diff.evil.textconv', program],
        ['diff.external', program],
        ['merge.evil.driver', program],
        ['core.sshCommand', program],
        ['core.pager', program],
        ['core.editor', program],
        ['core.askPass', program],
        ['uploadpack.packObjectsHook', program],
        ['core.alternateRefsCommand', program],
        ['gpg.program', program],
        ['commit.gpgSign', 'true'],
        ['receive.denyCurrentBranch', 'updateInstead'],
        ['credential.helper', `!${program}`],
        ['protocol.ext.allow', 'always'],
        ['core.gitProxy', program],
      ];
      for (const [key, value] of settings) git(source, 'config', key, value);
      makeRepository(`${source}-lender`);
      writeFileSync(path.join(source, '.git/objects/info/alternates'), `${source}-lender/.git/objects\n`);
      await repositories.inspect({ path: source });
      await repositories.sync(id, { path: source }, 'main');
      const next = await ahead(id, base, { 'README.md': 'new\n', new: 'n\n' });
      await repositories.push(id, { path: source }, 'task/x', next);
      await repositories.advance(id, { path: source }, 'main', next, base);
      await repositories.deleteRemoteBranch({ path: source }, 'task/x');
      await repositories.diff(id, base, next);
      await repositories.mergeTree(id, base, next);
      expect(existsSync(mark) ? readFileSync(mark, 'utf8') : '').toBe('');
      expect(readFileSync(path.join(source, 'README.md'), 'utf8')).toBe('new\n');
    });

    test('no secret of the platform reaches git', async () => {
      const { source, id } = fresh();
      const seen = path.join(dir, 'seen');
      const wrapper = path.join(dir, 'bin');
      put(wrapper, { git: `#!/bin/sh\nenv >> ${seen}\nexec /usr/bin/git "$@"\n` });
      chmodSync(path.join(wrapper, 'git'), 0o755);
      const guarded = createRepositories({
        dataDir,
        environment: {
          PATH: `${wrapper}:${environment.PATH}`,
          HOME: '/home/x',
          SSH_AUTH_SOCK: '/run/agent',
          ANTHROPIC_API_KEY: 'sk-secret',
          GITHUB_TOKEN: 'gh-secret',
          GIT_DIR: '/evil',
          GIT_EXTERNAL_DIFF: '/evil',
        },
      });
      await guarded.sync(id, { path: source }, 'main');
      const env = readFileSync(seen, 'utf8');
      expect(env).toMatch(/SSH_AUTH_SOCK=\/run\/agent/);
      expect(env).not.toMatch(/secret|evil/);
    });

    test('a repository behind a URL is read, fetched, pushed to and moved like one on a path', async () => {
      const { source, base, id } = fresh();
      const bare = bareOf(source);
      const port = 20_000 + Math.floor(Math.random() * 20_000);
      const serve = [
        'daemon',
        '--export-all',
        '--enable=receive-pack',
        '--listen=127.0.0.1',
        `--port=${port}`,
        `--base-path=${dir}`,
        dir,
      ];
      const daemon = spawn('git', serve, { stdio: 'ignore', detached: true });
      const remote = { url: `git://127.0.0.1:${port}/${path.basename(bare)}` };
      try {
        await until(async () => (await repositories.remoteBranch(remote, 'main').catch(() => undefined)) === base);
        expect(await repositories.inspect(remote)).toEqual({
          default_branch: 'main',
          head_sha: base,
          bare: true,
          dirty: false,
          branches: ['main'],
        });
        expect(await repositories.sync(id, remote, 'main')).toEqual({ sha: base });
        const [one, two] = [await ahead(id, base, { one: '1' }), await ahead(id, base, { two: '2' })];
        await repositories.push(id, remote, 'task/x', one);
        await expect(repositories.push(id, remote, 'task/x', two)).rejects.toEqual(error('push_refused'));
        await repositories.advance(id, remote, 'main', one, base);
        await repositories.advance(id, remote, 'main', one, base);
        await expect(repositories.advance(id, remote, 'main', two, base)).rejects.toEqual(error('moved'));
        await repositories.deleteRemoteBranch(remote, 'task/x');
        expect(git(bare, 'for-each-ref', '--format=%(refname) %(objectname)')).toBe(`refs/heads/main ${one}`);
        await expect(repositories.inspect({ url: `${remote.url}-not-there` })).rejects.toEqual(error('unreachable'));
        // A name that no file system holds is seen at once, and by the fetch where the owner commits it later.
        const blob = git(source, 'hash-object', '-w', '--stdin');
        git(source, 'update-index', '--add', '--cacheinfo', `100644,${blob},${'n'.repeat(300)}`);
        git(source, 'commit', '-qm', 'long');
        git(source, 'push', '-q', bare, 'HEAD:refs/heads/long');
        await expect(repositories.inspect(remote, 'long')).rejects.toEqual(error('bad_names'));
        await expect(repositories.sync(id, remote, 'long')).rejects.toEqual(error('bad_names'));
      } finally {
        process.kill(-(daemon.pid as number), 'SIGKILL');
      }
    });

    describe('advance', () => {
      test("[GIT-07] moves a bare repository's branch, only forward and only from where it was expected", async () => {
        const { source, base, id } = fresh();
        const bare = bareOf(source);
        await repositories.sync(id, { path: bare }, 'main');
        const next = await ahead(id, base, { next: 'n' });
        const side = await ahead(id, base, { side: 's' });
        await expect(repositories.advance(id, { path: bare }, 'main', base, next)).rejects.toEqual(
          error('not_fast_forward'),
        );
        await repositories.advance(id, { path: bare }, 'main', next, base);
        await repositories.advance(id, { path: bare }, 'main', next, base);
        expect(git(bare, 'rev-parse', 'main')).toBe(next);
        await expect(repositories.advance(id, { path: bare }, 'main', side, base)).rejects.toEqual(error('moved'));
        expect(git(bare, 'rev-parse', 'main')).toBe(next);
        git(bare, 'fsck', '--strict');
      });

      test('[GIT-07] moves a clean working tree with its branch, keeping untracked files', async () => {
        const { source, base, id } = fresh({ 'a.txt': 'a\n', 'd/e.txt': 'e\n', 'run.sh': '#!/bin/sh\n' });
        await repositories.sync(id, { path: source }, 'main');
        const next = await ahead(id, base, { 'a.txt': 'A\n', 'n/new.txt': 'n\n' });
        put(source, { untracked: 'mine' });
        git(source, 'config', 'core.fileMode', 'false');
        chmodSync(path.join(source, 'run.sh'), 0o755);
        await repositories.advance(id, { path: source }, 'main', next, base);
        expect(git(source, 'status', '--short')).toBe('?? untracked');
        expect(git(source, 'rev-parse', 'HEAD')).toBe(next);
        expect(readFileSync(path.join(source, 'n/new.txt'), 'utf8')).toBe('n\n');
        expect(git(source, 'reflog', '-1', '--format=%gs', 'main')).toContain('OmoiOS');
      });

      test('[GIT-07] leaves a working tree alone that has something to lose', async () => {
        const { source, base, id } = fresh({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
        await repositories.sync(id, { path: source }, 'main');
        const next = await ahead(id, base, { 'a.txt': 'A\n', 'new.txt': 'n\n' });
        const refused = async (change: () => void) => {
          change();
          const before = git(source, 'status', '--short');
          await expect(repositories.advance(id, { path: source }, 'main', next, base)).rejects.toEqual(error('dirty'));
          expect([git(source, 'rev-parse', 'HEAD'), git(source, 'status', '--short')]).toEqual([base, before]);
          git(source, 'reset', '-q', '--hard');
          git(source, 'clean', '-qfd');
        };
        await refused(() => put(source, { 'a.txt': 'mine\n' }));
        await refused(() => put(source, { 'b.txt': 'elsewhere\n' }));
        await refused(() => rmSync(path.join(source, 'b.txt')));
        await refused(() => put(source, { 'new.txt': 'in the way\n' }));
        await refused(() => {
          put(source, { 'c.txt': 'staged\n' });
          git(source, 'add', 'c.txt');
        });
        await expect(repositories.advance(id, { path: source }, 'main', next, base)).resolves.toBeUndefined();
      });

      test('[GIT-07] finishes a move that died half way, losing nothing', async () => {
        const { source, base, id } = fresh({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' });
        await repositories.sync(id, { path: source }, 'main');
        const next = await ahead(id, base, { 'a.txt': 'A\n', 'b.txt': 'B\n', 'new.txt': 'n\n' });
        // Some files are written, the index is not; not even size and second tell the files apart.
        const { atime, mtime } = statSync(path.join(source, 'a.txt'));
        put(source, { 'a.txt': 'A\n', 'new.txt': 'n\n' });
        utimesSync(path.join(source, 'a.txt'), atime, mtime);
        await repositories.advance(id, { path: source }, 'main', next, base);
        expect([git(source, 'rev-parse', 'HEAD'), git(source, 'status', '--short')]).toEqual([next, '']);
        // Files and index are written, the ref is not.
        git(source, 'update-ref', 'refs/heads/main', base);
        await repositories.advance(id, { path: source }, 'main', next, base);
        expect([git(source, 'rev-parse', 'HEAD'), git(source, 'status', '--short')]).toEqual([next, '']);
      });

      test('[GIT-07] moves a branch that nobody has checked out, and one in a linked working tree', async () => {
        const { source, base, id } = fresh();
        git(source, 'checkout', '-q', '-b', 'other');
        await repositories.sync(id, { path: source }, 'main');
        const next = await ahead(id, base, { x: 'x' });
        await repositories.advance(id, { path: source }, 'main', next, base);
        expect([git(source, 'rev-parse', 'main'), git(source, 'status', '--short', '--branch')]).toEqual([
          next,
          '## other',
        ]);
        const linked = path.join(dir, `linked-${id}`);
        git(source, 'worktree', 'add', '-q', linked, 'main');
        const third = await ahead(id, next, { y: 'y' });
        await repositories.advance(id, { path: source }, 'main', third, next);
        expect([git(linked, 'rev-parse', 'HEAD'), git(linked, 'status', '--short')]).toEqual([third, '']);
      });

      test('two at once move it once', async () => {
        const { source, base, id } = fresh();
        await repositories.sync(id, { path: source }, 'main');
        const [one, two] = [await ahead(id, base, { one: '1' }), await ahead(id, base, { two: '2' })];
        const results = await Promise.allSettled(
          [one, two, one, two].map((sha) => repositories.advance(id, { path: source }, 'main', sha, base)),
        );
        const head = git(source, 'rev-parse', 'HEAD');
        expect([one, two]).toContain(head);
        expect(git(source, 'status', '--short')).toBe('');
        expect(results.filter((result) => result.status === 'fulfilled').length).toBeGreaterThan(0);
        for (const result of results) if (result.status === 'rejected') expect(result.reason).toEqual(error('moved'));
      });
    });
  });
});
