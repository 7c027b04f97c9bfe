import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { createRepositories } from '#activities/adapters/repositories/git.ts';
import { RepositoryError, type RepositoriesPort } from '#activities/ports/repositories.ts';
import { environment } from '#activities/services/config.ts';
import { commitAll, commitOn, git, isRoot, makeRepository, put, scratchDir, until } from './local/fixture.ts';

describe('repositories over the git command line', () => {
  const { dir, remove } = scratchDir();
  const dataDir = path.join(dir, 'data');
  let repositories: RepositoriesPort;
  let count = 0;
  beforeAll(() => {
    repositories = createRepositories({ dataDir, environment });
  });
  afterAll(remove);

  const fresh = (files?: Record<string, string | Buffer>) => {
    const source = path.join(dir, `source-${++count}`);
    return { source, base: makeRepository(source, files), id: `project-${count}` };
  };
  const bareOf = (source: string) => {
    const bare = `${source}.git`;
    git('/', 'clone', '-q', '--bare', source, bare);
    return bare;
  };
  const error = (code: string) => expect.objectContaining({ name: 'RepositoryError', code });

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

  describe('where repositories may lie', () => {
    test('nothing outside the roots is read, whatever way leads there', async () => {
      const inside = path.join(dir, 'roots');
      mkdirSync(inside);
      const rooted = createRepositories({ dataDir, environment, roots: [inside] });
      const { source: foreign } = fresh();
      const own = path.join(inside, 'own');
      makeRepository(own);
      expect(await rooted.inspect({ path: own })).toMatchObject({ default_branch: 'main' });

      symlinkSync(foreign, path.join(inside, 'link'));
      git(foreign, 'worktree', 'add', '-q', path.join(inside, 'linked-tree'));
      mkdirSync(path.join(inside, 'gitfile'));
      writeFileSync(path.join(inside, 'gitfile/.git'), `gitdir: ${foreign}/.git\n`);
      const borrowing = path.join(inside, 'borrowing');
      makeRepository(borrowing);
      writeFileSync(path.join(borrowing, '.git/objects/info/alternates'), `${foreign}/.git/objects\n`);
      for (const name of ['link', 'linked-tree', 'gitfile', 'borrowing', '../' + path.basename(foreign)]) {
        await expect(rooted.inspect({ path: path.join(inside, name) })).rejects.toEqual(error('outside_roots'));
        await expect(rooted.sync('rooted', { path: path.join(inside, name) }, 'main')).rejects.toEqual(
          error('outside_roots'),
        );
      }
      await expect(rooted.inspect({ url: `file://${foreign}` })).rejects.toEqual(error('outside_roots'));
      // Missing and existing ones are refused alike.
      await expect(rooted.inspect({ path: '/nowhere/at/all' })).rejects.toEqual(error('outside_roots'));
      await expect(rooted.inspect({ path: `${inside}-next-door` })).rejects.toEqual(error('outside_roots'));
      await expect(createRepositories({ dataDir, environment, roots: [] }).inspect({ path: own })).rejects.toEqual(
        error('outside_roots'),
      );
    });

    test.each([
      'ext::sh -c touch% /tmp/omoios-ran',
      'fd::17',
      '--upload-pack=touch /tmp/omoios-ran',
      '-oProxyCommand=touch',
      'ssh://-oProxyCommand=touch/x',
      'ftp://example.org/x',
      'host:-x',
      '/etc',
      'http://a b/',
      'transport::https://example.org/x',
    ])('the address %j starts nothing', async (url) => {
      await expect(repositories.inspect({ url })).rejects.toEqual(error('not_a_repository'));
      await expect(repositories.remoteBranch({ url }, 'main')).rejects.toEqual(error('not_a_repository'));
      expect(existsSync('/tmp/omoios-ran')).toBe(false);
    });

    test.each([
      '--upload-pack=touch',
      '-x',
      'a..b',
      'a b',
      'a/-b',
      'x.lock',
      '',
      '@{1}',
      'a:b',
      '../../config',
      'a\nb',
    ])('the branch %j is refused', async (branch) => {
      const { source, base, id } = fresh();
      await repositories.sync(id, { path: source }, 'main');
      await expect(repositories.sync(id, { path: source }, branch)).rejects.toEqual(error('bad_ref'));
      await expect(repositories.push(id, { path: source }, branch, base)).rejects.toEqual(error('bad_ref'));
      await expect(repositories.updateRef(id, branch, base)).rejects.toEqual(error('bad_ref'));
      await expect(repositories.remoteBranch({ path: source }, branch)).rejects.toEqual(error('bad_ref'));
      if (!branch.startsWith('@')) await expect(repositories.resolve(id, branch)).rejects.toEqual(error('bad_ref'));
    });

    test("a project's id names no other folder", () => {
      for (const id of ['../x', 'a/b', '', '.']) expect(() => repositories.gitDir(id)).toThrow(RepositoryError);
    });
  });

  describe('the mirror', () => {
    test("follows the source and keeps what is the platform's own", async () => {
      const { source, base, id } = fresh();
      git(source, 'branch', 'feature/theirs');
      expect(await repositories.sync(id, { path: source }, 'main')).toEqual({ sha: base });
      expect(await repositories.updateRef(id, 'refs/heads/task/1', base, '')).toBe(true);
      expect(await repositories.updateRef(id, 'refs/omoios/hidden', base)).toBe(true);
      put(source, { b: '2' });
      const next = commitAll(source, 'second');
      git(source, 'branch', '-D', 'feature/theirs');
      expect(await repositories.sync(id, { path: source }, 'main')).toEqual({ sha: next });
      expect(await repositories.branches(id)).toEqual(['main', 'task/1']);
      expect(await repositories.branches(id, 'task/')).toEqual(['task/1']);
      git(source, 'reset', '-q', '--hard', base);
      expect(await repositories.sync(id, { path: source }, 'main')).toEqual({ sha: base });
      await expect(repositories.sync(id, { path: source }, 'gone')).rejects.toEqual(error('branch_missing'));
    });

    test('many syncs and ref moves at once all succeed', async () => {
      const { source, base, id } = fresh();
      for (let i = 0; i < 20; i++) git(source, 'branch', `b${i}`);
      const work = Array.from({ length: 6 }, () => repositories.sync(id, { path: source }, 'main'));
      expect(new Set((await Promise.all(work)).map(({ sha }) => sha))).toEqual(new Set([base]));
      const moves = await Promise.all(
        Array.from({ length: 10 }, (_, i) => repositories.updateRef(id, `refs/heads/p/${i}`, base, '')),
      );
      expect(moves).toEqual(Array.from({ length: 10 }, () => true));
      const race = await Promise.all(
        Array.from({ length: 6 }, () => repositories.updateRef(id, 'refs/heads/won', base, '')),
      );
      expect(race.filter(Boolean).length).toBe(1);
      expect(readdirSync(path.join(dataDir, 'repos')).filter((name) => name.endsWith('.new'))).toEqual([]);
    });

    test('a ref moves only from where it is expected', async () => {
      const { source, base, id } = fresh();
      await repositories.sync(id, { path: source }, 'main');
      const other = await repositories.commitTree(id, {
        tree: await repositories.treeOf(id, base),
        parents: [base],
        message: 'm',
      });
      expect(await repositories.updateRef(id, 'refs/heads/x', other, base)).toBe(false);
      expect(await repositories.updateRef(id, 'refs/heads/x', base, '')).toBe(true);
      expect(await repositories.updateRef(id, 'refs/heads/x', other, '')).toBe(false);
      expect(await repositories.updateRef(id, 'refs/heads/x', other, base)).toBe(true);
      expect(await repositories.resolve(id, 'x')).toBe(other);
      expect(await repositories.resolve(id, other.slice(0, 10))).toBe(other);
      expect(await repositories.resolve(id, 'x~1')).toBe(base);
      expect(await repositories.resolve(id, 'nothing')).toBeUndefined();
      await expect(repositories.updateRef(id, 'refs/heads/x/y', base, '')).rejects.toEqual(error('git_failed'));
      await repositories.deleteRef(id, 'refs/heads/x');
      await repositories.deleteRef(id, 'refs/heads/x');
      expect(await repositories.resolve(id, 'x')).toBeUndefined();
    });

    test('compares, lists and reads what commits hold', async () => {
      const { source, base, id } = fresh({
        'a.txt': 'one\ntwo\n',
        'b/c.txt': 'c\n',
        'old name.txt': 'line\n'.repeat(30),
        bin: Buffer.from([0, 1, 2]),
        gone: 'x\n',
      });
      put(source, { 'a.txt': 'one\n2\nthree\n', 'é.txt': 'é', bin: Buffer.from([0, 3]) });
      git(source, 'mv', 'old name.txt', 'new name.txt');
      git(source, 'rm', '-q', 'gone');
      const next = commitAll(source, 'subject line\n\nbody\nmore');
      await repositories.sync(id, { path: source }, 'main');
      expect((await repositories.changedFiles(id, base, next)).sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
        { path: 'a.txt', change_type: 'modified', lines_added: 2, lines_removed: 1, binary: false },
        { path: 'bin', change_type: 'modified', lines_added: 0, lines_removed: 0, binary: true },
        { path: 'gone', change_type: 'deleted', lines_added: 0, lines_removed: 1, binary: false },
        { path: 'new name.txt', change_type: 'renamed', lines_added: 0, lines_removed: 0, binary: false },
        { path: 'é.txt', change_type: 'created', lines_added: 1, lines_removed: 0, binary: false },
      ]);
      const whole = await repositories.diff(id, base, next);
      expect(whole.truncated).toBe(false);
      expect(whole.patch).toContain('-two\n+2\n+three\n');
      expect((await repositories.diff(id, base, next, { paths: ['é.txt'] })).patch).toMatch(/^diff --git/);
      const cut = await repositories.diff(id, base, next, { maxBytes: whole.patch.indexOf('diff --git', 5) + 20 });
      expect(cut).toEqual({ truncated: true, patch: whole.patch.slice(0, whole.patch.indexOf('diff --git', 5)) });
      expect(await repositories.log(id, base, next)).toEqual([
        { sha: next, subject: 'subject line', body: 'body\nmore', author: 'Test', at: expect.stringMatching(/Z$/) },
      ]);
      expect(await repositories.listFiles(id, next, { limit: 2 })).toEqual({ paths: ['a.txt', 'b/c.txt'], total: 5 });
      expect((await repositories.listFiles(id, next, { prefix: 'b/' })).paths).toEqual(['b/c.txt']);
      expect((await repositories.readFile(id, base, './b/c.txt'))?.toString()).toBe('c\n');
      expect(await repositories.readFile(id, next, 'gone')).toBeUndefined();
      expect(await repositories.readFile(id, next, 'b')).toBeUndefined();
      expect(await repositories.readFile(id, next, '../x')).toBeUndefined();
      expect(await repositories.aheadBehind(id, base, next)).toEqual({ ahead: 1, behind: 0 });
      expect(await repositories.isAncestor(id, base, next)).toBe(true);
      expect(await repositories.isAncestor(id, next, base)).toBe(false);
      expect(await repositories.mergeBase(id, base, next)).toBe(base);
    });

    test('[MERGE-07] merges in memory, with conflicts by path and kind, and changes nothing', async () => {
      const { source, base, id } = fresh({ f: 'a\nb\nc\n', g: 'g\n', h: 'h\n' });
      const commit = (branch: string, change: () => void) => {
        git(source, 'checkout', '-q', '-B', branch, base);
        change();
        return commitAll(source, branch);
      };
      const ours = commit('ours', () => put(source, { f: 'A\nb\nc\n', g: 'mine\n' }));
      const clean = commit('clean', () => put(source, { f: 'a\nb\nC\n' }));
      const clash = commit('clash', () => {
        put(source, { f: 'X\nb\nc\n', 'odd\nname': 'x' });
        rmSync(path.join(source, 'g'));
      });
      await repositories.sync(id, { path: source }, 'main');
      const before = git(repositories.gitDir(id), 'for-each-ref');
      const merged = await repositories.mergeTree(id, ours, clean);
      expect(merged.conflicts).toEqual([]);
      expect(merged.messages).toEqual([]);
      expect((await repositories.readFile(id, merged.tree, 'f'))?.toString()).toBe('A\nb\nC\n');
      const clashed = await repositories.mergeTree(id, ours, clash);
      expect(clashed.conflicts).toEqual([
        { path: 'f', kind: 'contents' },
        { path: 'g', kind: 'modify/delete' },
      ]);
      expect(clashed.messages).toEqual([
        expect.stringMatching(/^CONFLICT \(content\): .*f$/),
        expect.stringMatching(/^CONFLICT \(modify\/delete\): g/),
      ]);
      expect((await repositories.readFile(id, clashed.tree, 'f'))?.toString()).toContain('<<<<<<<');
      await expect(repositories.mergeTree(id, ours, 'f'.repeat(40))).rejects.toEqual(error('git_failed'));
      expect(git(repositories.gitDir(id), 'for-each-ref')).toBe(before);
      const sha = await repositories.commitTree(id, {
        tree: merged.tree,
        parents: [ours, clean],
        message: 'join\n',
        author: { name: 'A B', email: 'a@b.c' },
      });
      expect(git(repositories.gitDir(id), 'log', '-1', '--format=%an %ae %cn|%P|%s', sha)).toBe(
        `A B a@b.c OmoiOS|${ours} ${clean}|join`,
      );
    });
  });

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
