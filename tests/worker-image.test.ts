import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';

const lists = '/var/lib/apt/lists';
const knowsPackages = existsSync(lists) && readdirSync(lists).some((name) => /_Packages(\.\w+)?$/.test(name));
const names = readFileSync(path.join(rootDir, 'scripts/worker-packages.txt'), 'utf8')
  .split('\n')
  .filter((line) => line && !line.startsWith('#'));

test("the worker's image installs the listed packages", () => {
  expect(readFileSync(path.join(rootDir, 'Dockerfile'), 'utf8')).toContain('scripts/worker-packages.txt');
  expect(names).toEqual(expect.arrayContaining(['bubblewrap', 'git', 'golang-go', 'maven', 'build-essential']));
  expect([...new Set(names)]).toEqual(names);
});

// Where the machine's package manager has no lists, nothing can be said.
(knowsPackages ? test : test.skip)('Debian has each of these packages', () => {
  const policy = execFileSync('apt-cache', ['policy', ...names], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const candidates = [...policy.matchAll(/^(\S+):\n.*\n {2}Candidate: (.+)$/gm)].map(([, name, version]) => [
    name,
    version,
  ]);
  expect(candidates).toEqual(names.map((name) => [name, expect.stringMatching(/^\d/)]));
});
