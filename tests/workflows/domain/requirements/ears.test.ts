import fc from 'fast-check';
import { hasTrigger, keywordOf, lintRequirement, parseEars, renderEars } from '#workflows/domain/requirements/ears.ts';
import type { EarsForm } from '#workflows/domain/requirements/ears.ts';

const subject = 'THE SYSTEM';

describe('[PLAN-11] each EARS form', () => {
  test.each<[EarsForm, string, string, string, string]>([
    ['ubiquitous', 'THE SYSTEM SHALL keep a log', '', 'SHALL', 'keep a log'],
    ['event', 'WHEN a user signs in, THE SYSTEM SHALL greet them', 'a user signs in', 'SHALL', 'greet them'],
    ['state', 'WHILE the store is locked, THE SYSTEM MUST NOT write', 'the store is locked', 'MUST NOT', 'write'],
    ['unwanted', 'IF the disk is full, THEN THE SYSTEM SHOULD stop', 'the disk is full', 'SHOULD', 'stop'],
    [
      'complex',
      'WHILE offline, WHEN a task is added, THE SYSTEM MAY queue it',
      'offline, WHEN a task is added',
      'MAY',
      'queue it',
    ],
    ['optional', 'WHERE mail is set up, THE SYSTEM SHOULD NOT wait', 'mail is set up', 'SHOULD NOT', 'wait'],
  ])('%s round-trips', (form, sentence, condition, keyword, action) => {
    const parts = { form, condition, subject, keyword, action };
    expect(parseEars(sentence)).toEqual(parts);
    expect(renderEars(parts)).toBe(sentence);
  });

  test('commas, further keywords and other spellings do not confuse it', () => {
    expect(parseEars('When a, b or c happens, the system shall log it, and it must stay')).toEqual({
      form: 'event',
      condition: 'a, b or c happens',
      subject: 'the system',
      keyword: 'SHALL',
      action: 'log it, and it must stay',
    });
    expect(parseEars('WHEN a user may, or may not, be known, THE SYSTEM SHALL ask')).toMatchObject({
      condition: 'a user may, or may not, be known',
      keyword: 'SHALL',
    });
    expect(parseEars('WHEN the timer ends THE SYSTEM SHALL stop')).toMatchObject({
      form: 'event',
      condition: 'the timer ends',
      subject,
    });
    expect(parseEars('IF it fails, the API  must\nanswer 500')).toMatchObject({
      form: 'unwanted',
      subject: 'the API',
      keyword: 'MUST',
      action: 'answer 500',
    });
  });

  test('a sentence that demands nothing has no form', () => {
    expect(parseEars('Shallow copy')).toBeUndefined();
    expect(parseEars('WHEN a user signs in, they are greeted')).toBeUndefined();
  });

  test('any parts come back from their sentence', () => {
    const word = fc
      .stringMatching(/^[a-z]{2,8}$/)
      .filter(
        (text) => keywordOf(text) === undefined && !['then', 'when', 'while', 'if', 'where', 'the'].includes(text),
      );
    const words = fc.array(word, { minLength: 1, maxLength: 5 }).map((list) => list.join(' '));
    const keyword = fc.constantFrom('SHALL', 'SHALL NOT', 'MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY');
    const form = fc.constantFrom<EarsForm>('ubiquitous', 'event', 'state', 'unwanted', 'complex', 'optional');
    const parts = fc
      .record({ form, first: words, second: words, subject: words, keyword, action: words })
      .map(({ first, second, ...rest }) => ({
        ...rest,
        condition: rest.form === 'ubiquitous' ? '' : rest.form === 'complex' ? `${first}, WHEN ${second}` : first,
      }));
    fc.assert(fc.property(parts, (ears) => expect(parseEars(renderEars(ears))).toEqual(ears)));
  });
});

describe('[PLAN-11] keywords are whole words', () => {
  test.each([
    ['Shallow copy', undefined],
    ['Add mustard in mayonnaise', undefined],
    ['A must-have', undefined],
    ['The system shall  not stop', 'SHALL NOT'],
    ['Users MAY export', 'MAY'],
  ])('%s', (text, keyword) => {
    expect(keywordOf(text)).toBe(keyword);
  });
});

test('[PLAN-11] a trigger comes first, or later in capitals', () => {
  expect(hasTrigger('where mail is set up, the system shall send')).toBe(true);
  expect(hasTrigger('THE SYSTEM SHALL stop WHEN told')).toBe(true);
  expect(hasTrigger('THE SYSTEM SHALL show where it stopped')).toBe(false);
});

describe('[PLAN-11] lint', () => {
  test.each<[string, number, string[]]>([
    ['WHEN told, THE SYSTEM SHALL stop', 0, []],
    ['THE SYSTEM MAY stop', 0, []],
    ['THE SYSTEM MUST stop', 0, ['MUST without WHEN, WHILE, IF or WHERE']],
    ['WHEN told, THE SYSTEM SHALL stop, sleep etc.', 0, ['"etc" is vague']],
    ['Files will be copied and so on', 1, ['"will be" is vague', '"and so on" is vague']],
    ['It is going to sketch', 1, ['"is going to" is vague']],
  ])('%s', (text, errors, warnings) => {
    expect(lintRequirement(text).errors).toHaveLength(errors);
    expect(lintRequirement(text).warnings).toEqual(warnings);
  });
});
