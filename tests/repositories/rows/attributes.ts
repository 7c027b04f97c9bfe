import { addOnly, beside, commitAll, git, plain, put, type Row } from '../row.ts';

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 3000\n`;

/** Attributes, filters and submodules. */
export const attributes: Row[] = [
  {
    name: 'line-ending attributes that contradict the stored files',
    make(dir) {
      plain(dir, { 'a.csv': 'a\r\nb\r\n', 'a.bat': '@echo\r\n' });
      addOnly(dir, { '.gitattributes': '*.csv text eol=lf\n*.bat text eol=crlf\n' });
    },
  },
  {
    name: 'an edit of a file whose attributes contradict it',
    make(dir) {
      plain(dir, { 'a.csv': 'a\r\nb\r\n', 'b.csv': 'a\r\n' });
      addOnly(dir, { '.gitattributes': '*.csv text\n' });
    },
    edits: { 'a.csv': 'a\r\nc\r\n' },
  },
  {
    name: 'CRLF files under text=auto, and core.autocrlf of the owner',
    make(dir) {
      plain(dir, { 'a.txt': 'a\r\nb\n', 'b.txt': 'b\n' });
      addOnly(dir, { '.gitattributes': '* text=auto\n' });
      git(dir, 'config', 'core.autocrlf', 'true');
    },
    edits: { 'b.txt': 'c\n' },
  },
  {
    name: 'files that are checked out with CRLF',
    make: (dir) => void plain(dir, { '.gitattributes': '*.txt text eol=crlf\n', 'a.txt': 'a\n', 'b.txt': 'b\n' }),
    edits: { 'a.txt': 'b\r\n' },
  },
  {
    name: 'a working-tree encoding',
    make(dir) {
      plain(dir);
      put(dir, {
        '.gitattributes': '*.rc text working-tree-encoding=UTF-16LE\n',
        'a.rc': Buffer.from('a\n', 'utf16le'),
      });
      commitAll(dir, 'encoded');
    },
    check: 'test -f agent.txt && test $(wc -c < a.rc) = 4',
  },
  {
    name: 'a working-tree encoding that a stored file does not fit',
    make(dir) {
      plain(dir, { 'a.rc': Buffer.from('\xff\xfea', 'latin1') });
      addOnly(dir, { '.gitattributes': '*.rc text working-tree-encoding=UTF-16\n' });
    },
  },
  {
    name: 'an expanded $Id$',
    make(dir) {
      plain(dir, { 'id.txt': '$Id: someone else $\n' });
      addOnly(dir, { '.gitattributes': '*.txt ident\n' });
    },
  },
  {
    name: 'Git LFS pointers that nobody changes',
    make: (dir) =>
      void plain(dir, { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n', 'logo.bin': pointer }),
    told: /\*\.bin is under the filter "lfs"/,
    command: 'touch logo.bin',
  },
  {
    name: 'a change under a filter that is not installed',
    make: (dir) =>
      void plain(dir, {
        'assets/.gitattributes': '*.bin filter=lfs -text\n*.key filter=git-crypt\n',
        'assets/logo.bin': pointer,
        'assets/a.key': Buffer.from('\0GITCRYPT\0abc'),
      }),
    command: 'echo raw > assets/logo.bin; echo plain > assets/a.key; echo plain > assets/new.key',
    restore: 'git checkout -- assets && rm assets/new.key',
  },
  {
    name: 'merge drivers, diff drivers and macros that are not there',
    make: (dir) =>
      void plain(dir, {
        '.gitattributes': '[attr]odd merge=ours diff=odd -text\n*.js odd\n/a\\ b odd\n',
        'a b': '1\n',
      }),
    edits: { 'app.js': 'export const one = 2;\n' },
  },
  {
    name: 'an empty submodule',
    make: (dir) => void withSubmodule(dir),
    told: /Submodules, whose folders are empty here: vendor\/lib/,
    command: 'test -z "$(ls vendor/lib)"',
  },
  {
    name: 'a submodule that a command fills',
    make: (dir) => void withSubmodule(dir),
    command: 'cd vendor/lib && git init -q . && echo own > own && git add . && git commit -qm own',
  },
  {
    name: 'an entry of a submodule without .gitmodules',
    make(dir) {
      plain(dir);
      git(dir, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},lib`);
      git(dir, 'commit', '-qm', 'gitlink');
    },
  },
  {
    name: 'a repository inside the working tree that is not tracked',
    make(dir) {
      plain(dir);
      plain(`${dir}/inner`);
    },
  },
];

function withSubmodule(dir: string): void {
  plain(dir);
  const library = beside(dir, 'library');
  plain(library);
  git(dir, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'vendor/lib');
  git(dir, 'commit', '-qm', 'submodule');
}
