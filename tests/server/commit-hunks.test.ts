import { hunksOf } from '#server/usecases/commit-hunks.ts';

const patch = (path: string, ...lines: string[]) =>
  [`diff --git a/${path} b/${path}`, 'index 1..2 100644', `--- a/${path}`, `+++ b/${path}`, ...lines, ''].join('\n');

test('[PLAN-14] the changed places of a patch are runs of lines in the new file, each with what it adds and removes', () => {
  const text = patch(
    'src/a.js',
    ...[
      '@@ -1,6 +1,6 @@',
      ' one',
      '-two',
      '+zwei',
      '+drei',
      ' three',
      ' four',
      '-five',
      ' six',
      '@@ -20 +20,2 @@',
      ' x',
      '+y',
    ],
  );
  const at = { path: 'src/a.js', is_test: false };
  expect(hunksOf(text)).toEqual([
    { ...at, from_line: 2, to_line: 3, added: 2, removed: 1 },
    { ...at, from_line: 6, to_line: 5, added: 0, removed: 1 },
    { ...at, from_line: 21, to_line: 21, added: 1, removed: 0 },
  ]);
});

test('a new test, a deleted file and a file without a last line break have their places', () => {
  const text =
    [
      'diff --git a/test/a.test.js b/test/a.test.js',
      'new file mode 100644',
      '--- /dev/null',
      '+++ b/test/a.test.js',
    ].join('\n') +
    '\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n' +
    [
      'diff --git a/old.js b/old.js',
      'deleted file mode 100644',
      '--- a/old.js',
      '+++ /dev/null',
      '@@ -1,2 +0,0 @@',
      '-a',
      '-b',
      '',
    ].join('\n');
  expect(hunksOf(text)).toEqual([
    { path: 'test/a.test.js', is_test: true, from_line: 1, to_line: 1, added: 1, removed: 0 },
    { path: 'old.js', is_test: false, from_line: 0, to_line: -1, added: 0, removed: 2 },
  ]);
  expect(hunksOf('')).toEqual([]);
});
