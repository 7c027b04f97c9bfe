import fc from 'fast-check';
import { cutEnd, cutStart, storableJson, storableText, storableValue, textFlaw } from '#workflows/domain/text.ts';

/** Texts with whole pairs, half pairs, NULs, backslashes and what looks like an escape. */
const pieces = fc.constantFrom(
  'a',
  '\u{1F680}',
  '\ud83d',
  '\ude80',
  '\0',
  '\\',
  '\\u0000',
  '\\ud83d',
  'u0000',
  '"',
  'ü',
);
const texts = fc.array(pieces, { maxLength: 12 }).map((list) => list.join(''));
const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0');

test('text becomes storable, keeps its length, and clean text stays the same', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const clean = storableText(text);
      expect(isStorable(clean)).toBe(true);
      expect(clean).toHaveLength(text.length);
      if (isStorable(text)) expect(clean).toBe(text);
      expect(textFlaw(text) === undefined).toBe(isStorable(text));
    }),
  );
});

test('a JSON text means the same as its cleaned value', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(texts, texts)), (value) => {
      expect(JSON.parse(storableJson(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(storableValue(value))));
    }),
  );
  expect(storableJson(String.raw`{"a":"\\u0000 \u0000 \\\ud83d \ud83d\ude80"}`)).toBe(
    String.raw`{"a":"\\u0000 \ufffd \\\ufffd \ud83d\ude80"}`,
  );
});

test('a clean value is returned as it is, and a flaw is named by its place', () => {
  const clean = { list: [{ text: '\u{1F680}', at: new Date(0), none: null }] };
  expect(storableValue(clean)).toBe(clean);
  expect(textFlaw(clean)).toBeUndefined();
  expect(textFlaw({ items: ['a', { text: 'x\0' }] })).toEqual({
    path: ['items', '1', 'text'],
    problem: 'a NUL character',
  });
  expect(textFlaw({ title: 'x\ud83d' })?.problem).toContain('half of a character');
  expect(storableValue({ 'a\0': [{ b: '\ude80' }, 1] })).toEqual({ 'a\uFFFD': [{ b: '\uFFFD' }, 1] });
});

test('a cut never leaves half of a character', () => {
  fc.assert(
    fc.property(texts.map(storableText), fc.nat(15), (text, length) => {
      for (const part of [cutStart(text, length), cutEnd(text, length)]) {
        expect(part.isWellFormed()).toBe(true);
        expect(part.length).toBeLessThanOrEqual(length);
        expect(part.length).toBeGreaterThanOrEqual(Math.min(text.length, length) - 1);
      }
      expect(text.startsWith(cutStart(text, length)) && text.endsWith(cutEnd(text, length))).toBe(true);
    }),
  );
});
