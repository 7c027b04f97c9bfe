import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { addOnly, beside, git, plain, put, type Row } from '../row.ts';

/** HEAD, branches and tags. */
export const branches: Row[] = [
  {
    name: 'a detached HEAD beside branches',
    make(dir) {
      plain(dir);
      git(dir, 'checkout', '-q', '--detach');
    },
  },
  {
    name: 'a detached HEAD and no branch',
    make(dir) {
      plain(dir);
      git(dir, 'checkout', '-q', '--detach');
      git(dir, 'branch', '-D', 'main');
    },
    refused: { code: 'no_branch', remedy: /detached.*git switch -c main/ },
  },
  {
    name: 'one remote-tracking branch alone',
    make(dir) {
      plain(dir);
      git('/', 'init', '-q', '-b', 'main', beside(dir, 'tracking'));
      git(beside(dir, 'tracking'), 'fetch', '-q', dir, 'main:refs/remotes/origin/main');
      return beside(dir, 'tracking');
    },
  },
  {
    name: 'a detached HEAD in a clone without a branch, whose remote HEAD names one',
    make(dir) {
      plain(dir);
      git(dir, 'branch', 'stable');
      git('/', 'clone', '-q', dir, beside(dir, 'clone'));
      git(beside(dir, 'clone'), 'checkout', '-q', '--detach');
      git(beside(dir, 'clone'), 'branch', '-D', 'main');
      return beside(dir, 'clone');
    },
  },
  {
    name: 'remote-tracking branches alone, and no remote HEAD',
    make(dir) {
      plain(dir);
      git('/', 'init', '-q', '-b', 'main', beside(dir, 'tracking'));
      for (const name of ['main', 'stable'])
        git(beside(dir, 'tracking'), 'fetch', '-q', dir, `main:refs/remotes/origin/${name}`);
      return beside(dir, 'tracking');
    },
    refused: { code: 'no_branch', remedy: /origin\/main, origin\/stable.*git switch -c main origin\/main/ },
  },
  {
    name: 'a HEAD whose branch has no commit',
    make(dir) {
      plain(dir);
      git(dir, 'symbolic-ref', 'HEAD', 'refs/heads/unborn');
      git(dir, 'rm', '-rq', '--cached', '.');
    },
  },
  {
    name: 'a renamed default branch',
    make(dir) {
      plain(dir);
      git(dir, 'branch', '-m', 'main', 'développement/étape');
    },
  },
  {
    name: 'a default branch with a part that begins with "-"',
    make(dir) {
      plain(dir);
      git(dir, 'branch', '-m', 'main', 'feature/-x');
    },
  },
  {
    name: 'a default branch that looks like an option',
    make(dir) {
      plain(dir);
      git(dir, 'update-ref', 'refs/heads/-x', 'HEAD');
      git(dir, 'symbolic-ref', 'HEAD', 'refs/heads/-x');
      git(dir, 'update-ref', '-d', 'refs/heads/main');
    },
    refused: { code: 'bad_ref', remedy: /begins with "-".*git branch -m/ },
  },
  {
    name: 'a default branch of 245 characters',
    make(dir) {
      plain(dir);
      git(dir, 'branch', '-m', 'main', 'b'.repeat(245));
    },
  },
  {
    name: 'a default branch whose name is not UTF-8',
    make(dir) {
      plain(dir);
      const ref = Buffer.from('refs/heads/caf\xe9', 'latin1');
      writeFileSync(Buffer.concat([Buffer.from(`${dir}/.git/`), ref]), `${git(dir, 'rev-parse', 'HEAD')}\n`);
      writeFileSync(path.join(dir, '.git/HEAD'), Buffer.concat([Buffer.from('ref: '), ref, Buffer.from('\n')]));
    },
    refused: { code: 'bad_ref', remedy: /not UTF-8.*git branch -m/ },
  },
  {
    name: 'a HEAD that names a tag',
    make(dir) {
      plain(dir);
      writeFileSync(path.join(dir, '.git/HEAD'), 'ref: refs/tags/none\n');
    },
  },
  {
    name: 'a broken branch beside the default branch',
    make(dir) {
      plain(dir);
      writeFileSync(path.join(dir, '.git/refs/heads/broken'), 'garbage\n');
    },
  },
  {
    name: 'a branch and a tag beside it that lead to no object',
    make(dir) {
      plain(dir);
      writeFileSync(path.join(dir, '.git/refs/heads/gone'), `${'1'.repeat(40)}\n`);
      writeFileSync(path.join(dir, '.git/refs/tags/gone'), `${'2'.repeat(40)}\n`);
    },
  },
  {
    name: 'a default branch that leads to no object',
    make(dir) {
      plain(dir);
      writeFileSync(path.join(dir, '.git/refs/heads/main'), `${'1'.repeat(40)}\n`);
    },
    refused: { code: 'missing_objects', remedy: /git fetch --refetch/ },
  },
  {
    name: 'the tracked branch of a remote whose name holds a slash',
    make(dir) {
      plain(dir);
      git(dir, 'remote', 'add', 'a/b', '/nowhere');
      git(dir, 'update-ref', 'refs/remotes/a/b/main', 'HEAD');
      git(dir, 'checkout', '-q', '--detach');
      git(dir, 'branch', '-D', 'main');
    },
  },
  {
    name: 'a lock of the branch that a dead git command left',
    make: (dir) => void plain(dir),
    meanwhile: (dir) => writeFileSync(path.join(dir, '.git/refs/heads/main.lock'), ''),
    merge: { code: 'locked' },
  },
  {
    name: 'a lock of the index that a dead git command left',
    make: (dir) => void plain(dir),
    meanwhile: (dir) => writeFileSync(path.join(dir, '.git/index.lock'), ''),
    merge: { code: 'locked' },
  },
  {
    name: 'branches in the place of folders of our names',
    make(dir) {
      plain(dir);
      for (const name of ['feature', 'fix', 'task', 'spec', 'merge', 'omoios-check']) git(dir, 'branch', name);
    },
  },
  {
    name: 'a default branch named task',
    make(dir) {
      plain(dir);
      git(dir, 'branch', '-m', 'main', 'task');
    },
  },
  {
    name: 'a default branch named feature',
    make(dir) {
      plain(dir);
      git(dir, 'branch', '-m', 'main', 'feature');
    },
  },
  {
    name: 'branches and tags named like HEAD, origin/main and main',
    make(dir) {
      plain(dir);
      git(dir, 'tag', 'main');
      addOnly(dir, { 'app.js': 'export const one = 2;\n' });
      git(dir, 'update-ref', 'refs/heads/origin/main', 'HEAD~1');
      git(dir, 'update-ref', 'refs/heads/HEAD', 'HEAD~1');
      git(dir, 'update-ref', 'refs/tags/HEAD', 'HEAD~1');
    },
    check: 'test -f agent.txt && grep -q 2 app.js',
  },
  {
    name: 'a check that needs the default branch',
    make: (dir) => void plain(dir),
    check: 'git merge-base main HEAD && git rev-parse --verify origin/main && git diff --name-only origin/main...HEAD',
  },
  {
    name: 'a check that needs tags',
    make(dir) {
      plain(dir);
      git(dir, 'tag', '-a', 'v1.2.3', '-m', 'release');
      git(dir, 'tag', 'light', 'HEAD');
    },
    check: 'git describe --tags --match "v*" && git rev-parse light',
  },
  {
    name: 'tags of trees, of files and of tags',
    make(dir) {
      plain(dir);
      git(dir, 'tag', 'tree', 'HEAD^{tree}');
      git(dir, 'tag', 'file', 'HEAD:README.md');
      git(dir, 'tag', '-a', 'once', '-m', 'x');
      git(dir, 'tag', '-a', 'twice', '-m', 'x', 'once');
    },
  },
  {
    name: 'history that goes back while the work runs',
    make(dir) {
      plain(dir);
      addOnly(dir, { 'second.txt': '1\n' });
    },
    meanwhile(dir) {
      git(dir, 'reset', '-q', '--hard', 'HEAD~1');
      put(dir, { 'third.txt': '1\n' });
      git(dir, 'add', '.');
      git(dir, 'commit', '-qm', 'instead');
    },
  },
  {
    name: 'history that is replaced while the work runs',
    make: (dir) => void plain(dir),
    meanwhile(dir) {
      git(dir, 'checkout', '-q', '--orphan', 'new');
      git(dir, 'commit', '-qm', 'new');
      git(dir, 'branch', '-M', 'new', 'main');
    },
    merge: { code: 'unrelated' },
  },
];
