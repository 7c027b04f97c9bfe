import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRepositories } from '#activities/adapters/repositories/git.ts';
import { RepositoryError } from '#activities/ports/repositories.ts';
import { environment } from '#activities/services/config.ts';
import { git, makeRepository } from './local/fixture.ts';
import { openRepositories } from './local/repositories-bench.ts';

describe('where repositories may lie', () => {
  const { dir, dataDir, repositories, fresh, error } = openRepositories();

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

  test('no way leads into the repository of another organization, or into the data folder', async () => {
    const { source: theirs, base, id } = fresh();
    await repositories.sync(id, { path: theirs }, 'main');
    const access = { machine: true, foreign: [path.join(theirs, '.git')] };
    const at = (name: string) => path.join(dir, `own-${name}`);
    git(theirs, 'worktree', 'add', '-q', at('linked-tree'));
    symlinkSync(theirs, at('link'));
    mkdirSync(at('gitfile'));
    writeFileSync(path.join(at('gitfile'), '.git'), `gitdir: ${theirs}/.git\n`);
    for (const part of ['objects', 'refs', 'refs/heads', 'packed-refs']) {
      const own = at(part.replace('/', '-'));
      makeRepository(own);
      git(theirs, 'pack-refs', '--all');
      rmSync(path.join(own, '.git', part), { recursive: true, force: true });
      symlinkSync(path.join(theirs, '.git', part), path.join(own, '.git', part));
    }
    makeRepository(at('borrowing'));
    makeRepository(at('between'));
    writeFileSync(path.join(at('borrowing'), '.git/objects/info/alternates'), `${at('between')}/.git/objects\n`);
    writeFileSync(path.join(at('between'), '.git/objects/info/alternates'), `${theirs}/.git/objects\n`);
    const names = ['linked-tree', 'link', 'gitfile', 'objects', 'refs', 'refs-heads', 'packed-refs', 'borrowing'];
    const ways = [theirs, path.join(theirs, '.git'), ...names.map(at)];
    for (const source of ways.flatMap((way) => [
      { path: way, access },
      { url: `file://${way}`, access },
    ])) {
      await expect(repositories.inspect(source)).rejects.toEqual(error('outside_roots'));
      await expect(repositories.sync('own', source, 'main')).rejects.toEqual(error('outside_roots'));
      await expect(repositories.push(id, source, 'x', base)).rejects.toEqual(error('outside_roots'));
      await expect(repositories.advance(id, source, 'main', base, base)).rejects.toEqual(error('outside_roots'));
    }
    await expect(repositories.inspect({ path: repositories.gitDir(id) })).rejects.toEqual(error('outside_roots'));
    symlinkSync(repositories.gitDir(id), at('mirror'));
    await expect(repositories.inspect({ path: at('mirror') })).rejects.toThrow('data folder');
    const { source } = fresh();
    expect(await repositories.inspect({ path: source, access })).toMatchObject({ default_branch: 'main' });
  });

  test('a folder with a newline in its name is a repository as any other', async () => {
    const source = path.join(dir, 'line\nbreak\n');
    const base = makeRepository(source);
    expect(await repositories.inspect({ path: source })).toMatchObject({ head_sha: base });
    expect(await repositories.sync('newline', { path: source }, 'main')).toEqual({ sha: base });
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

  test.each(['--upload-pack=touch', '-x', 'a..b', 'a b', 'x.lock', '', '@{1}', 'a:b', '../../config', 'a\nb'])(
    'the branch %j is refused',
    async (branch) => {
      const { source, base, id } = fresh();
      await repositories.sync(id, { path: source }, 'main');
      await expect(repositories.sync(id, { path: source }, branch)).rejects.toEqual(error('bad_ref'));
      await expect(repositories.push(id, { path: source }, branch, base)).rejects.toEqual(error('bad_ref'));
      await expect(repositories.updateRef(id, branch, base)).rejects.toEqual(error('bad_ref'));
      await expect(repositories.remoteBranch({ path: source }, branch)).rejects.toEqual(error('bad_ref'));
      if (!branch.startsWith('@')) await expect(repositories.resolve(id, branch)).rejects.toEqual(error('bad_ref'));
    },
  );

  test("a project's id names no other folder", () => {
    for (const id of ['../x', 'a/b', '', '.']) expect(() => repositories.gitDir(id)).toThrow(RepositoryError);
  });
});
