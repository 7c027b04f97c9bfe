import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { addOnly, commitAll, git, plain, put, type Row } from '../row.ts';

/** Names and shapes of files. */
export const names: Row[] = [
  {
    name: 'names with blanks, quotes, backslashes and shell characters',
    make: (dir) =>
      void plain(dir, {
        ' a b ': '1\n',
        'it\'s "x".js': '1\n',
        'back\\slash': '1\n',
        '$(touch x);`y`': '1\n',
        '*': '1\n',
      }),
    edits: { 'new name.txt': 'n\n' },
  },
  {
    name: 'names with newlines and tabs',
    make: (dir) => void plain(dir, { 'line\nbreak': '1\n', 'tab\tname': '1\n' }),
    command: "printf '2\\n' > $'line\\nbreak'",
    changes: ['line\nbreak'],
  },
  {
    name: 'non-ASCII names, composed and decomposed',
    make: (dir) =>
      void plain(dir, { 'caf\u00e9.txt': '1\n', 'cafe\u0301.txt': '2\n', '日本/語.txt': '3\n', '🚀': '4\n' }),
    edits: { '日本/新.txt': 'n\n' },
  },
  {
    name: 'names that are not UTF-8',
    make(dir) {
      plain(dir);
      writeFileSync(Buffer.from(`${dir}/latin-\xe9.txt`, 'latin1'), '1\n');
      commitAll(dir, 'latin');
    },
  },
  {
    name: 'names that differ in case alone',
    make: (dir) => void plain(dir, { 'File.txt': 'upper\n', 'file.txt': 'lower\n', 'DIR/a': '1\n', 'dir/a': '2\n' }),
    edits: { 'file.txt': 'changed\n' },
  },
  {
    name: 'names that look like options, refs and git files',
    make: (dir) =>
      void plain(dir, { '-rf': '1\n', '--help': '1\n', HEAD: '1\n', main: '1\n', 'a.lock': '1\n', '.gitkeep': '' }),
  },
  {
    name: 'names of the greatest length',
    make: (dir) => void plain(dir, { ['n'.repeat(255)]: '1\n', [`${'d'.repeat(200)}/${'e'.repeat(200)}/f`]: '1\n' }),
  },
  {
    name: 'a name that no file system holds',
    make(dir) {
      plain(dir);
      const blob = git(dir, 'rev-parse', 'HEAD:README.md');
      git(dir, 'update-index', '--add', '--cacheinfo', `100644,${blob},${'n'.repeat(300)}`);
      git(dir, 'commit', '-qm', 'long');
    },
    refused: { code: 'bad_names', remedy: /Rename it/ },
  },
  ...(
    [
      ['100644', '.git'],
      ['100644', '..'],
      ['120000', '.gitmodules'],
      ['100644', 'a/b'],
      ['100644', 'README.md'],
    ] as const
  ).map(([mode, entry]): Row => ({
    name: `the entry ${entry} (${mode}) that no checkout can make`,
    make: (dir) => void withEntry(dir, mode, entry),
    refused: { code: 'bad_names', remedy: new RegExp(`"${entry.replaceAll('.', '\\.')}".*git mktree`) },
  })),
  {
    name: 'links in circles, out of the repository and to nothing',
    make(dir) {
      plain(dir, { 'a/file': '1\n' });
      for (const [to, at] of [
        ['loop', 'loop'],
        ['..', 'a/up'],
        ['b2', 'b1'],
        ['b1', 'b2'],
        ['/etc/passwd', 'out'],
        ['nowhere', 'dangling'],
      ] as const)
        symlinkSync(to, path.join(dir, at));
      commitAll(dir, 'links');
    },
    edits: { 'a/file': '2\n' },
  },
  {
    name: 'AGENTS.md and package.json that are links',
    make(dir) {
      plain(dir, { 'docs/rules.md': 'Use tabs.\n' });
      symlinkSync('docs/rules.md', path.join(dir, 'AGENTS.md'));
      symlinkSync('/etc/passwd', path.join(dir, 'package.json'));
      commitAll(dir, 'links');
    },
  },
  {
    name: 'folders in the place of known files',
    make: (dir) =>
      void plain(dir, { 'AGENTS.md/x': '1\n', 'package.json/x': '1\n', '.gitignore/x': '1\n', 'Makefile/x': '1\n' }),
  },
  {
    name: 'executable files and modes of old git versions',
    make(dir) {
      plain(dir, { 'run.sh': '#!/bin/sh\n', 'old.txt': '1\n' });
      git(dir, 'update-index', '--chmod=+x', 'run.sh');
      const tree = git(dir, 'write-tree');
      const listed = git(dir, 'ls-tree', tree).replace(/^100644 (blob \w+\told\.txt)$/m, '100664 $1');
      writeFileSync(path.join(dir, '.git/entries'), `${listed}\n`);
      git(dir, 'commit', '-qm', 'mode');
      git(dir, 'reset', '-q', '--hard');
    },
    edits: { 'run.sh': '#!/bin/sh\ntrue\n' },
  },
  {
    name: 'a file of 30 MB',
    make: (dir) => void plain(dir, { 'large.bin': Buffer.alloc(30_000_000, 'x\n') }),
  },
  {
    name: 'folders 150 levels deep',
    make: (dir) => void plain(dir, { [`${'d/'.repeat(150)}file`]: '1\n' }),
    edits: { [`${'d/'.repeat(150)}new`]: 'n\n' },
  },
  {
    name: '3,000 files',
    make: (dir) =>
      void plain(
        dir,
        Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`many/${i % 50}/${i}.txt`, `${i}\n`])),
      ),
    edits: { 'many/7/7.txt': 'seven\n' },
  },
  {
    name: 'a tracked file that .gitignore names',
    make(dir) {
      plain(dir, { 'kept.log': '1\n' });
      addOnly(dir, { '.gitignore': '*.log\n' });
    },
    edits: { 'kept.log': '2\n' },
  },
  {
    name: 'an empty tree',
    make(dir) {
      mkdirSync(dir, { recursive: true });
      git(dir, 'init', '-q', '-b', 'main');
      git(dir, 'commit', '-q', '--allow-empty', '-m', 'nothing');
    },
  },
  {
    name: 'litter without a .gitignore',
    make: (dir) => void plain(dir, { 'app.py': 'one = 1\n', 'test_app.py': 'import unittest, app\n' }),
    command:
      'PYTHONDONTWRITEBYTECODE= python3 -m unittest test_app; mkdir -p coverage node_modules/x && touch coverage/lcov.info node_modules/x/i.js .DS_Store',
  },
  {
    name: 'tracked litter',
    make(dir) {
      plain(dir);
      put(dir, { 'node_modules/x/index.js': '1\n', '__pycache__/a.pyc': 'x' });
      git(dir, 'add', '-f', '.');
      git(dir, 'commit', '-qm', 'litter');
    },
    edits: { 'node_modules/x/index.js': '2\n' },
  },
];

/** A commit whose tree holds a further entry, which git itself would not write. */
function withEntry(dir: string, mode: string, name: string): void {
  plain(dir);
  const blob = git(dir, 'rev-parse', 'HEAD:README.md');
  const entry = (at: string, file: string) => [Buffer.from(`${at} ${file}\0`), Buffer.from(blob, 'hex')];
  const entries = [...entry(mode, name), ...entry('100644', 'README.md')];
  writeFileSync(path.join(dir, '.git/raw'), Buffer.concat(entries));
  const tree = git(dir, 'hash-object', '-t', 'tree', '-w', '--literally', '.git/raw');
  git(dir, 'update-ref', 'refs/heads/main', git(dir, 'commit-tree', '-p', 'HEAD', '-m', 'odd', tree));
}
