import { existsSync, readdirSync, truncateSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { openMachine } from '#activities/adapters/machine/index.ts';
import { createLocalSandbox } from '#activities/adapters/sandbox/local/index.ts';
import { eventually } from '#tests/support/api.ts';
import { isLocal, localTest, openBench, workingKinds, type Bench } from './local/fixture.ts';

const kinds = await workingKinds();
const files = { 'README.md': 'hello\n', '.gitignore': 'node_modules/\n', 'src/kept.txt': 'tracked\n' };

describe.each(kinds)('what a set-up left (%s)', (kind) => {
  const testLocal = localTest(kind);
  let bench: Bench;
  let count = 0;
  let key = '';
  beforeAll(async () => {
    bench = await openBench(kind, files);
  });
  beforeEach(() => {
    key = String(++count).padStart(40, '0');
  });
  afterAll(() => bench.close());

  const install = `mkdir -p node_modules/.bin src/gen ~/.cache/pkg && ln -s ../x.js node_modules/.bin/x && echo x >node_modules/x.js &&
    chmod 750 node_modules/x.js && echo gen >src/gen/a && echo cached >~/.cache/pkg/p && mkdir -p ~/ro/in && touch ~/ro/in/f && chmod 555 ~/ro/in &&
    echo changed >>README.md`;

  async function installed(): Promise<string> {
    const id = await bench.make();
    expect(await bench.sandbox.restoreSetup(id, key)).toBe(false);
    expect((await bench.sh(id, install)).exit_code).toBe(0);
    await bench.sandbox.saveSetup(id, key);
    return id;
  }

  testLocal('fills the next sandbox outside tracked files, and is litter there as in the first', async () => {
    const first = await installed();
    await bench.sandbox.settle(first, true);
    const id = await bench.make();
    expect(await bench.sandbox.restoreSetup(id, key)).toBe(true);
    await bench.sandbox.settle(id, true);
    const look =
      'cat node_modules/.bin/x src/gen/a ~/.cache/pkg/p README.md; stat -c %a node_modules/x.js; git config user.name; test -w src/gen/a && echo own';
    expect((await bench.sh(id, look)).output).toBe('x\ngen\ncached\nhello\n750\nOmoiOS agent\nown\n');
    const base = await bench.repositories.treeOf('project', bench.base);
    expect(await bench.sandbox.treeHash(id)).toBe(base);
    expect((await bench.sh(id, 'git status --porcelain')).output).toBe('');
  });

  testLocal('is decided by the first call: later the files belong to the agent', async () => {
    const first = await installed();
    // Its own result, kept meanwhile, is not put over what the agent did.
    await bench.sh(first, 'echo of-the-agent >node_modules/x.js');
    expect(await bench.sandbox.restoreSetup(first, key)).toBe(false);
    const id = await bench.make();
    await bench.sandbox.restoreSetup(id, key);
    await bench.sh(id, 'echo of-the-agent >node_modules/x.js');
    expect(await bench.sandbox.restoreSetup(id, key)).toBe(true);
    expect((await bench.sh(id, 'cat node_modules/x.js')).output).toBe('of-the-agent\n');
    expect(await bench.sandbox.restoreSetup(await bench.make(), 'f'.repeat(40))).toBe(false);
    await expect(bench.sandbox.restoreSetup(await bench.make(), '../x')).rejects.toThrow('hash');
  });

  (isLocal(kind) ? test.skip : test)(
    'is not kept where its archives would travel: each sandbox is set up',
    async () => {
      const first = await installed();
      expect(await bench.sandbox.claimSetup(first, key)).toBe(true);
      expect(await bench.sandbox.restoreSetup(await bench.make(), key)).toBe(false);
      await expect(bench.sandbox.restoreSetup(first, '../x')).rejects.toThrow('hash');
    },
  );

  test('takes nothing from a sandbox in which an agent may have worked', async () => {
    const id = await bench.make();
    await bench.sandbox.restoreSetup(id, key);
    await bench.sandbox.settle(id, true);
    await bench.sh(id, 'mkdir node_modules && echo evil >node_modules/x.js');
    await bench.sandbox.saveSetup(id, key);
    expect(await bench.sandbox.restoreSetup(await bench.make(), key)).toBe(false);
  });

  test('belongs to one project', async () => {
    await installed();
    await bench.repositories.sync('other', { path: bench.source }, 'main');
    const other = await bench.make({ project_id: 'other' });
    expect(await bench.sandbox.restoreSetup(other, key)).toBe(false);
  });

  (kind === 'local' ? test : test.skip)(
    'is made by one sandbox of a machine at a time, until that one or its worker ends',
    async () => {
      const [mine, others, third] = await Promise.all([bench.make(), bench.make(), bench.make()]);
      const machine = openMachine({ dataDir: bench.dataDir });
      const worker = await machine.sandbox();
      expect(await bench.sandbox.claimSetup(mine, key)).toBe(true);
      expect(await worker.claimSetup(others, key)).toBe(false);
      expect(await worker.claimSetup(others, 'e'.repeat(40))).toBe(true);
      await bench.sandbox.releaseSetup(mine, key);
      await eventually('the reservation ends', () => worker.claimSetup(others, key));
      expect(await bench.sandbox.claimSetup(third, key)).toBe(false);
      await machine.close();
      await eventually('the reservation ends with its process', () => bench.sandbox.claimSetup(third, key));
      await bench.sandbox.releaseSetup(third, key);
    },
  );

  testLocal('is left aside when it is damaged, and removed', async () => {
    await installed();
    const kept = path.join(bench.dataDir, 'setups/project', key);
    expect(readdirSync(kept).sort()).toEqual(['home.tar', 'sizes', 'workspace.tar']);
    truncateSync(path.join(kept, 'home.tar'), 3000);
    const id = await bench.make();
    expect(await bench.sandbox.restoreSetup(id, key)).toBe(false);
    expect(existsSync(kept)).toBe(false);
  });

  testLocal('is deleted when it is old', async () => {
    await installed();
    const kept = path.join(bench.dataDir, 'setups/project', key);
    const then = new Date(Date.now() - 15 * 86_400_000);
    utimesSync(kept, then, then);
    await createLocalSandbox({ dataDir: bench.dataDir, gitDirOf: () => '/', isolation: 'none' });
    expect(existsSync(kept)).toBe(false);
  });
});
