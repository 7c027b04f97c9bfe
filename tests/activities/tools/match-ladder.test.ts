import { applyMatches } from '#activities/tools/edit/apply-edit.ts';
import { findMatches } from '#activities/tools/edit/match-ladder.ts';
import { similarNames } from '#activities/tools/support/similar-names.ts';

const edited = (text: string, oldText: string, newText: string): string | number => {
  const { matches } = findMatches(text, oldText, newText);
  return matches.length === 1 ? applyMatches(text, matches).text : matches.length;
};

describe('the first rung with a hit decides', () => {
  test('an exact match wins over others that differ only in blanks', () => {
    expect(edited('a  \nb\na\nb\n', 'a\nb', 'X')).toBe('a  \nb\nX\n');
  });

  test('places that overlap are two places', () => {
    expect(edited('aaa', 'aa', 'b')).toBe(2);
    expect(edited('x\nx\nx\n', 'x\nx\n', 'y\n')).toBe(2);
  });

  test('blanks at the end of old_text stand for the end of a line, not for any place', () => {
    expect(edited('returnValue\nreturn\n', 'return  ', 'X')).toBe('returnValue\nX\n');
    expect(edited('returnValue\n', 'return ', 'X')).toBe(0);
  });

  test('blanks inside a line, white space that is no blank, and letter case are never bridged', () => {
    expect(edited('f(a, b)\n', 'f(a,b)', 'X')).toBe(0);
    expect(edited('a\u00A0b\n', 'a b', 'X')).toBe(0);
    expect(edited('Total\n', 'total', 'X')).toBe(0);
  });

  test('text of blanks alone matches exactly or not at all', () => {
    expect(edited('a\n\t\nb\n', '  \n  ', 'X')).toBe(0);
  });
});

describe('lines that new_text repeats keep their bytes', () => {
  test('between changed ones too', () => {
    const text = 'one\r\nkept  \ntwo\r\nthree\t\nend\n';
    expect(edited(text, 'one\nkept\ntwo\nthree\nend', 'ONE\nkept\nTWO\nthree\nend')).toBe(
      'ONE\r\nkept  \nTWO\r\nthree\t\nend\n',
    );
  });

  test('moved or deleted lines take nothing along', () => {
    expect(edited('a  \nb\t\nc\n', 'a\nb\nc', 'b\nc')).toBe('b\t\nc\n');
    expect(edited('a  \nb\t\nc\n', 'a\nb\nc', 'a\nc')).toBe('a  \nc\n');
  });

  test('blanks that were given and taken away on purpose go', () => {
    expect(edited('a  \nb\n', 'a  \nb', 'a\nb')).toBe('a\nb\n');
  });
});

describe('indentation', () => {
  test('follows from two depths or from one tab; less is a guess, and refused', () => {
    expect(edited('\t\tfoo\n', '    foo', '    foo\n        bar')).toBe(0);
    expect(edited('\tfoo\n', '    foo', '    foo\n        bar')).toBe('\tfoo\n\t\tbar\n');
    expect(edited('\t\tif\n\t\t\tfoo\n', '    if\n      foo', '    if\n      bar')).toBe('\t\tif\n\t\t\tbar\n');
  });

  test('that differs from line to line is no match', () => {
    expect(edited('  a\n    b\n', 'a\n b', 'X')).toBe(0);
    expect(edited('\ta\n    b\n', 'a\nb', 'X')).toBe(0);
  });

  test('of a new line that the rule cannot give is no match', () => {
    expect(edited('a\n  b\n', '    a\n      b', '    a\n  c')).toBe(0);
    expect(edited('\ta\n\t\tb\n', '    a\n        b', '    a\n      c')).toBe(0);
  });

  test('found in two places is two places, each with its own', () => {
    const text = '  a\n  b\n-\n    a\n    b\n';
    const { matches } = findMatches(text, 'a\nb\n', 'a\n  c\n');
    expect(matches).toHaveLength(2);
    expect(applyMatches(text, matches).text).toBe('  a\n    c\n-\n    a\n      c\n');
  });

  test('blank lines stay as they are', () => {
    expect(edited('  a\n\n  b\n', 'a\n\nb', 'a\n\n\nc')).toBe('  a\n\n\n  c\n');
  });
});

test('large blocks are matched and kept without much work', () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index}`);
  const changed = lines.map((line, index) => (index % 2 ? line : `${line} new`));
  const file = `${lines.join('  \r\n')}\r\n`;
  expect(edited(file, lines.join('\n'), changed.join('\n'))).toContain('line 0 new\r\nline 1');
});

test('similarNames puts the same name elsewhere first and leaves out what is unlike', () => {
  const names = ['src/cart/total.ts', 'src/total.ts', 'src/order.ts', 'tests/total.test.ts', 'zzz.md'];
  expect(similarNames('lib/total.ts', names, 3)).toEqual(['src/total.ts', 'src/cart/total.ts', 'tests/total.test.ts']);
  expect(similarNames('qqqq', names, 3)).toEqual([]);
});
