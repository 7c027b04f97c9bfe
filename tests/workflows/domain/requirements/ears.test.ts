import fc from 'fast-check';
import { hasTrigger, keywordOf, locateEars, parseEars, renderEars } from '#workflows/domain/requirements/ears.ts';
import type { Ears, EarsForm } from '#workflows/domain/requirements/ears.ts';
import { keywords, type EarsWords } from '#workflows/domain/requirements/words.ts';

const subject = 'THE SYSTEM';

describe('[PLAN-11] each EARS form', () => {
  test.each<[EarsForm, string, string, Ears['keyword'], string]>([
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
    const keyword = fc.constantFrom(...keywords);
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

const german: EarsWords = {
  WHEN: ['wenn', 'sobald'],
  WHILE: ['solange'],
  IF: ['falls'],
  THEN: ['dann'],
  MUST: ['muss'],
  'MUST NOT': ['darf nicht'],
  SYSTEM: ['das System'],
};

describe('[PLAN-11] a project may word requirements in its language', () => {
  test.each([
    ['Sobald ein Nutzer sich anmeldet, muss das System ihn grüßen', 'event', 'das System', 'MUST', 'ihn grüßen'],
    ['FALLS die Platte voll ist, DANN DARF das Gerät NICHT schreiben', undefined, '', '', ''],
    ['Solange gesperrt ist, das System darf nicht schreiben', 'state', 'das System', 'MUST NOT', 'schreiben'],
    ['WHEN told, THE SYSTEM SHALL stop', 'event', 'THE SYSTEM', 'SHALL', 'stop'],
  ])('%s', (sentence, form, subject, keyword, action) => {
    const parts = parseEars(sentence, german);
    if (form) expect(parts).toMatchObject({ form, subject, keyword, action });
    else expect(parts).toBeUndefined();
  });

  test('its words end where words of its alphabet end', () => {
    expect(keywordOf('Das mußte so sein', { MUST: ['muß'] })).toBeUndefined();
    expect(hasTrigger('Wennschon, das System muss', german)).toBe(false);
  });
});

test('[PLAN-11] the parts of a sentence are found where they stand', () => {
  const sentence = '  WHEN a user\n signs in,  THE SYSTEM SHALL  NOT ask twice ';
  const { ears, places } = locateEars(sentence)!;
  const cut = (part: keyof typeof places) => sentence.slice(places[part]?.start, places[part]?.end);
  expect(ears).toMatchObject({ condition: 'a user signs in', keyword: 'SHALL NOT' });
  expect([cut('condition'), cut('subject'), cut('keyword'), cut('action')]).toEqual([
    'a user\n signs in',
    'THE SYSTEM',
    'SHALL  NOT',
    'ask twice',
  ]);
});
