import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { addOnly, beside, commitAll, git, plain, put, type Row } from '../row.ts';

function history(dir: string): void {
  plain(dir);
  for (const n of [2, 3, 4]) addOnly(dir, { 'app.js': `export const one = ${n};\n` });
}

/** Kinds of repositories, and what their owners keep in them. */
export const formats: Row[] = [
  {
    name: 'a bare repository',
    make(dir) {
      plain(dir);
      git('/', 'clone', '-q', '--bare', dir, `${dir}.git`);
      return `${dir}.git`;
    },
  },
  {
    name: 'a shallow clone',
    make(dir) {
      history(dir);
      git('/', 'clone', '-q', '--depth=2', `file://${dir}`, beside(dir, 'shallow'));
      return beside(dir, 'shallow');
    },
  },
  {
    name: 'a partial clone',
    make(dir) {
      history(dir);
      git(dir, 'config', 'uploadpack.allowFilter', 'true');
      git('/', 'clone', '-q', '--filter=blob:none', '--no-local', `file://${dir}`, beside(dir, 'partial'));
      return beside(dir, 'partial');
    },
    refused: { code: 'missing_objects', remedy: /git fetch --refetch/ },
  },
  {
    name: 'a repository that has lost an object',
    make(dir) {
      history(dir);
      const blob = git(dir, 'rev-parse', 'HEAD~2:app.js');
      rmSync(path.join(dir, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    },
    refused: { code: 'missing_objects', remedy: /full clone/ },
  },
  {
    name: 'the SHA-256 format',
    make(dir) {
      git('/', 'init', '-q', '-b', 'main', '--object-format=sha256', dir);
      put(dir, { a: '1\n' });
      commitAll(dir, 'first');
    },
    refused: { code: 'sha256', remedy: /--object-format=sha1/ },
  },
  {
    name: 'no commit',
    make: (dir) => void git('/', 'init', '-q', '-b', 'main', dir),
    refused: { code: 'empty', remedy: /first commit/ },
  },
  {
    name: 'a linked working tree',
    make(dir) {
      plain(dir);
      git(dir, 'worktree', 'add', '-q', '-b', 'side', beside(dir, 'linked'));
      return beside(dir, 'linked');
    },
  },
  {
    name: 'the objects of another repository',
    make(dir) {
      plain(dir);
      git('/', 'clone', '-q', '--shared', dir, beside(dir, 'shared'));
      return beside(dir, 'shared');
    },
  },
  {
    name: 'a path through a link',
    make(dir) {
      plain(dir);
      symlinkSync(dir, beside(dir, 'link'));
      return beside(dir, 'link');
    },
  },
  {
    name: 'a .git file that leads elsewhere',
    make: (dir) => {
      mkdirSync(dir, { recursive: true });
      git('/', 'init', '-q', '-b', 'main', `--separate-git-dir=${beside(dir, 'git')}`, dir);
      put(dir, { 'README.md': 'hello\n' });
      commitAll(dir, 'first');
    },
  },
  {
    name: 'packed refs, reflogs and a commit graph',
    make(dir) {
      history(dir);
      git(dir, 'tag', 'v1');
      git(dir, 'pack-refs', '--all');
      git(dir, 'gc', '-q');
      git(dir, 'commit-graph', 'write', '--reachable');
    },
  },
  {
    name: 'replaced objects and notes',
    make(dir) {
      history(dir);
      git(dir, 'notes', 'add', '-m', 'a note', 'HEAD');
      git(dir, 'replace', 'HEAD~1', 'HEAD~2');
    },
  },
  {
    name: 'a grafted history',
    make(dir) {
      history(dir);
      writeFileSync(path.join(dir, '.git/info/grafts'), `${git(dir, 'rev-parse', 'HEAD')}\n`);
    },
  },
  {
    name: 'a folder with a newline in its name',
    make(dir) {
      plain(beside(dir, 'line\nbreak\n'));
      return beside(dir, 'line\nbreak\n');
    },
  },
  {
    name: 'a damaged index',
    make(dir) {
      plain(dir);
      writeFileSync(path.join(dir, '.git/index'), 'garbage\n');
    },
    refused: { code: 'damaged', remedy: /index.*Repair the repository/ },
  },
  {
    name: 'settings that are not valid',
    make(dir) {
      plain(dir);
      appendFileSync(path.join(dir, '.git/config'), '[broken\n');
    },
    refused: { code: 'damaged', remedy: /bad config line.*Repair the repository/ },
  },
  {
    name: 'hooks that refuse everything',
    make(dir) {
      plain(dir);
      const hooks = [
        'pre-commit',
        'commit-msg',
        'pre-receive',
        'update',
        'reference-transaction',
        'pre-push',
        'post-merge',
      ];
      for (const hook of hooks) {
        writeFileSync(path.join(dir, '.git/hooks', hook), '#!/bin/sh\nexit 1\n');
        chmodSync(path.join(dir, '.git/hooks', hook), 0o755);
      }
    },
  },
  {
    name: 'settings that sign commits and start programs',
    make(dir) {
      plain(dir);
      for (const [name, value] of [
        ['commit.gpgSign', 'true'],
        ['tag.gpgSign', 'true'],
        ['user.signingKey', 'nobody'],
        ['gpg.program', '/bin/false'],
        ['core.fsmonitor', '/bin/false'],
        ['core.hooksPath', '/nowhere'],
        ['core.editor', '/bin/false'],
        ['filter.lfs.required', 'true'],
        ['filter.lfs.clean', '/bin/false'],
        ['receive.denyNonFastForwards', 'true'],
        ['transfer.fsckObjects', 'true'],
      ] as const)
        git(dir, 'config', name, value);
    },
  },
  {
    name: 'a signed commit and a message that is not UTF-8',
    make(dir) {
      plain(dir);
      const tree = git(dir, 'rev-parse', 'HEAD^{tree}');
      const parent = git(dir, 'rev-parse', 'HEAD');
      const who = 'T <t@example.org> 1700000000 +0000';
      const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----';
      const raw = `tree ${tree}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\nencoding ISO-8859-1\n${signature}\n\ncaf\xe9\n`;
      writeFileSync(path.join(dir, '.git/raw'), Buffer.from(raw, 'latin1'));
      git(dir, 'reset', '-q', '--hard', git(dir, 'hash-object', '-t', 'commit', '-w', '.git/raw'));
    },
  },
  {
    name: 'a sparse checkout',
    make(dir) {
      plain(dir, { 'in/a': '1\n', 'out/b': '1\n' });
      git(dir, 'sparse-checkout', 'set', 'in');
    },
    edits: { 'out/b': '2\n' },
  },
  {
    name: 'a split index, version 4, with skipped and assumed files',
    make(dir) {
      plain(dir);
      git(dir, 'update-index', '--index-version', '4', '--split-index');
      git(dir, 'update-index', '--assume-unchanged', 'README.md');
    },
  },
  {
    name: 'a split index, all of which is in its shared part',
    make(dir) {
      plain(dir);
      git(dir, 'update-index', '--split-index');
    },
  },
  {
    name: 'own excludes and attributes of the owner',
    make(dir) {
      plain(dir);
      appendFileSync(path.join(dir, '.git/info/exclude'), 'agent.txt\n');
      writeFileSync(path.join(dir, '.git/info/attributes'), '* text eol=crlf filter=lfs\n');
    },
  },
];
