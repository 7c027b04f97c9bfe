import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { withRebuiltMirrors } from '#activities/services/deleted-mirrors.ts';
import type { Project } from '#prisma/store/projects.ts';
import { commitAll, git, put } from './local/fixture.ts';
import { openRepositories } from './local/repositories-bench.ts';

describe('a mirror that was deleted', () => {
  const { dataDir, repositories, fresh, error } = openRepositories();
  const warnings: unknown[] = [];

  const open = (id: string, source: string, branches: string[]) => {
    const project = { id, organization_id: 'o', repository_path: source, default_branch: 'main' } as Project;
    const projects = { all: () => Promise.resolve([project]), branchesOf: () => Promise.resolve(branches) };
    return withRebuiltMirrors(repositories, { projects }, { warn: (what) => warnings.push(what) });
  };

  test("is made again with the platform's pushed branches; what it alone held is named as lost", async () => {
    const { source, base, id } = fresh();
    const rebuilt = open(id, source, ['ticket/1', 'task/unpushed']);
    await rebuilt.sync(id, { path: source }, 'main');
    const commit = async (message: string) =>
      rebuilt.commitTree(id, { tree: await rebuilt.treeOf(id, base), parents: [base], message });
    const pushed = await commit('pushed');
    const kept = await commit('checkpoint');
    await rebuilt.updateRef(id, 'refs/heads/ticket/1', pushed, '');
    await rebuilt.push(id, { path: source }, 'ticket/1', pushed);
    await rebuilt.updateRef(id, 'refs/heads/task/unpushed', kept, '');
    await rebuilt.updateRef(id, 'refs/omoios/runs/r/1', kept);

    warnings.length = 0;
    rmSync(rebuilt.gitDir(id), { recursive: true });
    const asked = await Promise.all([
      rebuilt.resolve(id, 'refs/heads/ticket/1'),
      rebuilt.changedFiles(id, base, pushed),
      rebuilt.branches(id),
      rebuilt.isAncestor(id, base, pushed),
    ]);
    expect(asked).toEqual([pushed, [], ['main', 'ticket/1'], true]);
    expect(await rebuilt.resolve(id, 'refs/heads/task/unpushed')).toBeUndefined();
    await expect(rebuilt.changedFiles(id, base, kept)).rejects.toEqual(error('damaged'));
    await expect(rebuilt.diff(id, base, kept)).rejects.toThrow(`The commit ${kept.slice(0, 12)} is lost`);
    await expect(rebuilt.updateRef(id, 'refs/heads/x', kept)).rejects.toEqual(error('damaged'));
    expect(warnings).toEqual([{ project_id: id, lost_branches: ['task/unpushed'] }]);
    expect(readdirSync(path.join(dataDir, 'repos')).filter((name) => /\.(new|left)$/.test(name))).toEqual([]);
  });

  test('is made again by a sync too, and the rest of a damaged one is kept aside', async () => {
    const { source, base, id } = fresh();
    const rebuilt = open(id, source, []);
    await rebuilt.sync(id, { path: source }, 'main');
    rmSync(path.join(rebuilt.gitDir(id), 'HEAD'));
    put(source, { b: '2' });
    const next = commitAll(source, 'second');
    expect(await rebuilt.sync(id, { path: source }, 'main')).toEqual({ sha: next });
    expect(await rebuilt.mergeBase(id, base, next)).toBe(base);
    const [left = ''] = readdirSync(path.join(dataDir, 'repos')).filter((name) => name.endsWith('.left'));
    expect(existsSync(path.join(dataDir, 'repos', left, 'objects'))).toBe(true);
  });

  test('says why it cannot be made again when its source does not answer', async () => {
    const { source, id } = fresh();
    const rebuilt = open(id, source, []);
    await rebuilt.sync(id, { path: source }, 'main');
    rmSync(rebuilt.gitDir(id), { recursive: true });
    git('/', 'clone', '-q', '--bare', source, `${source}.moved`);
    rmSync(source, { recursive: true });
    await expect(rebuilt.resolve(id, 'main')).rejects.toEqual(error('not_a_repository'));
    expect(existsSync(rebuilt.gitDir(id))).toBe(false);
  });
});
