import fc from 'fast-check';
import { planEdit } from '#activities/tools/edit/plan-edit.ts';
import { ToolFailure } from '#activities/tools/support/tool-failure.ts';

/** Few letters, so that pieces repeat and blanks, tabs and both line endings come up everywhere. */
const piece = fc.constantFrom(
  'a',
  'b',
  '{',
  '}',
  ' ',
  '  ',
  '\t',
  '\n',
  '\r\n',
  '\n\n',
  '😀',
  'e\u0301',
  '’',
  '$&',
  '$1',
  '\\',
  '(',
);
const text = (max: number) => fc.array(piece, { maxLength: max }).map((pieces) => pieces.join(''));
const runs = { numRuns: 2_000 };

async function outcome(
  before: string,
  oldText: string,
  newText: string,
  replaceAll = false,
): Promise<string | ToolFailure> {
  try {
    const { bytes } = await planEdit('file.txt', Buffer.from(before), {
      old_text: oldText,
      new_text: newText,
      replace_all: replaceAll,
    });
    return bytes.toString();
  } catch (error) {
    if (error instanceof ToolFailure) return error;
    throw error;
  }
}

function places(whole: string, part: string): number {
  let found = 0;
  for (let at = 0; at + part.length <= whole.length; at += 1) if (whole.startsWith(part, at)) found += 1;
  return found;
}

const squeezed = (value: string) => value.replace(/[ \t\r\n]/g, '');

/** Some piece of `before` that is `oldText`, blanks apart, became one that is `newText`, and every other byte is the same. */
function isOneReplacement(before: string, after: string, oldText: string, newText: string): boolean {
  for (let start = 0; start <= before.length && before.slice(0, start) === after.slice(0, start); start += 1) {
    for (let end = start; end <= before.length; end += 1) {
      const afterEnd = after.length - (before.length - end);
      const same = afterEnd >= start && before.slice(end) === after.slice(afterEnd);
      if (same && squeezed(before.slice(start, end)) === oldText && squeezed(after.slice(start, afterEnd)) === newText)
        return true;
    }
  }
  return false;
}

test('what occurs exactly once is replaced by exactly the new text, and nothing else changes', async () => {
  await fc.assert(
    fc.asyncProperty(text(12), text(4), text(12), text(4), async (before, oldText, after, newText) => {
      // Line endings are adapted to the file; that is the table's to check.
      fc.pre(!/[\r\n]/.test(newText) && oldText !== newText && oldText !== '');
      const whole = before + oldText + after;
      fc.pre(places(whole, oldText) === 1 && !/\r$/.test(before) && !/\r\n/.test(oldText));
      expect(await outcome(whole, oldText, newText)).toBe(before + newText + after);
    }),
    runs,
  );
});

test('what occurs several times is never touched without replace_all', async () => {
  await fc.assert(
    fc.asyncProperty(
      text(10),
      text(3),
      text(6),
      text(10),
      text(4),
      async (before, oldText, between, after, newText) => {
        fc.pre(oldText !== '' && oldText !== newText);
        const refused = await outcome(before + oldText + between + oldText + after, oldText, newText);
        expect(refused).toMatchObject({ kind: 'conflict' });
      },
    ),
    runs,
  );
});

test('an applied edit replaced one piece that equals old_text but for blanks and line endings, and no other byte', async () => {
  await fc.assert(
    fc.asyncProperty(text(30), text(6), text(6), async (whole, oldText, newText) => {
      const result = await outcome(whole, oldText, newText);
      if (typeof result !== 'string') return;
      expect(isOneReplacement(whole, result, squeezed(oldText), squeezed(newText))).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

test('an edit through other blanks and line endings leaves every byte outside its place', async () => {
  const line = fc.tuple(
    fc.constantFrom('', '  ', '\t', '    '),
    fc.constantFrom('alpha', 'beta 😀', '“x”', '}', ''),
    fc.constantFrom('', ' ', '\t'),
    fc.constantFrom('\n', '\r\n'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 8 }),
      fc.array(line, { minLength: 1, maxLength: 4 }),
      fc.array(line, { maxLength: 8 }),
      async (before, block, after) => {
        const join = (lines: typeof before) => lines.map((parts) => parts.join('')).join('');
        const given = `UNIQUE\n${block.map(([indent, word]) => indent + word).join('\n')}\nEND`;
        const real = `UNIQUE\r\n${join(block)}END`;
        const result = await outcome(`${join(before)}${real}${join(after)}`, given, 'REPLACED');
        expect(result).toBe(`${join(before)}REPLACED${join(after)}`);
      },
    ),
    runs,
  );
});

test('replace_all replaces each of what a plain scan finds', async () => {
  await fc.assert(
    fc.asyncProperty(text(30), text(2), text(3), async (whole, oldText, newText) => {
      fc.pre(oldText !== '' && oldText !== newText && whole.includes(oldText) && !/[\r\n]/.test(oldText + newText));
      expect(await outcome(whole, oldText, newText, true)).toBe(whole.split(oldText).join(newText));
    }),
    runs,
  );
});
