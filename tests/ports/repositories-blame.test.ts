import { commitOn } from './local/fixture.ts';
import { openRepositories } from './local/repositories-bench.ts';

describe('who wrote the lines of a file', () => {
  const { repositories, fresh } = openRepositories();

  test('each new line names its commit and its place there, whatever merges and names', async () => {
    const { source, base, id } = fresh({ 'a.txt': 'one\ntwo\n', 'nöt plain "x".txt': 'old\n' });
    await repositories.sync(id, { path: source }, 'main');
    const mirror = repositories.gitDir(id);
    const first = commitOn(mirror, base, { 'a.txt': 'one\n1a\n1b\ntwo\n', 'nöt plain "x".txt': 'old\nnew\n' });
    const second = commitOn(mirror, base, { 'a.txt': 'one\ntwo\nthree\n' });
    const { tree, conflicts } = await repositories.mergeTree(id, first, second);
    expect(conflicts).toEqual([]);
    const merged = await repositories.commitTree(id, { tree, parents: [first, second], message: 'merge' });
    expect(await repositories.blame(id, base, merged, 'a.txt')).toEqual([
      { line: 2, sha: first, original: { path: 'a.txt', line: 2 } },
      { line: 3, sha: first, original: { path: 'a.txt', line: 3 } },
      { line: 5, sha: second, original: { path: 'a.txt', line: 3 } },
    ]);
    expect(await repositories.blame(id, base, merged, 'nöt plain "x".txt')).toMatchObject([{ line: 2, sha: first }]);
    // Lines of a later revert are nobody's.
    const reverted = commitOn(mirror, merged, { 'a.txt': 'one\ntwo\n' });
    expect(await repositories.blame(id, base, reverted, 'a.txt')).toEqual([]);
  });

  test('a file that is missing, binary, a folder or a pattern has no lines', async () => {
    const { source, base, id } = fresh();
    await repositories.sync(id, { path: source }, 'main');
    const head = commitOn(repositories.gitDir(id), base, {
      'b.bin': 'a\0b\n',
      'dir/c.txt': 'c\n',
      'line\n.txt': 'n\n',
    });
    for (const path of ['gone.txt', 'b.bin', 'dir', '*.txt', ':(glob)**', '-p', '../x', ''])
      expect([path, await repositories.blame(id, base, head, path)]).toEqual([path, []]);
  });

  test('a diff can leave out changes of white space', async () => {
    const { source, base, id } = fresh({ 'a.txt': 'if (x) {\ny();\n}\n' });
    await repositories.sync(id, { path: source }, 'main');
    const head = commitOn(repositories.gitDir(id), base, { 'a.txt': 'if (x) {\n  y();\n  z();\n}\n' });
    const whole = await repositories.diff(id, base, head);
    expect(whole.patch).toContain('+  y();');
    const { patch } = await repositories.diff(id, base, head, { ignoreWhitespace: true });
    expect(patch).not.toContain('+  y();');
    expect(patch).toContain('+  z();');
  });
});
