import { chmodSync, linkSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { Finder } from '#activities/adapters/sandbox/local/toolchains/find.ts';
import { versionIn } from '#activities/adapters/sandbox/local/toolchains/programs.ts';
import { openBench, put, scratchDir, workingKinds, type Bench } from '#tests/ports/local/fixture.ts';

describe('the tool chains on a PATH', () => {
  const { dir, remove } = scratchDir();
  const home = path.join(realpathSync(dir), 'ada');
  const at = (file: string) => path.join(home, file);
  afterAll(remove);

  function programs(...files: string[]) {
    put(home, Object.fromEntries(files.map((file) => [file, '#!/bin/sh\n'])));
    for (const file of files) chmodSync(at(file), 0o755);
  }
  const find = (...folders: string[]) => new Finder({ HOME: home, PATH: folders.map(at).join(':') }).find();

  test('are shown as their own folders, and single programs as files', () => {
    programs('.nvm/versions/node/v22.1.0/bin/node', '.local/bin/uv', 'bin/just');
    put(home, {
      '.nvm/versions/node/v22.1.0/lib/node_modules/npm/package.json': '{}',
      '.local/share/keyrings/login': 'secret',
      '.npmrc': '//registry.example/:_authToken=secret',
    });
    const found = find('.nvm/versions/node/v22.1.0/bin', '.local/bin', 'bin');
    expect(found.shown).toEqual(['.local/bin/uv', '.nvm/versions/node/v22.1.0', 'bin/just'].map(at));
    expect(found.links).toMatchObject({ uv: at('.local/bin/uv'), just: at('bin/just') });
    expect(found.path).toEqual([at('.nvm/versions/node/v22.1.0/bin')]);
  });

  test('of rustup are shown without the credentials of cargo', () => {
    programs('.cargo/bin/rustup', '.rustup/toolchains/stable/bin/cargo');
    symlinkSync('rustup', at('.cargo/bin/cargo'));
    linkSync(at('.cargo/bin/rustup'), at('.cargo/bin/rustc'));
    put(home, {
      '.rustup/settings.toml': '',
      '.cargo/credentials.toml': 'token = "secret"',
    });
    const found = find('.cargo/bin');
    expect(found.shown).toEqual(['.cargo/bin/rustup', '.rustup/settings.toml', '.rustup/toolchains'].map(at));
    expect(Object.keys(found.links).sort()).toEqual(['cargo', 'rustc', 'rustup']);
    expect(found.env).toEqual({ RUSTUP_HOME: at('.rustup') });
  });

  test('behind links into a virtual environment come with the Python below it', () => {
    programs('python/bin/python3.12', '.local/share/pipx/venvs/poetry/bin/poetry');
    put(home, {
      'python/lib/python3.12/os.py': '',
      '.local/share/pipx/venvs/poetry/pyvenv.cfg': '',
      '.local/share/pipx/shared/secret': '',
    });
    symlinkSync(at('python/bin/python3.12'), at('.local/share/pipx/venvs/poetry/bin/python'));
    mkdirSync(at('tools'));
    symlinkSync(at('.local/share/pipx/venvs/poetry/bin/poetry'), at('tools/poetry'));
    expect(find('tools').shown).toEqual([at('.local/share/pipx/venvs/poetry'), at('python')]);
  });

  test('of scripts that a version manager makes come with its versions, not with its home folder', () => {
    programs('.pyenv/shims/python3', '.pyenv/libexec/pyenv', '.pyenv/versions/3.12.1/bin/python3');
    put(home, {
      '.pyenv/shims/python3': `#!/bin/sh\nexec "${at('.pyenv')}/libexec/pyenv" exec "python3" "$@"\n`,
      '.pyenv/secret': '',
    });
    const found = find('.pyenv/shims');
    expect(found.shown).toEqual(['.pyenv/libexec', '.pyenv/shims', '.pyenv/versions'].map(at));
    expect(found.env).toEqual({ PYENV_ROOT: at('.pyenv') });
  });

  test('never are a home folder that looks like one', () => {
    programs('bin/node');
    put(home, { 'lib/node_modules/x/package.json': '{}', 'pkg/tool/x': '', '.local/lib/node_modules/y': '' });
    expect(find('bin').shown).not.toContain(home);
    programs('.local/bin/node');
    expect(find('.local/bin').shown).not.toContain(at('.local'));
  });

  test.each([
    ['go version go1.26.8 linux/amd64', '1.26.8'],
    ['openjdk version "17.0.15" 2025-04-15', '17.0.15'],
    ['Python 3.11.7', '3.11.7'],
    ['rustfmt 1.9.0-stable (59807616e1 2026-04-14)', '1.9.0-stable'],
    ['v22.1.0', '22.1.0'],
    ['ripgrep 13', '13'],
  ])('answer with a version: %s', (output, version) => expect(versionIn(output)).toBe(version));
});

if ((await workingKinds()).includes('local'))
  describe('in a sandbox', () => {
    let bench: Bench;
    let id: string;
    beforeAll(async () => {
      bench = await openBench('local');
      id = await bench.make();
    });
    afterAll(() => bench.close());

    test("the tool chains of the worker's PATH run, and are listed with their versions", async () => {
      const tools = await bench.sandbox.tools(id);
      const names = tools.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['node', 'npm', 'git']));
      for (const name of ['go', 'cargo', 'python3', 'java', 'mvn', 'make', 'gcc', 'uv', 'pnpm']) {
        const { exit_code, output } = await bench.sh(id, `command -v ${name} >/dev/null`);
        expect([name, exit_code === 0, output]).toEqual([name, names.includes(name), '']);
      }
      expect(await bench.sandbox.tools(id)).toEqual(tools);
      const programs = [
        ['go', 'go list -f 42 fmt'],
        ['cargo', 'cargo init -q --name a && cargo run -q && echo 42'],
        [
          'java',
          'echo "class A { public static void main(String[] a) { System.out.println(6 * 7); } }" >A.java && java A.java',
        ],
        ['python3', 'python3 -c "print(6 * 7)"'],
        ['gcc', 'printf "#include <stdio.h>\\nint main() { puts(\\"42\\"); }" >a.c && gcc a.c && ./a.out'],
      ];
      for (const [name = '', command] of programs)
        if (names.includes(name))
          expect((await bench.sh(id, `mkdir ~/${name} && cd ~/${name} && ${command}`)).output).toMatch(/42\n$/);
    }, 60_000);

    test('nothing of the home folder around them is seen, and nothing of them can be changed', async () => {
      const { output } = await bench.sh(
        id,
        'find / -xdev \\( -name .ssh -o -name .npmrc -o -name "credentials*" -o -name .netrc -o -name .bashrc \\) -not -path "/usr/*" 2>/dev/null; touch ${RUSTUP_HOME:-/usr}/x ${PYENV_ROOT:-/usr}/x /run/tools/x 2>/dev/null && echo written; true',
      );
      expect(output).toBe('');
    });
  });
