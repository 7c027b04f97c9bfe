import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Creates a repository for a test: a small project with its own tests, unless other files are given. */
export class TestRepository {
  readonly path: string;

  constructor(files: Record<string, string> = smallProject, options: { bare?: boolean } = {}) {
    this.path = mkdtempSync(path.join(tmpdir(), 'omoios-repo-'));
    this.git('init', '-q', '-b', 'main');
    for (const [name, content] of Object.entries(files)) this.write(name, content);
    if (Object.keys(files).length > 0) this.commit('Begin');
    if (options.bare) this.git('config', 'core.bare', 'true');
  }

  git(...args: string[]): string {
    return execFileSync(
      'git',
      [
        '-C',
        this.path,
        '-c',
        'user.name=Tester',
        '-c',
        'user.email=tester@example.test',
        '-c',
        'commit.gpgsign=false',
        ...args,
      ],
      { encoding: 'utf8', env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' } },
    ).trim();
  }

  write(name: string, content: string): void {
    const file = path.join(this.path, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  commit(message: string): string {
    this.git('add', '-A');
    this.git('commit', '-q', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  branches(): string[] {
    return this.git('for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n').filter(Boolean);
  }

  show(rev: string, file: string): string {
    return this.git('show', `${rev}:${file}`);
  }
}

/** How a played agent runs the tests of a project with `makeTest`. */
export const testCommand = 'make test';

/** Files by which `make test` runs all tests in one process: npm takes longer to start than such tests take to run. */
export const makeTest: Record<string, string> = {
  Makefile: '.PHONY: test\ntest:\n\t@node test/all.js\n',
  'test/all.js':
    "import { readdirSync } from 'node:fs';\n\nfor (const file of readdirSync('test')) if (file.endsWith('.test.js')) await import(`./${file}`);\n",
};

export const smallProject: Record<string, string> = {
  ...makeTest,
  'package.json': '{"name":"small","version":"1.0.0","type":"module"}\n',
  'README.md': '# Small\n\nA project to work on.\n',
  'src/sum.js': 'export const sum = (a, b) => a + b;\n',
  'test/sum.test.js':
    "import assert from 'node:assert/strict';\nimport test from 'node:test';\nimport { sum } from '../src/sum.js';\n\ntest('sums', () => assert.equal(sum(1, 2), 3));\n",
};

/** The same project as one of npm, whose check is `npm test`. */
export const npmProject: Record<string, string> = {
  ...smallProject,
  'package.json': '{"name":"small","version":"1.0.0","type":"module","scripts":{"test":"node --test"}}\n',
};
