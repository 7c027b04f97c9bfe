import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import { isRoot, scratchDir, workingKinds } from '#tests/ports/local/fixture.ts';

// Root's sandboxes are made another way than an ordinary user's, so root runs the suites as one, too.
const nobody = 65_534;
const becomeNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
const isolated = (await workingKinds()).includes('local');
const mayRead = () =>
  spawnSync('setpriv', [...becomeNobody.slice(1), 'test', '-r', path.join(rootDir, 'package.json')]).status === 0;
const suites = [
  'tests/activities/adapters/sandbox/escape.test.ts',
  'tests/ports/sandbox.test.ts',
  'tests/ports/sandbox-commands.test.ts',
  'tests/ports/sandbox-checkpoints.test.ts',
];

const possible = isRoot && isolated && mayRead();

(possible ? test : test.skip)(
  "an ordinary user's sandboxes hold as well",
  async () => {
    const { dir, remove } = scratchDir();
    chownSync(dir, nobody, nobody);
    const asNobody = [
      ...becomeNobody,
      'env',
      '-i',
      `PATH=${process.env.PATH}`,
      `HOME=${dir}`,
      `TMPDIR=${dir}`,
      'NODE_OPTIONS=--experimental-vm-modules',
    ];
    const { project, run } = (await import(path.join(rootDir, 'jest.config.mjs'))) as { project: object; run: object };
    const config = JSON.stringify({ ...project, ...run, reporters: ['default'] });
    const jest = [
      'node_modules/jest/bin/jest.js',
      '--config',
      config,
      // The worker of this test waits meanwhile.
      '--maxWorkers=2',
      '--cacheDirectory',
      `${dir}/cache`,
      '--testNamePattern',
      '^(?!.*\\(none\\))',
      ...suites,
    ];
    const [program = '', ...words] = [...asNobody, process.execPath, ...jest];
    const ran = spawnSync(program, words, { cwd: rootDir, encoding: 'utf8' });
    remove();
    expect(ran.stderr).toContain('Tests:');
    expect([ran.status, ran.status === 0 ? '' : ran.stderr]).toEqual([0, '']);
  },
  300_000,
);
