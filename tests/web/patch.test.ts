import { parsePatch, replacement, sideBySide } from '../../web/app/lib/patch.ts';

const patch = `diff --git a/a b.txt b/a b.txt
index 2ac3093..75e6135 100644
--- a/a b.txt\t
+++ b/a b.txt\t
@@ -1,3 +1,3 @@ heading
 a
--- x
-b
+++ y
+b
\\ No newline at end of file
diff --git a/picture.png b/picture.png
new file mode 100644
index 0000000..c4d718d
Binary files /dev/null and b/picture.png differ
diff --git "a/n w/\\303\\274.txt" "b/n w/\\303\\274.txt"
new file mode 100644
index 0000000..be761e0
--- /dev/null
+++ "b/n w/\\303\\274.txt"\t
@@ -0,0 +1 @@
+ü
diff --git a/old.js b/new.js
similarity index 100%
rename from old.js
rename to new.js
`;

describe('a patch of git', () => {
  test('is read file by file: names with blanks and letters beyond ASCII, binaries, renames', () => {
    expect(
      parsePatch(patch).map(({ path, from, binary, added, removed }) => ({ path, from, binary, added, removed })),
    ).toEqual([
      { path: 'a b.txt', from: null, binary: false, added: 2, removed: 2 },
      { path: 'picture.png', from: null, binary: true, added: 0, removed: 0 },
      { path: 'n w/ü.txt', from: null, binary: false, added: 1, removed: 0 },
      { path: 'new.js', from: 'old.js', binary: false, added: 0, removed: 0 },
    ]);
  });

  test('numbers its lines on both sides, and takes lines that look like headers for what they are', () => {
    const [file] = parsePatch(patch);
    expect(file?.hunks[0]?.lines).toEqual([
      { type: 'normal', old: 1, now: 1, text: 'a' },
      { type: 'delete', old: 2, now: null, text: '-- x' },
      { type: 'delete', old: 3, now: null, text: 'b' },
      { type: 'insert', old: null, now: 2, text: '++ y' },
      { type: 'insert', old: null, now: 3, text: 'b' },
    ]);
  });

  test('that was cut off, or is empty, gives what there is', () => {
    expect(parsePatch('')).toEqual([]);
    expect(parsePatch(patch.slice(0, 190))).toHaveLength(1);
  });
});

test('an edit shows what both texts share once, around what changed', () => {
  expect(replacement('one\ntwo\nthree\n', 'one\n2\nthree\n').map(({ type, text }) => `${type} ${text}`)).toEqual([
    'normal one',
    'delete two',
    'insert 2',
    'normal three',
  ]);
  expect(replacement('', 'new\n').map(({ type, text }) => `${type} ${text}`)).toEqual(['insert new']);
  expect(replacement('gone', '').map(({ type, text }) => `${type} ${text}`)).toEqual(['delete gone']);
});

test('side by side, removed lines are beside the lines that replace them', () => {
  const line = (type: 'normal' | 'delete' | 'insert', text: string) => ({ type, text, old: null, now: null });
  const rows = sideBySide([
    line('normal', 'a'),
    line('delete', 'b'),
    line('delete', 'c'),
    line('insert', 'B'),
    line('normal', 'd'),
    line('insert', 'e'),
    line('delete', 'f'),
    line('insert', 'F'),
  ]);
  expect(rows.map(({ left, right }) => [left?.text, right?.text])).toEqual([
    ['a', 'a'],
    ['b', 'B'],
    ['c', undefined],
    ['d', 'd'],
    [undefined, 'e'],
    ['f', 'F'],
  ]);
  expect(sideBySide([])).toEqual([]);
});
