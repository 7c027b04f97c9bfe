import fc from 'fast-check';
import { matchingGlob, meetingGlob } from '#workflows/domain/path-globs.ts';

test.each([
  ['docs', 'docs/a/b.md', true],
  ['docs/', 'docs', true],
  ['docs', 'docs2/a.md', false],
  ['*.md', 'README.md', true],
  ['*.md', 'docs/README.md', false],
  ['**/*.md', 'docs/a/README.md', true],
  ['src/**/secret', 'src/secret/key', true],
  ['src/**/secret', 'src/a/b/secret', true],
  ['src/a+b.ts', 'src/a+b.ts', true],
  ['src/a?.ts', 'src/ab.ts', true],
  ['**', 'a/b', true],
  ['./src', 'src/x', true],
])('the glob %s and %s: %s', (glob, path, matching) => {
  expect(matchingGlob(path, ['other', glob])).toBe(matching ? glob : undefined);
});

test('no glob is slow, and one that matches is found however it is written', () => {
  const name = 'a'.repeat(250);
  expect(matchingGlob(`${name}/${name}`, [`**/${'*a'.repeat(100)}b`, `${'**/'.repeat(80)}b`])).toBeUndefined();
  // Any part of a path may stand as a star.
  const part = fc.stringMatching(/^[a-c][a-c.*?+]{0,4}$/);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.nat(4), fc.nat(4), (parts, from, many) => {
      const glob = [...parts.slice(0, from), '**', ...parts.slice(from + many)].join('/');
      expect(matchingGlob(parts.join('/'), [glob])).toBe(glob);
    }),
  );
});

test.each([
  ['src/a.ts', 'src/a.ts', true],
  ['./src/a.ts', 'src', true],
  ['src/a.ts', 'src/*.ts', true],
  ['src/a.ts', 'src/b.ts', false],
  ['src/a.ts', 'src/a.tsx', false],
  ['src/**/x.ts', 'src/a/**', true],
  ['src/*.ts', 'docs/*.md', false],
  ['**/*.md', 'docs/*.md', true],
  ['src', 'src/a.ts', true],
])('the globs %s and %s may mean one file: %s', (one, other, meeting) => {
  expect(meetingGlob(['other', one], [other])).toBe(meeting ? one : undefined);
  expect(meetingGlob([other], ['other', one])).toBe(meeting ? other : undefined);
});

test('globs that match one path meet', () => {
  const part = fc.stringMatching(/^[a-b]{1,3}$/);
  const loosened = (parts: string[], star: number) => parts.map((name, i) => (i === star ? '*' : name)).join('/');
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), fc.nat(4), fc.nat(4), (parts, one, other) => {
      expect(meetingGlob([loosened(parts, one)], [loosened(parts, other)])).toBeDefined();
    }),
  );
});
