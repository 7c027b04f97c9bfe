import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { commitAll, git, openBench, put, workingKinds, type Bench } from './local/fixture.ts';

const pointer = (oid: string) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${oid.repeat(64)}\nsize 3000\n`;

describe.each(await workingKinds())('the part of a workspace that is work (%s)', (kind) => {
  let bench: Bench;
  let sha: string;
  let id: string;
  beforeAll(async () => {
    bench = await openBench(kind, {
      'app.py': '1\n',
      'setup.lock': 'one\n',
      'vendor/node_modules/kept/index.js': '1\n',
      'old/__pycache__/tracked.pyc': '1\n',
      'a.csv': 'a\r\nb\r\n',
      'a.bat': '@echo\r\nexit\r\n',
      'id.txt': '$Id: other $\n',
      'win.txt': '1\n2\n',
      'logo.bin': pointer('a'),
      'secret.key': Buffer.from('\0GITCRYPT\0xxx'),
    });
    const attributes = [
      '*.csv text eol=lf',
      '*.bat text eol=crlf',
      'id.txt ident',
      'win.txt text eol=crlf',
      '*.bin filter=lfs diff=lfs merge=lfs -text',
      '*.key filter=git-crypt diff=git-crypt',
    ];
    put(bench.source, { '.gitattributes': `${attributes.join('\n')}\n` });
    git(bench.source, 'add', '.gitattributes');
    git(bench.source, 'commit', '-qm', 'attributes');
    git(bench.source, 'tag', '-a', 'v1', '-m', 'first');
    git(bench.source, 'branch', 'release/1');
    ({ sha } = await bench.repositories.sync('project', { path: bench.source }, 'main'));
  });
  beforeEach(async () => {
    id = await bench.make({ base_sha: sha });
  });
  afterEach(() => bench.sandbox.destroy(id));
  afterAll(() => bench.close());

  const files = (tree: string) =>
    bench
      .mirror('diff-tree', '-r', '--name-status', `${sha}^{tree}`, tree)
      .split('\n')
      .filter(Boolean)
      .map((line) => line.replace('\t', ' '));
  /** The changes in all three: tree, checkpoint and export, which must agree. */
  async function work(): Promise<string[]> {
    const tree = await bench.sandbox.treeHash(id);
    const kept = await bench.sandbox.checkpoint(id, { parent: sha, ref: `refs/omoios/runs/${id}/1`, message: 'turn' });
    const out = await bench.sandbox.exportWork(id, { ref: `refs/heads/out/${id}`, message: 'left' });
    expect([kept.tree, out.tree]).toEqual([tree, tree]);
    if (out.tree === bench.mirror('rev-parse', `${sha}^{tree}`)) expect(out.sha).toBe(sha);
    return files(tree);
  }
  const content = (tree: string, file: string) =>
    bench.mirror('cat-file', '-p', `${tree}:${file}`).replaceAll('\r', '<CR>');

  test('litter of tools stays out, unless it is tracked or a tool of the agent wrote it', async () => {
    await bench.sh(
      id,
      `mkdir -p sub/__pycache__ node_modules/a .pytest_cache web/coverage target/debug src/coverage x.egg-info
      touch sub/__pycache__/m.pyc n.pyc node_modules/a/index.js .pytest_cache/v web/coverage/lcov.info web/coverage/index.html x.egg-info/PKG .coverage
      echo 'Signature: 8a477f597d28d172789f06886806bc55' > target/CACHEDIR.TAG; touch target/debug/app
      echo 1 > src/coverage/report.ts; echo 2 > vendor/node_modules/new.js; echo 2 > old/__pycache__/tracked.pyc; echo 2 > app.py; git add -A; git commit -qm mine`,
    );
    const tree = await bench.sandbox.treeHash(id);
    const wanted = [
      'M app.py',
      'M old/__pycache__/tracked.pyc',
      'A src/coverage/report.ts',
      'A vendor/node_modules/new.js',
    ];
    expect(files(tree)).toEqual(wanted);
    await bench.sandbox.writeFile(id, './node_modules/patched.js', Buffer.from('1\n'));
    expect(files(await bench.sandbox.treeHash(id))).toEqual([
      'M app.py',
      'A node_modules/patched.js',
      ...wanted.slice(1),
    ]);
  });

  test('Python leaves no compiled files behind', async () => {
    await bench.sh(id, 'echo "import app" > test_app.py; python3 -c "import test_app"');
    expect((await bench.sh(id, 'find . -name "*.pyc" -not -path "./old/*"')).output).toBe('');
    expect(await work()).toEqual(['A test_app.py']);
  });

  test("the set-up's own files and changes stay out until the agent edits them", async () => {
    await bench.sh(id, 'mkdir -p build; date +%N > build/out; echo two > setup.lock; rm win.txt; touch app.py');
    await bench.sandbox.settle(id, true);
    expect(await work()).toEqual([]);
    await bench.sh(id, 'date +%N > build/out; echo mine > mine; git add -A; git commit -qm mine -- mine');
    await bench.sandbox.settle(id, true);
    expect(await work()).toEqual(['A mine']);
    await bench.sandbox.writeFile(id, 'build/out', Buffer.from('mine\n'));
    await bench.sh(id, 'echo three > setup.lock; echo 1 > win.txt');
    expect(await work()).toEqual(['A build/out', 'A mine', 'M setup.lock', 'M win.txt']);
  });

  test('without a set-up nothing of the agent is taken for its work', async () => {
    expect(await bench.sandbox.isSettled(id)).toBe(false);
    await bench.sandbox.settle(id, false);
    expect(await bench.sandbox.isSettled(id)).toBe(true);
    await bench.sh(id, 'echo mine > mine');
    await bench.sandbox.settle(id, true);
    expect(await work()).toEqual(['A mine']);
  });

  test('attributes that contradict stored files change none of them', async () => {
    await bench.sh(id, 'touch a.csv a.bat id.txt win.txt');
    expect(await work()).toEqual([]);
    await bench.sh(id, `printf 'a\\r\\nB\\r\\n' > a.csv; sed -i s/2/3/ win.txt; echo 2 > app.py`);
    expect(await work()).toEqual(['M a.csv', 'M app.py', 'M win.txt']);
    const tree = await bench.sandbox.treeHash(id);
    expect(content(tree, 'a.csv')).toBe('a<CR>\nB');
    expect(bench.mirror('cat-file', '-s', `${tree}:a.csv`)).toBe('6');
    expect(content(tree, 'win.txt')).toBe('1\n3');
    await bench.sh(id, `printf 'a\\r\\nb\\r\\n' > a.csv; printf '1\\r\\n2\\r\\n' > win.txt; echo 1 > app.py`);
    expect(files(await bench.sandbox.treeHash(id))).toEqual([]);
  });

  test('a change under a filter that is not installed is refused, and never stored raw', async () => {
    await bench.sh(
      id,
      'head -c 3000 /dev/zero > logo.bin; echo plain > secret.key; echo plain > new.key; touch app.py; echo 2 > app.py',
    );
    const tree = await bench.sandbox.treeHash(id);
    expect(files(tree)).toEqual(['M app.py']);
    expect(await bench.sandbox.refusedChanges(id)).toEqual([
      { path: 'logo.bin', filter: 'lfs' },
      { path: 'secret.key', filter: 'git-crypt' },
      { path: 'new.key', filter: 'git-crypt' },
    ]);
    expect(await work()).toEqual(['M app.py']);
    await bench.sandbox.writeFile(id, 'logo.bin', Buffer.from(pointer('b')));
    await bench.sh(id, 'git checkout -q secret.key; cp secret.key new.key; git mv logo.bin brand.bin');
    expect(await work()).toEqual(['M app.py', 'A brand.bin', 'D logo.bin', 'A new.key']);
    expect(await bench.sandbox.refusedChanges(id)).toEqual([]);
  });

  test('the default branch, the branches of origin and tags are there as in a clone, on a clean checkout too', async () => {
    put(bench.source, { later: '1' });
    const later = commitAll(bench.source, 'later');
    await bench.repositories.sync('project', { path: bench.source }, 'main');
    const boxes = [await bench.make({ base_sha: sha }), await bench.make({ base_sha: sha, branch: 'omoios-check' })];
    for (const box of boxes) {
      const seen = await bench.sh(
        box,
        'git merge-base main HEAD && git rev-parse main origin/main origin/HEAD origin/release/1 && git describe --tags && git status --short -- app.py',
      );
      expect(seen).toMatchObject({
        exit_code: 0,
        output: [sha, later, later, later, sha, 'v1', ''].join('\n'),
      });
    }
    expect((await bench.sh(id, 'echo 2 > app.py; git commit -qm two app.py; git describe --tags')).output).toMatch(
      /^v1-1-g/,
    );
    expect(await work()).toEqual(['M app.py']);
    for (const box of boxes) await bench.sandbox.destroy(box);
    git(bench.source, 'reset', '-q', '--hard', sha);
  });

  test('a branch in the place of the default one, and a default branch in the place of its folder', async () => {
    const source = path.join(path.dirname(bench.source), 'task');
    mkdirSync(source);
    git('/', 'clone', '-q', bench.source, source);
    git(source, 'branch', '-m', 'main', 'task');
    await bench.repositories.sync('task', { path: source }, 'task');
    expect(git(source, 'rev-parse', 'task')).toBe(sha);
    for (const branch of ['task', 'task/1234/work']) {
      const box = await bench.make({ project_id: 'task', base_sha: sha, branch });
      const seen = await bench.sh(box, 'git rev-parse HEAD origin/task; git status --short --branch -- app.py');
      expect(seen.output).toBe(`${sha}\n${sha}\n## ${branch}\n`);
      await bench.sandbox.destroy(box);
    }
  });
});
