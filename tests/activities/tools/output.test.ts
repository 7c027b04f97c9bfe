import fc from 'fast-check';
import { cutText, joinEnds } from '#activities/tools/support/cut-output.ts';
import { terminalText } from '#activities/tools/support/terminal-text.ts';

const hint = 'See the rest with read_file.';
const half = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

describe('cutText', () => {
  test('leaves a text that fits', () => {
    expect(cutText('abc', 3, { hint })).toBe('abc');
  });

  test('cuts at line ends, counts what is missing, and names the call', () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index + 1}`);
    const cut = cutText(lines.join('\n'), 1_000, { hint });
    const [, head = '', left, tail = ''] =
      /^(.*)\n\n\[\.\.\. (\d+) of 1,000 lines left out\. See the rest with read_file\. \.\.\.\]\n\n(.*)$/s.exec(cut) ??
      [];
    const shown = [...head.split('\n'), ...tail.split('\n')];
    expect(shown.every((line) => lines.includes(line))).toBe(true);
    expect(shown.length + Number(left)).toBe(1_000);
    expect(head.length / (head.length + tail.length)).toBeCloseTo(0.2, 1);
  });

  test('never passes the cap, never halves a character, and keeps both ends', () => {
    const text = fc
      .array(fc.constantFrom('word ', '\n', '😀', 'é', 'x'.repeat(50)), { maxLength: 300 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 0, max: 3_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (whole, cap, head) => {
          const cut = cutText(whole, cap, { head, hint });
          expect(cut.length).toBeLessThanOrEqual(cap);
          if (whole.length <= cap) expect(cut).toBe(whole);
          else if (cap > 200) {
            const [first = '', last = ''] = cut.split(/\n\n\[\.\.\. .* \.\.\.\]\n\n/);
            expect(half.test(cut)).toBe(false);
            expect(whole.startsWith(first)).toBe(true);
            expect(whole.endsWith(last)).toBe(true);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('halves no character wherever the cut falls', () => {
    for (let cap = 150; cap < 170; cap += 1) expect(cutText('😀'.repeat(200), cap, { hint })).not.toMatch(half);
  });

  test('joins two ends when the middle is gone already', () => {
    expect(joinEnds('first\nsecond\n', 'last but one\nlast', 200, { hint, totalLines: 5_000 })).toBe(
      `first\nsecond\n\n\n[... 4,996 of 5,000 lines left out. ${hint} ...]\n\nlast but one\nlast`,
    );
  });
});

test.each([
  ['\x1b[1;31mred\x1b[0m', 'red'],
  ['\x1b]8;;http://x\x07link\x1b]8;;\x07', 'link'],
  ['10%\r50%\r100%\ndone', '100%\ndone'],
  ['fetching\r', 'fetching'],
  ['a\r\nb\r\r\nc', 'a\nb\nc'],
  ['abc\b\b\bxyz', 'xyz'],
  ['a\0b\0', 'a\nb\n'],
  ['tab\tstays \u0007bell goes', 'tab\tstays bell goes'],
  ['\x1b[2K\x1b[1Gspinner ⠋\r\x1b[Kdone ✓', 'done ✓'],
])('terminalText(%j)', (raw, shown) => {
  expect(terminalText(raw)).toBe(shown);
});
