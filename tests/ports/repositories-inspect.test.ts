import { chownSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { commitAll, git, isRoot, put } from './local/fixture.ts';
import { openRepositories } from './local/repositories-bench.ts';

describe('repositories over the git command line', () => {
  const { dir, repositories, fresh, bareOf, error } = openRepositories();

  describe('inspect', () => {
    test('tells branch, commit, whether it is bare or dirty, and its branches', async () => {
      const { source, base } = fresh();
      git(source, 'branch', 'develop');
      expect(await repositories.inspect({ path: source })).toEqual({
        default_branch: 'main',
        head_sha: base,
        bare: false,
        dirty: false,
        branches: ['develop', 'main'],
      });
      expect(await repositories.inspect({ path: bareOf(source) }, 'develop')).toMatchObject({
        default_branch: 'develop',
        bare: true,
        dirty: false,
      });
      put(source, { 'untracked.txt': 'x' });
      expect((await repositories.inspect({ path: source })).dirty).toBe(false);
      put(source, { 'README.md': 'changed' });
      expect((await repositories.inspect({ path: source })).dirty).toBe(true);
      git(source, 'checkout', '-q', '.');
      put(source, { staged: 'x' });
      git(source, 'add', 'staged');
      expect((await repositories.inspect({ path: source })).dirty).toBe(true);
      expect(await repositories.inspect({ url: `file://${source}` })).toMatchObject({ head_sha: base });
    });

    test('a repository without a branch of its own is used by the one that its remote names, or says how to make one', async () => {
      const { source, base } = fresh();
      git(source, 'checkout', '-q', '--detach');
      git(source, 'branch', '-D', 'main');
      await expect(repositories.inspect({ path: source })).rejects.toEqual(error('no_branch'));
      await expect(repositories.inspect({ path: source })).rejects.toThrow(`detached at ${base.slice(0, 12)}`);
      await expect(repositories.inspect({ path: source })).rejects.toThrow('git switch -c main');
      const tracking = path.join(dir, 'tracking');
      git('/', 'init', '-q', '-b', 'main', tracking);
      git(tracking, 'fetch', '-q', source, `${base}:refs/remotes/origin/stable`);
      const stable = { default_branch: 'stable', head_sha: base, branches: ['stable'], dirty: false };
      expect(await repositories.inspect({ path: tracking })).toMatchObject(stable);
      git(tracking, 'update-ref', 'refs/remotes/origin/next', base);
      expect(await repositories.inspect({ path: tracking }, 'next')).toMatchObject({ default_branch: 'next' });
      await expect(repositories.inspect({ path: tracking })).rejects.toEqual(error('no_branch'));
      await expect(repositories.inspect({ path: tracking })).rejects.toThrow('git switch -c next origin/next');
      await expect(repositories.inspect({ path: tracking })).rejects.toThrow('origin/next, origin/stable');
      git(tracking, 'symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/stable');
      expect(await repositories.inspect({ path: tracking })).toMatchObject(stable);
    });

    test('a partial clone is refused until it has its objects, and so is a damaged repository', async () => {
      const { source } = fresh({ 'a.txt': '1\n' });
      put(source, { 'a.txt': '2\n' });
      const sha = commitAll(source, 'second');
      git(source, 'config', 'uploadpack.allowFilter', 'true');
      const part = `${source}-part`;
      git('/', 'clone', '-q', '--filter=blob:none', '--no-local', `file://${source}`, part);
      await expect(repositories.inspect({ path: part })).rejects.toEqual(error('missing_objects'));
      await expect(repositories.inspect({ path: part })).rejects.toThrow('git fetch --refetch --no-filter');
      await expect(repositories.sync('partial', { path: part }, 'main')).rejects.toEqual(error('missing_objects'));
      git(part, 'fetch', '-q', '--refetch', '--no-filter');
      expect((await repositories.inspect({ path: part })).head_sha).toBe(sha);
      const blob = git(source, 'rev-parse', 'HEAD~1:a.txt');
      rmSync(path.join(source, '.git/objects', blob.slice(0, 2), blob.slice(2)));
      await expect(repositories.inspect({ path: source })).rejects.toEqual(error('missing_objects'));
      await expect(repositories.sync('damaged', { path: source }, 'main')).rejects.toEqual(error('missing_objects'));
    });

    test('a repository in the SHA-256 format is refused with the remedy', async () => {
      const source = path.join(dir, 'sha256');
      git('/', 'init', '-q', '-b', 'main', '--object-format=sha256', source);
      put(source, { a: 'a' });
      commitAll(source, 'first');
      await expect(repositories.inspect({ path: source })).rejects.toEqual(error('sha256'));
      await expect(repositories.inspect({ path: source })).rejects.toThrow('--object-format=sha1');
    });

    test('[GIT-05] picks the default branch: what HEAD names, else main, master, develop, trunk, the first', async () => {
      const { source } = fresh();
      git(source, 'checkout', '-q', '--detach');
      git(source, 'branch', '-m', 'main', 'zeta');
      git(source, 'branch', 'trunk');
      expect((await repositories.inspect({ path: source })).default_branch).toBe('trunk');
      git(source, 'branch', 'develop');
      expect((await repositories.inspect({ path: source })).default_branch).toBe('develop');
      git(source, 'checkout', '-q', 'zeta');
      expect((await repositories.inspect({ path: source })).default_branch).toBe('zeta');
    });

    test('says what is wrong', async () => {
      const { source } = fresh({ 'sub/file': 'x' });
      const empty = path.join(dir, 'empty');
      mkdirSync(empty);
      const bare = path.join(dir, 'nothing.git');
      git('/', 'init', '-q', '--bare', bare);
      await expect(repositories.inspect({ path: path.join(dir, 'missing') })).rejects.toEqual(
        error('not_a_repository'),
      );
      await expect(repositories.inspect({ path: empty })).rejects.toEqual(error('not_a_repository'));
      await expect(repositories.inspect({ path: path.join(source, 'sub') })).rejects.toEqual(error('not_a_repository'));
      await expect(repositories.inspect({ path: path.join(source, 'sub/file') })).rejects.toEqual(
        error('not_a_repository'),
      );
      await expect(repositories.inspect({ path: 'relative' })).rejects.toEqual(error('not_a_repository'));
      await expect(repositories.inspect({})).rejects.toEqual(error('not_a_repository'));
      await expect(repositories.inspect({ path: source, url: 'https://example.org/x' })).rejects.toEqual(
        error('not_a_repository'),
      );
      await expect(repositories.inspect({ path: bare })).rejects.toEqual(error('empty'));
      await expect(repositories.inspect({ path: source }, 'release')).rejects.toEqual(error('branch_missing'));
      await expect(repositories.inspect({ path: source }, 'release')).rejects.toThrow(
        'no branch "release". It has: main',
      );
    });

    test('gives a URL that never answers 10 s, and one that refuses none', async () => {
      const held: { destroy(): void }[] = [];
      const silent: Server = createServer((socket) => held.push(socket)).listen(0, '127.0.0.1');
      await new Promise((resolve) => silent.once('listening', resolve));
      const { port } = silent.address() as { port: number };
      const started = Date.now();
      await expect(repositories.inspect({ url: `http://127.0.0.1:${port}/x.git` })).rejects.toEqual(
        error('unreachable'),
      );
      expect(Date.now() - started).toBeGreaterThan(9000);
      expect(Date.now() - started).toBeLessThan(13_000);
      held.forEach((socket) => socket.destroy());
      silent.close();
      await expect(repositories.inspect({ url: `http://user:password@127.0.0.1:${port}/x.git` })).rejects.toEqual(
        error('unreachable'),
      );
      await expect(repositories.inspect({ url: `http://user:password@127.0.0.1:${port}/x.git` })).rejects.not.toThrow(
        'password',
      );
    });

    if (isRoot) {
      test('reads a repository that another user owns', async () => {
        const { source, base } = fresh();
        chownSync(source, 65_534, 65_534);
        chownSync(path.join(source, '.git'), 65_534, 65_534);
        const { id } = fresh();
        expect(await repositories.inspect({ path: source })).toMatchObject({ head_sha: base });
        expect(await repositories.sync(id, { path: source }, 'main')).toEqual({ sha: base });
      });
    }
  });

  describe('search', () => {
    test('recent changes: newest first with their paths, without merges', async () => {
      const { source } = fresh({ 'a.txt': '1\n', 'with space/ü.txt': '1\n' });
      put(source, { 'a.txt': '2\n', 'with space/ü.txt': '2\n' });
      commitAll(source, 'second\n\nWith a body.');
      git(source, 'checkout', '-q', '-b', 'side', 'HEAD~1');
      put(source, { 'side.txt': '' });
      commitAll(source, 'side');
      git(source, 'checkout', '-q', 'main');
      git(source, 'merge', '-q', '--no-edit', 'side');
      const { sha } = await repositories.sync('searched', { path: source }, 'main');
      const changes = await repositories.recentChanges('searched', sha, 2);
      expect(changes).toHaveLength(2);
      expect(changes).toContainEqual({ subject: 'second', paths: ['a.txt', 'with space/ü.txt'] });
      expect(changes).toContainEqual({ subject: 'side', paths: ['side.txt'] });
    });

    test('commits: oldest first, each with what it changed against its first parent, whatever their messages hold', async () => {
      const { source, base } = fresh({ 'a.txt': '1\n', 'b.txt': '1\n' });
      put(source, { 'a.txt': '2\n3\n' });
      const body = `${base}\n\n 9 files changed, 9 insertions(+)\u0001`;
      const first = commitAll(source, `first\n\n${body}`);
      git(source, 'commit', '-q', '--allow-empty', '--allow-empty-message', '-m', '');
      const empty = git(source, 'rev-parse', 'HEAD');
      git(source, 'checkout', '-q', '-b', 'side', base);
      git(source, 'mv', 'b.txt', 'c.txt');
      const side = commitAll(source, 'side');
      git(source, 'checkout', '-q', 'main');
      git(source, 'merge', '-q', '--no-edit', 'side');
      const { sha } = await repositories.sync('commits', { path: source }, 'main');
      const sizes = (files_changed: number, insertions: number, deletions: number) => ({
        files_changed,
        insertions,
        deletions,
      });
      const commits = await repositories.commits('commits', base, sha, 10);
      expect(commits).toHaveLength(4);
      for (const expected of [
        { sha: first, subject: 'first', body, parents: [base], compared_with: base, ...sizes(1, 2, 1) },
        { sha: empty, subject: '', body: '', parents: [first], ...sizes(0, 0, 0) },
        { sha: side, parents: [base], ...sizes(1, 0, 0) },
        { sha, parents: [empty, side], compared_with: empty, ...sizes(1, 0, 0) },
      ])
        expect(commits).toContainEqual(expect.objectContaining(expected));
      expect(commits.at(-1)).toEqual(await repositories.commit('commits', sha.slice(0, 10)));
      expect((await repositories.commits('commits', base, sha, 1)).map((commit) => commit.sha)).toEqual([sha]);
      expect(await repositories.commit('commits', base)).toMatchObject({ parents: [], ...sizes(2, 2, 0) });
      expect(await repositories.commit('commits', '0'.repeat(40))).toBeUndefined();
    });

    test('occurrences: whole words in any case, by word and file; what is no word is not searched for', async () => {
      const { source } = fresh({
        'a:1.txt': 'Word word words\nword\n',
        'b/c.txt': 'sub_word other\n',
        'd.bin': 'word\0',
      });
      const { sha } = await repositories.sync('searched', { path: source }, 'main');
      expect(await repositories.occurrences('searched', sha, ['word', 'other', '.*'])).toEqual([
        { word: 'word', path: 'a:1.txt', count: 3 },
        { word: 'other', path: 'b/c.txt', count: 1 },
      ]);
      expect(await repositories.occurrences('searched', sha, [])).toEqual([]);
    });
  });
});
