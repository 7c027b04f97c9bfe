import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commitAll, commitOn, git, put } from './local/fixture.ts';
import { openRepositories } from './local/repositories-bench.ts';

describe('repositories over the git command line', () => {
  const { dataDir, repositories, fresh, error } = openRepositories();

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

    test('has the tags of the source, which hide no branch, and names its default branch', async () => {
      const { source, base, id } = fresh();
      git(source, 'tag', '-a', 'v1', '-m', 'first');
      git(source, 'tag', 'nightly');
      git(source, 'tag', 'main');
      put(source, { b: '2' });
      const next = commitAll(source, 'second');
      await repositories.sync(id, { path: source }, 'main');
      const mirror = repositories.gitDir(id);
      const tags = () => git(mirror, 'for-each-ref', '--format=%(refname:lstrip=3)', 'refs/omoios/tags').split('\n');
      expect(tags()).toEqual(['main', 'nightly', 'v1']);
      expect(git(mirror, 'rev-parse', 'refs/omoios/tags/v1^{commit}')).toBe(base);
      expect(await repositories.resolve(id, 'main')).toBe(next);
      git(source, 'tag', '-d', 'nightly', 'main');
      git(source, 'tag', 'nightly/2');
      git(source, 'branch', '-m', 'main', 'trunk');
      await repositories.sync(id, { path: source }, 'trunk');
      expect(tags()).toEqual(['nightly/2', 'v1']);
      expect(git(mirror, 'symbolic-ref', 'HEAD')).toBe('refs/heads/trunk');
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

    test('files are decoded by their byte-order mark, and names and messages that are not UTF-8 do no harm', async () => {
      const latin = Buffer.from('caf\xe9', 'latin1');
      const { source, base, id } = fresh({
        'le.md': Buffer.from('\uFEFFUse tabs ü', 'utf16le'),
        'be.md': Buffer.from('\uFEFFUse tabs ü', 'utf16le').swap16(),
        'utf8.md': '\uFEFFUse tabs ü',
        'latin1.md': latin,
        'binary.md': Buffer.from('a\0b'),
      });
      writeFileSync(Buffer.concat([Buffer.from(`${source}/`), latin]), 'x');
      git(source, 'add', '-A');
      execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', 'commit', '-q', '-F', '-'], {
        cwd: source,
        input: latin,
      });
      const { sha } = await repositories.sync(id, { path: source }, 'main');
      expect(
        Object.fromEntries(
          await repositories.readFiles(id, sha, ['le.md', 'be.md', 'utf8.md', 'latin1.md', 'binary.md', 'none.md']),
        ),
      ).toEqual({
        'le.md': 'Use tabs ü',
        'be.md': 'Use tabs ü',
        'utf8.md': 'Use tabs ü',
        'latin1.md': 'café',
        'binary.md': undefined,
      });
      expect((await repositories.listFiles(id, sha)).paths).toContain('caf\uFFFD');
      expect((await repositories.changedFiles(id, base, sha)).map((file) => file.path)).toEqual(['caf\uFFFD']);
      expect((await repositories.log(id, base, sha)).map((commit) => commit.subject)).toEqual([
        expect.stringMatching(/^caf.$/),
      ]);
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

    test('[MERGE-07] honours the kind of merge that .gitattributes names, at any depth', async () => {
      const log = (line: string) => ({ 'CHANGELOG.md': `top\n${line}`, 'docs/notes.txt': `note\n${line}` });
      const { source, base, id } = fresh({
        ...log(''),
        '.gitattributes': 'CHANGELOG.md merge=union\n',
        'docs/.gitattributes': 'notes.txt merge=union\n',
      });
      await repositories.sync(id, { path: source }, 'main');
      const mirror = repositories.gitDir(id);
      const ours = commitOn(mirror, base, log('ours\n'));
      const theirs = commitOn(mirror, base, log('theirs\n'));
      const merged = await repositories.mergeTree(id, ours, theirs);
      expect(merged.conflicts).toEqual([]);
      expect(git(mirror, 'show', `${merged.tree}:CHANGELOG.md`)).toBe('top\nours\ntheirs');
      expect(git(mirror, 'show', `${merged.tree}:docs/notes.txt`)).toBe('note\nours\ntheirs');
      expect(readdirSync(mirror).filter((name) => name.startsWith('attributes-'))).toEqual([]);
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
});
