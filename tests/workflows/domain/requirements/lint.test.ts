import fc from 'fast-check';
import { keywordOf, locateEars } from '#workflows/domain/requirements/ears.ts';
import { lintRequirement } from '#workflows/domain/requirements/lint.ts';

const found = (text: string) =>
  lintRequirement(text).map(({ code, start, end }) =>
    end - start === text.length ? code : `${code}: ${text.slice(start, end)}`,
  );

describe('[PLAN-11] each fault of wording is found where it stands', () => {
  test.each<[string, string[]]>([
    ['WHEN told, THE SYSTEM SHALL stop', []],
    ['THE SYSTEM MAY stop', []],
    ['THE SYSTEM MUST stop', ['no_trigger']],
    ['Files will be copied and so on', ['no_keyword', 'vague: will be', 'vague: and so on']],
    ['It is going to sketch', ['no_keyword', 'vague: is going to']],
    ['WHEN told, THE SYSTEM SHALL stop, sleep etc.', ['vague: etc']],
    ['WHEN told, THE SYSTEM SHALL stop and SHALL log it', ['two_demands: SHALL']],
    ['WHEN told, THE SYSTEM SHALL log it, and it must stay', ['two_demands: must']],
    ['WHEN told, THE SYSTEM SHALL let users decide what they may see', []],
    ['WHEN a form is sent, the file SHALL be saved', ['no_actor: be saved']],
    ['WHEN a form is sent, the file SHALL be saved by the server', []],
    ['WHEN a form is sent, the file SHALL be saved by 09:00', ['no_actor: be saved']],
    ['WHEN idle, THE SYSTEM SHALL be able to stop', []],
    ['WHEN asked, THE SYSTEM SHALL answer fast', ['not_measurable: fast']],
    ['WHEN asked, THE SYSTEM SHALL answer as fast as possible', ['not_measurable: as fast as possible']],
    ['WHEN asked, THE SYSTEM SHALL answer within 200 ms', []],
    ['WHEN asked, THE SYSTEM SHALL, where possible, stop', ['escape_clause: where possible']],
    ['WHEN asked, THE SYSTEM SHALL show an intuitive page', ['vague: intuitive']],
    ['WHEN asked, THE SYSTEM SHALL show "many, etc." and `fast`', []],
    ['WHEN asked, THE SYSTEM SHALL breakfast', []],
  ])('%s', (text, codes) => {
    expect(found(text)).toEqual(codes);
  });
});

test('[PLAN-11] English words judge English sentences only', () => {
  const words = { MUST: ['muss'], WHEN: ['wenn'] };
  expect(lintRequirement('WENN fast voll, MUSS das System warnen', words)).toEqual([]);
  expect(lintRequirement('Das System muss warnen', words)).toMatchObject([{ code: 'no_trigger' }]);
});

test('[PLAN-11] whatever is typed, findings lie inside it, and parts are cut from it', () => {
  const word = fc.constantFrom(
    'WHEN',
    'while',
    'SHALL',
    'must not',
    'may',
    'THE SYSTEM',
    'be saved',
    'by',
    ',',
    'etc',
    '"',
    'é',
    '\n',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 12 }).map((list) => list.join(' ')),
  );
  fc.assert(
    fc.property(text, (sentence) => {
      for (const { start, end } of lintRequirement(sentence)) {
        expect(start).toBeLessThanOrEqual(end);
        expect(end).toBeLessThanOrEqual(sentence.length);
      }
      expect(lintRequirement(sentence).some(({ severity }) => severity === 'error')).toBe(
        keywordOf(sentence.replace(/`[^`]*`|"[^"]*"|“[^”]*”/g, ' ')) === undefined,
      );
      const located = locateEars(sentence);
      for (const [part, { start, end }] of Object.entries(located?.places ?? {}))
        if (part === 'action' || part === 'subject')
          expect(sentence.slice(start, end).replace(/\s+/g, ' ').trim()).toBe(located?.ears[part]);
    }),
  );
});

test('[PLAN-11] a sentence of 2,000 characters is judged at once', () => {
  for (const text of [`WHEN ${'a, '.repeat(600)} THE SYSTEM`, `WHILE ${'the system '.repeat(180)}`])
    expect(lintRequirement(text)).toMatchObject([{ code: 'no_keyword' }]);
});
