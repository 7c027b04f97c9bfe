import type { RepositoriesPort } from '#activities/ports/repositories.ts';
import { rememberingCommits } from '#activities/services/remembered-commits.ts';

const sha = 'a'.repeat(40);

function counting(paths: string[] = ['one.js']) {
  let reads = 0;
  const port = {
    listFiles: async (project: string) => {
      reads += 1;
      if (project === 'gone') throw new Error('no mirror');
      return { paths: [...paths], total: paths.length };
    },
  } as unknown as RepositoriesPort;
  return { port: rememberingCommits(port), reads: () => reads };
}

test('files at a commit are read once, also by two callers at a time, and each caller has its own copy', async () => {
  const { port, reads } = counting();
  const [first, second] = await Promise.all([port.listFiles('p', sha), port.listFiles('p', sha)]);
  first.paths.push('mine');
  expect(second.paths).toEqual(['one.js']);
  expect((await port.listFiles('p', sha)).paths).toEqual(['one.js']);
  expect(reads()).toBe(1);
});

test.each([
  ['another project', 'q', sha],
  ['another commit', 'p', 'b'.repeat(40)],
  ['a branch, which moves', 'p', 'refs/heads/main'],
])('%s is read again', async (_what, project, rev) => {
  const { port, reads } = counting();
  await port.listFiles('p', sha);
  for (let n = 0; n < 2; n += 1) await port.listFiles(project, rev);
  expect(reads()).toBe(rev === 'refs/heads/main' ? 3 : 2);
});

test('a failure and a large answer are not remembered', async () => {
  const failing = counting();
  for (let n = 0; n < 2; n += 1) await expect(failing.port.listFiles('gone', sha)).rejects.toThrow('no mirror');
  expect(failing.reads()).toBe(2);
  const large = counting(Array.from({ length: 1001 }, () => 'x'.repeat(1000)));
  for (let n = 0; n < 2; n += 1) await large.port.listFiles('p', sha);
  expect(large.reads()).toBe(2);
});
