import { byRisk, filesOf, fileTree } from '../../web/app/lib/file-tree.ts';

const files = (...paths: string[]) => paths.map((path) => ({ path }));

describe('the tree of changed files', () => {
  test('folders of one folder are one; folders come before files', () => {
    const tree = fileTree(files('a.ts', 'src/domain/x.ts', 'src/domain/y.ts', 'tests/deep/down/z.ts'));
    expect(tree).toMatchObject({
      folders: [
        { name: 'src/domain', files: [{ name: 'x.ts' }, { name: 'y.ts' }] },
        { name: 'tests/deep/down', files: [{ name: 'z.ts' }] },
      ],
      files: [{ name: 'a.ts' }],
    });
    expect(filesOf(tree).map(({ path }) => path)).toEqual([
      'src/domain/x.ts',
      'src/domain/y.ts',
      'tests/deep/down/z.ts',
      'a.ts',
    ]);
  });

  test('a folder with files of its own keeps its folders', () => {
    expect(fileTree(files('src/a.ts', 'src/domain/x.ts'))).toMatchObject({
      folders: [{ name: 'src', folders: [{ name: 'domain', files: [{ name: 'x.ts' }] }], files: [{ name: 'a.ts' }] }],
    });
  });

  test('the riskiest come first, what a program made last, and equals keep their order', () => {
    const file = (path: string, level: 'high' | 'medium' | 'low', mechanical = false) => ({
      path,
      risk: { level, mechanical },
    });
    const ordered = byRisk([
      file('package-lock.json', 'low', true),
      file('b.ts', 'low'),
      file('auth.ts', 'high'),
      file('a.ts', 'low'),
      file('old.ts', 'medium'),
    ]);
    expect(ordered.map(({ path }) => path)).toEqual(['auth.ts', 'old.ts', 'b.ts', 'a.ts', 'package-lock.json']);
  });
});
