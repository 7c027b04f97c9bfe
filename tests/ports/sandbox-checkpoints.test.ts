import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { git, makeRepository, openBench, workingKinds, localTest, times, type Bench } from './local/fixture.ts';

const kinds = await workingKinds();

describe.each(kinds)('checkpoints of a sandbox (%s)', (kind) => {
  const testLocal = localTest(kind);
  let bench: Bench;
  let id: string;
  beforeAll(async () => {
    bench = await openBench(kind, {
      'README.md': 'hello\n',
      'api/app.js': '1\n',
      'api/old.js': 'old\n',
      '.gitignore': 'node_modules/\n*.log\n',
      'deep/.gitignore': 'local\n',
    });
  });
  beforeEach(async () => {
    id = await bench.make();
  });
  afterEach(() => bench.sandbox.destroy(id));
  afterAll(() => bench.close());

  const paths = (rev: string) =>
    bench.mirror('-c', 'core.quotePath=false', 'ls-tree', '-r', '--name-only', rev).split('\n');
  const checkpoint = (parent = bench.base, ref = `refs/omoios/runs/${id}/1`) =>
    bench.sandbox.checkpoint(id, { parent, ref, message: 'turn 1' });
  /** What a person's `git add -A` in a clean clone would store. */
  const baseTree = () => bench.mirror('rev-parse', `${bench.base}^{tree}`);

  test('the tree is that of the files, ignored ones left out, whatever their times', async () => {
    expect(await bench.sandbox.treeHash(id)).toBe(baseTree());
    await bench.sh(
      id,
      'mkdir -p node_modules/x deep; echo 1 > node_modules/x/y; echo l > a.log; echo l > deep/local; touch -d 1999-01-01 README.md; touch api/app.js',
    );
    expect(await bench.sandbox.treeHash(id)).toBe(baseTree());
    await bench.sh(id, 'echo 2 > api/app.js; rm api/old.js; echo n > api/new.js; chmod +x README.md');
    const tree = await bench.sandbox.treeHash(id);
    const out = bench.mirror('ls-tree', '-r', tree);
    expect(out).toMatch(/100755 blob \w+\tREADME.md/);
    expect(paths(tree)).toEqual(['.gitignore', 'README.md', 'api/app.js', 'api/new.js', 'deep/.gitignore']);
    await bench.sh(id, 'git checkout -q . && rm api/new.js');
    expect(await bench.sandbox.treeHash(id)).toBe(baseTree());
  });

  test('a same-sized change within the same second is seen, by the agent too', async () => {
    expect(
      (
        await bench.sh(
          id,
          'printf 2 > api/app.js; echo >> api/app.js; touch -r README.md api/app.js; git status --short',
        )
      ).output,
    ).toBe(' M api/app.js\n');
    const first = await bench.sandbox.treeHash(id);
    await bench.sh(id, 'printf "3\\n" > api/app.js; touch -d "$(stat -c %y README.md)" api/app.js');
    const second = await bench.sandbox.treeHash(id);
    expect(bench.mirror('show', `${first}:api/app.js`)).toBe('2');
    expect(bench.mirror('show', `${second}:api/app.js`)).toBe('3');
    await bench.sh(id, 'printf "4\\n" > api/app.js');
    const third = await bench.sandbox.treeHash(id);
    await bench.sh(id, 'printf "5\\n" > api/app.js');
    const fourth = await bench.sandbox.treeHash(id);
    expect([third, fourth].map((tree) => bench.mirror('show', `${tree}:api/app.js`))).toEqual(['4', '5']);
  });

  test('a checkpoint is a commit on its parent under a hidden ref, and leaves the agent alone', async () => {
    await bench.sh(id, 'echo staged > staged; git add staged; echo loose > loose');
    const made = await checkpoint();
    expect(
      bench.mirror('rev-parse', `refs/omoios/runs/${id}/1`, `${made.sha}^`, `${made.sha}^{tree}`).split('\n'),
    ).toEqual([made.sha, bench.base, made.tree]);
    expect(bench.mirror('log', '-1', '--format=%s', made.sha)).toBe('turn 1');
    expect((await bench.sh(id, 'git status --short; git log --format=%s')).output).toBe('A  staged\n?? loose\nfirst\n');
    // The same again is the same commit; nothing changed since makes none.
    expect(await checkpoint()).toEqual(made);
    expect(await checkpoint(made.sha, `refs/omoios/runs/${id}/2`)).toEqual(made);
    expect(bench.mirror('rev-parse', `refs/omoios/runs/${id}/2`)).toBe(made.sha);
    expect(await bench.repositories.branches('project')).not.toContain(`runs/${id}/1`);
  });

  test('odd names, links, empty and large files are stored as they are', async () => {
    await bench.sh(
      id,
      `printf x > $'new\\nline'; printf x > $'latin-\\xe9'; printf x > '-dash'; printf x > ' space '; printf x > 'quote"'; mkdir -p '*'; printf x > '*/?'
      ln -s /etc/passwd link; ln -s nowhere dangling; : > empty; head -c 40000000 /dev/urandom > large; printf x > git~1; mkfifo pipe`,
    );
    const { tree } = await checkpoint();
    const names = bench.mirror('ls-tree', '-r', '-z', '--name-only', tree);
    for (const name of ['new\nline', '-dash', ' space ', 'quote"', '*/?', 'link', 'dangling', 'empty', 'large'])
      expect(names.split('\0')).toContain(name);
    expect(bench.mirror('cat-file', '-s', `${tree}:large`)).toBe('40000000');
    expect(bench.mirror('show', `${tree}:link`)).toBe('/etc/passwd');
    expect(bench.mirror('ls-tree', tree, 'link')).toMatch(/^120000/);
  });

  test('files in the place of folders, folders in the place of files and links in the place of both', async () => {
    await bench.sh(id, 'rm -r api; echo file > api; rm README.md; mkdir README.md; echo x > README.md/inner');
    expect(paths(await bench.sandbox.treeHash(id))).toEqual([
      '.gitignore',
      'README.md/inner',
      'api',
      'deep/.gitignore',
    ]);
    await bench.sh(
      id,
      'rm api; mkdir elsewhere; echo 1 > elsewhere/app.js; ln -s elsewhere api; rm -r README.md; git init -q README.md; echo x > README.md/inner',
    );
    expect(paths(await bench.sandbox.treeHash(id))).toEqual([
      '.gitignore',
      'README.md/inner',
      'api',
      'deep/.gitignore',
      'elsewhere/app.js',
    ]);
    await bench.sh(id, 'rm -r api README.md elsewhere; git checkout -q .');
    expect(await bench.sandbox.treeHash(id)).toBe(baseTree());
  });

  test('repositories inside the workspace count as the files they hold', async () => {
    await bench.sh(
      id,
      `git init -q web && cd web && echo code > code.js && echo l > b.log && mkdir node_modules && echo m > node_modules/m && printf 'dist/\\n' > .gitignore && mkdir dist && echo d > dist/d
      git add -A && git -c user.name=a -c user.email=a@b commit -qm inner && git init -q lib && echo lib > lib/lib.js; mkdir ../bare && cd ../bare && git init -q --bare .`,
    );
    const { tree, sha } = await checkpoint();
    const listed = paths(tree).filter((name) => name.startsWith('web'));
    expect(listed).toEqual(['web/.gitignore', 'web/code.js', 'web/lib/lib.js']);
    await bench.sh(id, 'echo changed > web/code.js; rm web/lib/lib.js');
    const next = await checkpoint(sha);
    expect(bench.mirror('show', `${next.tree}:web/code.js`)).toBe('changed');
    expect(paths(next.tree)).not.toContain('web/lib/lib.js');
  });

  test('files nobody may read do not stop a checkpoint', async () => {
    await bench.sh(
      id,
      'echo hidden > hidden; chmod 000 hidden; mkdir closed; echo c > closed/c; chmod 000 closed; echo seen > seen',
    );
    const { tree } = await checkpoint();
    expect(paths(tree)).toContain('seen');
    // Where the platform can read what the agent closed, it does.
    if (kind !== 'none') expect(paths(tree)).toContain('hidden');
    await bench.sh(id, 'chmod 755 closed hidden');
  });

  test('files that change all the time do not stop a checkpoint', async () => {
    await bench.sandbox.startCommand(id, {
      job_id: 'busy',
      command: 'while :; do mkdir -p t; for i in 1 2 3 4 5 6 7 8 9; do echo $i > t/$i; done; rm -rf t; done',
      network: 'none',
    });
    for (let i = 0; i < times(kind, 15, 4); i++) expect(await bench.sandbox.treeHash(id)).toMatch(/^[0-9a-f]{40}$/);
    await bench.sandbox.killCommand(id, 'busy');
  });

  test('a submodule keeps its commit while its folder is there, also a filled one', async () => {
    const library = path.join(path.dirname(bench.source), 'library');
    if (!existsSync(library)) {
      makeRepository(library);
      git(bench.source, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'vendor/library');
      git(bench.source, 'commit', '-qm', 'submodule');
    }
    const { sha } = await bench.repositories.sync('project', { path: bench.source }, 'main');
    const box = await bench.make({ base_sha: sha });
    expect(await bench.sandbox.treeHash(box)).toBe(bench.mirror('rev-parse', `${sha}^{tree}`));
    await bench.sh(
      box,
      'cd vendor/library; git init -q; echo code > code; git add .; git commit -qm own; git init -q inner; echo x > inner/x',
    );
    expect(await bench.sandbox.treeHash(box)).toBe(bench.mirror('rev-parse', `${sha}^{tree}`));
    const out = await bench.sandbox.exportWork(box, { ref: 'refs/heads/task/submodule', message: 'm' });
    expect(out.tree).toBe(bench.mirror('rev-parse', `${sha}^{tree}`));
    await bench.sh(box, 'rm -rf vendor/library; mkdir vendor/library; echo loose > vendor/library/loose');
    expect(await bench.sandbox.treeHash(box)).toBe(bench.mirror('rev-parse', `${sha}^{tree}`));
    await bench.sh(box, 'rm -rf vendor');
    expect(bench.mirror('ls-tree', '-r', await bench.sandbox.treeHash(box))).not.toContain('vendor');
    await bench.sandbox.destroy(box);
  });

  testLocal("an index lock left by a git that was killed is in nobody's way", async () => {
    writeFileSync(path.join(bench.dataDir, 'sandboxes', id, 'platform/index.lock'), '');
    await bench.sh(id, 'echo x > x');
    expect(paths(await bench.sandbox.treeHash(id))).toContain('x');
    const many = await Promise.all([1, 2, 3, 4].map(() => bench.sandbox.treeHash(id)));
    expect(new Set(many).size).toBe(1);
  });

  test.each(['--upload-pack=touch /tmp/x', 'refs/heads/a..b', 'HEAD', 'refs/heads/a b'])(
    'the ref %j is refused',
    async (ref) => {
      await expect(checkpoint(bench.base, ref)).rejects.toMatchObject({ code: 'not_found' });
      await expect(bench.sandbox.exportWork(id, { ref, message: 'm' })).rejects.toMatchObject({ code: 'not_found' });
      await expect(checkpoint('--option')).rejects.toMatchObject({ code: 'not_found' });
    },
  );

  describe('bringing the work out', () => {
    const exportWork = () => bench.sandbox.exportWork(id, { ref: 'refs/heads/task/out', message: 'what was left' });
    const subjects = (sha: string) =>
      bench.mirror('log', '--format=%s', `${bench.base}..${sha}`).split('\n').filter(Boolean);
    afterEach(() => bench.mirror('update-ref', '-d', 'refs/heads/task/out'));

    test('[GIT-06] nothing done is the base itself', async () => {
      expect(await exportWork()).toEqual({ sha: bench.base, tree: baseTree() });
      expect(bench.mirror('rev-parse', 'task/out')).toBe(bench.base);
    });

    test("[EXEC-14] the agent's commits come with what it left uncommitted, without ignored files", async () => {
      await bench.sh(
        id,
        'echo 2 > api/app.js; git commit -qam "change app"; echo n > new; git add new; git commit -qm "add new"; echo rest > rest; echo l > x.log',
      );
      const out = await exportWork();
      expect(subjects(out.sha)).toEqual(['what was left', 'add new', 'change app']);
      expect(out.tree).toBe(await bench.sandbox.treeHash(id));
      expect(paths(out.sha)).toEqual(expect.arrayContaining(['new', 'rest']));
      expect(paths(out.sha)).not.toContain('x.log');
      expect((await bench.sh(id, 'git status --short')).output).toBe('');
      expect(await exportWork()).toEqual(out);
      expect(bench.mirror('for-each-ref', '--format=%(refname)', 'refs/omoios/sandboxes')).toBe(
        `refs/omoios/sandboxes/${id}`,
      );
    });

    test("files hidden from the agent's own git come out all the same, as they are", async () => {
      await bench.sh(
        id,
        `echo secret-plan > hidden; echo hidden >> .git/info/exclude; echo other >> README.md; git update-index --assume-unchanged README.md
        echo changed > api/app.js; git update-index --skip-worktree api/app.js; git config core.excludesFile /workspace/api/old.js`,
      );
      const out = await exportWork();
      expect(out.tree).toBe(await bench.sandbox.treeHash(id));
      expect(bench.mirror('show', `${out.sha}:README.md`)).toBe('hello\nother');
      expect(bench.mirror('show', `${out.sha}:hidden`)).toBe('secret-plan');
      expect(bench.mirror('show', `${out.sha}:api/app.js`)).toBe('changed');
    });

    test.each([
      ['destroyed', 'rm -rf .git'],
      ['a file', 'rm -rf .git; echo gitdir: /nowhere > .git'],
      [
        'another history',
        'rm -rf .git; git init -q; git add -A; git -c user.name=a -c user.email=a@b commit -qm unrelated',
      ],
      ['broken', 'echo garbage > .git/HEAD'],
      [
        'a repository that borrows foreign objects',
        'printf "/etc\\n/run/objects\\n" > .git/objects/info/alternates; rm -rf .git/refs/heads; mkdir .git/refs/heads',
      ],
    ])('a repository that is %s costs the commits, not the files', async (_, wreck) => {
      await bench.sh(id, `echo work > work; ${wreck}`);
      const out = await exportWork();
      expect(subjects(out.sha)).toEqual(['what was left']);
      expect(bench.mirror('show', `${out.sha}:work`)).toBe('work');
      expect(bench.mirror('rev-parse', `${out.sha}^`)).toBe(bench.base);
    });

    test('commits that git-fsck refuses stay outside, the files come', async () => {
      await bench.sh(
        id,
        `blob=$(echo evil | git hash-object -w --stdin); tree=$(printf "100644 blob $blob\\t.git\\n" | git mktree --missing)
        git update-ref refs/heads/task/1234/work $(git commit-tree $tree -p HEAD -m evil); echo work > work`,
      );
      const out = await exportWork();
      expect(subjects(out.sha)).not.toContain('evil');
      expect(bench.mirror('show', `${out.sha}:work`)).toBe('work');
    });

    test('a half-done merge, another branch and an amended commit are what the files say', async () => {
      await bench.sh(
        id,
        `git checkout -qb side; echo side > README.md; git commit -qam side; git checkout -q -; echo main > README.md; git commit -qam mine; git merge side || echo both > README.md; git checkout -qb elsewhere 2>/dev/null`,
      );
      const out = await exportWork();
      expect(bench.mirror('show', `${out.sha}:README.md`)).toBe('both');
      expect(await bench.repositories.isAncestor('project', bench.base, out.sha)).toBe(true);
    });

    test("the agent's hooks do not run", async () => {
      await bench.sh(
        id,
        `mkdir -p .husky; for h in pre-commit commit-msg post-commit post-index-change reference-transaction; do printf '#!/bin/sh\\necho ran >> /tmp/hook\\nexit 1\\n' > .git/hooks-$h; mkdir -p .git/hooks; cp .git/hooks-$h .git/hooks/$h; cp .git/hooks-$h .husky/$h; done
        chmod +x .git/hooks/* .husky/*; git config core.hooksPath .husky; echo w > w`,
      );
      const out = await exportWork();
      expect(subjects(out.sha)).toEqual(['what was left']);
      expect((await bench.sh(id, 'cat /tmp/hook 2>&1 | grep -c ran')).output).toBe('0\n');
    });
  });

  test('with a mirror that others fetch into and merge in at once', async () => {
    mkdirSync(path.join(bench.dataDir, 'x'), { recursive: true });
    const ids = await Promise.all([1, 2, 3].map(() => bench.make()));
    await Promise.all(ids.map((box, i) => bench.sh(box, `echo ${i} > f${i}; git add -A; git commit -qm c${i}`)));
    const outs = await Promise.all([
      ...ids.map((box, i) => bench.sandbox.exportWork(box, { ref: `refs/heads/par/${i}`, message: 'm' })),
      ...[1, 2, 3].map(() => bench.repositories.sync('project', { path: bench.source }, 'main')),
    ]);
    expect(new Set(outs.map((out) => out.sha)).size).toBe(4);
    await Promise.all(ids.map((box) => bench.sandbox.destroy(box)));
  });
});
