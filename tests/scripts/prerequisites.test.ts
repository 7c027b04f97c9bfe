import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { rootDir } from '#activities/services/config.ts';
import { examine, notesOf } from '#scripts/prerequisites.mjs';

/** Programs that answer as the real ones do. `go --version` is not a command of Go. */
const answers = {
  git: 'echo "git version 2.39.5"',
  oldGit: 'echo "git version 2.30.2"',
  bwrap: '[ "$1" = --version ] && echo "bubblewrap 0.8.0"; exit 0',
  lockedBwrap: '[ "$1" = --version ] && { echo "bubblewrap 0.8.0"; exit 0; }; exit 1',
  go: '[ "$1" = version ] && { echo "go version go1.26.0 linux/amd64"; exit 0; }; echo "flag provided but not defined: $1" >&2; exit 2',
  oldGo: '[ "$1" = version ] && { echo "go version go1.19.8 linux/amd64"; exit 0; }; exit 2',
  temporal: '[ "$1" = --version ] && { echo "temporal version 1.5.1"; exit 0; }; exit 1',
  brokenTemporal: 'exit 127',
} as const;
type Machine = Partial<Record<'git' | 'bwrap' | 'go' | 'temporal', keyof typeof answers>>;

const whole: Machine = { git: 'git', bwrap: 'bwrap', temporal: 'temporal' };
const base = mkdtempSync(path.join(tmpdir(), 'omoios-machine-'));
afterAll(() => rmSync(base, { recursive: true }));
let machines = 0;

/** A machine with these programs, empty caches, no settings and no network. */
function machine(programs: Machine): Parameters<typeof examine>[0] & { env: NodeJS.ProcessEnv & { PATH: string } } {
  const home = path.join(base, String((machines += 1)));
  const bin = path.join(home, 'bin');
  const root = path.join(home, 'omoios');
  mkdirSync(bin, { recursive: true });
  mkdirSync(path.join(root, 'config'), { recursive: true });
  for (const [name, answer] of Object.entries({ ...programs, 'apt-get': undefined })) {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${answer ? answers[answer] : 'exit 0'}\n`);
    chmodSync(path.join(bin, name), 0o755);
  }
  return {
    root,
    env: { NODE_ENV: 'test', HOME: home, PATH: bin },
    stack: true,
    listens: false,
    platform: 'linux',
    reach: () => Promise.resolve(false),
    free: () => 100_000,
  };
}

describe('what a start needs from the machine', () => {
  test('a machine with all programs is ready', async () => {
    const findings = await examine(machine(whole));
    expect(findings.every((finding) => finding.state === 'ok')).toBe(true);
  });

  test.each<[string, Machine, RegExp]>([
    ['no Git', { ...whole, git: undefined }, /git: Git 2\.38 or newer is needed: sudo apt-get install -y git/],
    ['an old Git', { ...whole, git: 'oldGit' }, /git: Git 2\.38 or newer/],
    ['no Temporal and no Go', { git: 'git', bwrap: 'bwrap' }, /Install Temporal .* or Go .*, or set TEMPORAL_ADDRESS/],
    ['no Temporal and an old Go', { git: 'git', bwrap: 'bwrap', go: 'oldGo' }, /no Go 1\.21 or newer/],
    ['a Temporal that does not run', { ...whole, temporal: 'brokenTemporal' }, /Temporal is not installed/],
  ])('%s is missing', async (_, programs, note) => {
    const present = Object.fromEntries(Object.entries(programs).filter(([, answer]) => answer)) as Machine;
    expect(notesOf(await examine(machine(present)), 'missing')).toEqual([expect.stringMatching(note)]);
  });

  test('Go can build Temporal without a network check of the download', async () => {
    const findings = await examine(machine({ git: 'git', bwrap: 'bwrap', go: 'go' }));
    expect(notesOf(findings, 'missing')).toEqual([]);
  });

  test('a download that answers is a way to get Temporal', async () => {
    const findings = await examine({ ...machine({ git: 'git' }), reach: () => Promise.resolve(true) });
    expect(notesOf(findings, 'missing')).toEqual([]);
  });

  test('everything that is missing is in one answer', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const bare = machine({});
    const findings = await examine({
      ...bare,
      env: { ...bare.env, PORT: String(port) },
      listens: true,
      free: () => 10,
    });
    taken.close();
    expect(notesOf(findings, 'missing').map((line) => line.trim().split(':')[0])).toEqual([
      'git',
      'temporal program',
      'disk',
      'port',
    ]);
    expect(notesOf(findings, 'missing').at(-1)).toContain(`set PORT to a free port`);
  });

  test.each<[string, Machine, RegExp]>([
    ['no bubblewrap', { git: 'git', temporal: 'temporal' }, /sudo apt-get install -y bubblewrap/],
    ['no user namespaces', { ...whole, bwrap: 'lockedBwrap' }, /may not make a user namespace/],
  ])('%s is a warning', async (_, programs, note) => {
    const findings = await examine(machine(programs));
    expect(notesOf(findings, 'missing')).toEqual([]);
    expect(notesOf(findings, 'warning')).toEqual([expect.stringMatching(note)]);
  });

  test('a Temporal server elsewhere needs no program here', async () => {
    const here = machine({ git: 'git', bwrap: 'bwrap' });
    const inEnvironment = await examine({ ...here, env: { ...here.env, TEMPORAL_ADDRESS: 'temporal:7233' } });
    expect(notesOf(inEnvironment, 'missing')).toEqual([]);
    writeFileSync(path.join(here.root, 'config/local.yaml'), 'temporal:\n  address: temporal:7233\n');
    expect(notesOf(await examine(here), 'missing')).toEqual([]);
  });

  test('TEMPORAL_CLI that does not run is named', async () => {
    const here = machine(whole);
    const findings = await examine({ ...here, env: { ...here.env, TEMPORAL_CLI: '/nowhere/temporal' } });
    expect(notesOf(findings, 'missing')).toEqual([expect.stringContaining('TEMPORAL_CLI is /nowhere/temporal')]);
  });

  test('the first command stops before it installs anything', () => {
    const here = machine({});
    const copy = path.join(here.root, 'scripts');
    mkdirSync(copy);
    mkdirSync(path.join(here.root, 'temporal'));
    for (const file of ['scripts/setup.mjs', 'scripts/prerequisites.mjs', 'temporal/program.mjs'])
      spawnSync('cp', [path.join(rootDir, file), path.join(here.root, file)]);
    const { status, stderr, stdout } = spawnSync(process.execPath, ['scripts/setup.mjs', 'demo'], {
      cwd: here.root,
      encoding: 'utf8',
      env: { ...here.env, NODE_ENV: 'test' },
    });
    expect(status).toBe(2);
    expect(stdout).not.toContain('npm ci');
    expect(stderr).toContain('This machine is not ready');
    expect(stderr).toContain('git: Git 2.38');
  });
});
