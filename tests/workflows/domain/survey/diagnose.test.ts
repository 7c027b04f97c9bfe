import { diagnose, type Ended } from '#workflows/domain/survey/diagnose.ts';

const ended = (output: string, more: Partial<Ended> = {}): Ended => ({
  command: 'npm test',
  exit_code: 1,
  output,
  limit: 600,
  network: false,
  ...more,
});

test.each<[string, string, RegExp]>([
  ['bash: line 1: cargo: command not found', 'cargo', /Install cargo/],
  ['sh: 1: tsc: not found', 'tsc', /Install tsc/],
  ['make: pytest: No such file or directory', 'pytest', /Install pytest/],
  ['npm error code E401\nnpm error Unable to authenticate', 'access to a private registry', /operator/],
  ['go: go.mod requires go >= 1.99 (running go 1.26)', 'Go 1.99', /go\.mod/],
  ['error: No interpreter found for Python 3.14 in virtual environments', 'Python 3.14', /requires-python/],
  ["ERROR: Package 'x' requires a different Python: 3.11.2 not in '>=3.13'", 'Python >=3.13', /Python/],
  ['[ERROR] Fatal error compiling: error: release version 25 not supported', 'Java 25', /JDK/],
  [
    'npm error The `npm ci` command can only install with an existing package-lock.json',
    'a lock file that fits the manifest',
    /commit/,
  ],
  ['ERR_PNPM_NO_LOCKFILE  Cannot install with "frozen-lockfile"', 'a lock file that fits the manifest', /commit/],
  ["ModuleNotFoundError: No module named 'requests'", 'the package requests', /dependencies/],
  ["Error: Cannot find module 'left-pad'", 'the package left-pad', /dependencies/],
  ['connect ECONNREFUSED 127.0.0.1:5432', 'a running PostgreSQL', /stand-in/],
  ['Error 111 connecting to localhost:6379. Connection refused.', 'a running Redis', /stand-in/],
  ['Cannot connect to the Docker daemon at unix:///var/run/docker.sock.', 'Docker', /no Docker engine/],
  ['sh: 1: docker: not found', 'Docker', /no Docker engine/],
  ['EOFError: EOF when reading a line', 'a command that asks nothing: `npm test` waits for an answer', /--yes/],
  [
    'Overwrite? (y/n) \nWarning: Detected unsettled',
    'a command that asks nothing: `npm test` waits for an answer',
    /--yes/,
  ],
  ['getaddrinfo ENOTFOUND example.test', 'the network', /full/],
])('%s', (output, what, remedy) => {
  expect(diagnose(ended(output))).toEqual({ what, remedy: expect.stringMatching(remedy) as string });
});

test('a command at its limit says what it waited for', () => {
  const endless = { exit_code: null };
  expect(diagnose(ended('Overwrite? [y/N] ', endless))?.what).toBe(
    'a command that asks nothing: `npm test` waits for an answer',
  );
  expect(diagnose(ended('Watch Usage\n › Press q to quit watch mode.', endless))?.remedy).toContain('runs once');
  expect(diagnose(ended('still going', endless))?.what).toBe(
    'a command that ends in time: `npm test` was stopped after 600 s',
  );
});

test('a name that cannot be resolved during set-up is not a missing network setting', () => {
  expect(diagnose(ended('EAI_AGAIN registry', { network: true }))?.what).toContain('network address');
  const github = 'fatal: unable to access: Could not resolve host: github.com';
  expect(diagnose(ended(github, { network: true }))?.what).toBe('the network address github.com');
});

test('tests that fail are no missing thing, and success needs no cause', () => {
  expect(diagnose(ended('1 failing: expected 1 to equal 2'))).toBeUndefined();
  expect(diagnose(ended('bash: line 1: x: command not found', { exit_code: 0 }))).toBeUndefined();
});

test('a target of make that is also a folder checks nothing', () => {
  const idle = diagnose(ended("make: 'test' is up to date.\n", { command: 'make test', exit_code: 0 }));
  expect(idle?.remedy).toContain('.PHONY: test');
});
