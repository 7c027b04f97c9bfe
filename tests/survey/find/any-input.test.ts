import fc from 'fast-check';
import { splitLine } from '#activities/survey/find/commands/shell-words.ts';
import { find } from './found.ts';

const names = [
  ...[
    'package.json',
    'pnpm-workspace.yaml',
    'pnpm-lock.yaml',
    'yarn.lock',
    'bun.lock',
    'pyproject.toml',
    'uv.lock',
    'poetry.lock',
  ],
  ...[
    'setup.py',
    'setup.cfg',
    'tox.ini',
    'requirements.txt',
    'manage.py',
    'go.mod',
    'go.work',
    'Cargo.toml',
    'pom.xml',
  ],
  ...[
    'build.gradle',
    'settings.gradle',
    'Gemfile',
    'Rakefile',
    'composer.json',
    'A.sln',
    'Makefile',
    'justfile',
    'CMakeLists.txt',
  ],
  ...[
    'configure.ac',
    '.github/workflows/ci.yml',
    '.gitlab-ci.yml',
    'AGENTS.md',
    'CONTRIBUTING.md',
    '.npmrc',
    'mise.toml',
  ],
  ...[
    '.tool-versions',
    '.nvmrc',
    'rust-toolchain',
    'global.json',
    '.devcontainer/devcontainer.json',
    'docker-compose.yml',
  ],
  ...['tests/test_a.py', 'src/test/java/A.java', 'a_test.go', 'spec/a_spec.rb'],
];
const keys = [
  'scripts',
  'test',
  'workspaces',
  'packages',
  'dependencies',
  'tool',
  'uv',
  'poetry',
  'project',
  'package',
  'workspace',
];
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.constantFrom(null, 0, true, '__proto__', 'vitest', '*', '$(id)'),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys, '__proto__', 'constructor'), tie('any'), { maxKeys: 5 }),
  ),
})).any;
const text = fc.oneof(
  value.map((one) => JSON.stringify(one)),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(
        '[tool.uv]',
        '[project]',
        'a = 1979-05-27',
        'test:',
        '\tx',
        'jobs:',
        '  - run: npm test',
        '<project>',
        '&a [*a]',
        'use (',
        '\uFEFF',
        '\r\n',
        '```',
        '{"scripts":',
        '"test": "jest"',
        '}',
      ),
      { maxLength: 12 },
    )
    .map((lines) => lines.join('\n')),
);
const path = fc.tuple(
  fc.constantFrom('', 'a/', 'a/b/', 'x y/', '$(id)/', 'examples/', '..a/'),
  fc.constantFrom(...names),
);

test('no content of any file throws, and each command is one line', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(path, text), { maxLength: 12 }), async (entries) => {
      const files = Object.fromEntries(entries.map(([[folder, name], content]) => [folder + name, content]));
      const { roots } = await find(files);
      expect(roots.length).toBeGreaterThan(0);
      for (const { command, source } of roots.flatMap(({ setup, checks }) => [...setup, ...checks])) {
        expect(command).not.toMatch(/[\p{Cc}`]|\$\(/u);
        expect(Object.keys(files)).toContain(source.file);
        expect(source.line).toBeLessThanOrEqual((files[source.file] ?? '').split('\n').length);
      }
    }),
    { numRuns: 400 },
  );
});

test('a line that is split holds nothing that a shell would expand', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (line) => {
      for (const { words } of splitLine(line) ?? [])
        for (const word of words) expect(word).not.toMatch(/[`$\\'"\p{Cc}]/u);
    }),
    { numRuns: 2000 },
  );
});

const long = 200_000;
test.each([
  ['package.json', `{"scripts":{"test":"${'vitest '.repeat(600)}"}}`],
  ['package.json', '['.repeat(long)],
  ['pyproject.toml', 'a.'.repeat(long)],
  ['pyproject.toml', '['.repeat(long)],
  ['Cargo.toml', `a = ${'['.repeat(long)}`],
  ['pom.xml', '<a>'.repeat(20_000)],
  ['pom.xml', `<!DOCTYPE a [<!ENTITY b "${'c'.repeat(1000)}">]><project>${'&b;'.repeat(10_000)}</project>`],
  ['Makefile', `${'test '.repeat(long)}`],
  ['Gemfile', 'source '.repeat(long)],
  ['Rakefile', 'task '.repeat(long)],
  ['go.mod', '\n'.repeat(long * 5)],
  ['setup.py', `extras_require ${"'a' ".repeat(long)}`],
  ['setup.cfg', `${'a'.repeat(long)}\n${' \n'.repeat(long)}`],
  ['requirements.txt', 'pytest['.repeat(long)],
  ['.github/workflows/ci.yml', '['.repeat(100_000)],
  ['.github/workflows/ci.yml', `a: ${'{b: '.repeat(20_000)}`],
  ['AGENTS.md', '`'.repeat(long)],
  ['.devcontainer/devcontainer.json', '/*'.repeat(long)],
  ['docker-compose.yml', `services:\n${'  a: &a [*a]\n'.repeat(1000)}`],
])(
  '%s with content that is hard to read ends',
  async (name, content) => {
    const { roots } = await find({ 'package.json': '{}', Gemfile: '', 'go.mod': '', [name]: content });
    expect(roots.length).toBeGreaterThan(0);
  },
  20_000,
);
