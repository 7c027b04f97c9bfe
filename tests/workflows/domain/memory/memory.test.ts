import fc from 'fast-check';
import { typeByWords } from '#workflows/domain/memory/kinds.ts';
import { commonTo, confidenceOf, patternOfType } from '#workflows/domain/memory/pattern.ts';
import { withoutPersonalData } from '#workflows/domain/memory/personal-data.ts';
import { fusedScores, standing, usefulness } from '#workflows/domain/memory/rank.ts';
import { errorsIn, insightsIn } from '#workflows/domain/memory/reflect.ts';

test.each([
  ['Fixed login error', 'error_fix'],
  ['We chose SQLite, since the bugs of others do not matter', 'error_fix'],
  ['We chose SQLite over files', 'decision'],
  ['Found out how routes are named', 'learning'],
  ['Be careful with time zones', 'warning'],
  ['The architecture has three layers', 'codebase_knowledge'],
  ['A prefixed name and a debugger', 'discovery'],
  ['', 'discovery'],
])('the first sign in %j makes it %s', (text, type) => {
  expect(typeByWords(text)).toBe(type);
});

describe('reflection', () => {
  test('a feedback names its errors, each type once with what is around it, and one in general words', () => {
    const feedback = `${'x'.repeat(200)} TypeError: a is undefined. Later TypeError again; the build failed.`;
    const errors = errorsIn(feedback);
    expect(errors.map(({ type }) => type)).toEqual(['TypeError', 'generic']);
    expect(errors[0]?.context).toMatch(/^x{99} TypeError: a is undefined\./);
    expect(errors[0]?.context.length).toBeLessThanOrEqual(209);
    expect(errorsIn('')).toEqual([]);
    expect(errorsIn('All went well.')).toEqual([]);
  });

  test('sentences that read like a rule are insights, each once', () => {
    const text =
      'All passed. Always run the migration first. Careful with timezones!\n- I recommend fixtures over mocks.\nAlways run the migration first. Never. It shoulders much.';
    expect(insightsIn(text).map(({ category, content }) => [category, content])).toEqual([
      ['patterns', 'Always run the migration first.'],
      ['gotchas', 'Careful with timezones!'],
      ['best_practices', 'I recommend fixtures over mocks.'],
    ]);
    expect(insightsIn(text).every(({ confidence }) => confidence === 0.7)).toBe(true);
  });
});

describe('rank', () => {
  test('ranks 1 and 2 give 0.016288 with the weights of a hybrid search', () => {
    const scores = fusedScores(['a'], ['b', 'a'], { semantic: 0.6, keyword: 0.4 });
    expect(scores.get('a')).toBeCloseTo(0.016288, 6);
    // What only words find counts as if it stood ten behind the end of the other list.
    expect(scores.get('b')).toBeCloseTo(0.6 / (60 + 11) + 0.4 / 61, 9);
  });

  test('a better rank in one list never lowers a score', () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 8 });
    fc.assert(
      fc.property(ids, ids, (semantic, keyword) => {
        const scores = fusedScores(semantic, keyword, { semantic: 0.6, keyword: 0.4 });
        expect([...scores.keys()].sort()).toEqual([...new Set([...semantic, ...keyword])].sort());
        for (const [i, id] of semantic.entries()) {
          const next = semantic[i + 1];
          if (next && keyword.includes(id) === keyword.includes(next) && !keyword.includes(id))
            expect(scores.get(id)).toBeGreaterThan(scores.get(next) as number);
        }
      }),
    );
  });

  test('three failed uses cost a memory its rank, one does not bury it', () => {
    expect(usefulness({ helped: 0, failed: 0 })).toBe(1);
    expect(usefulness({ helped: 0, failed: 1 })).toBeGreaterThan(0.6);
    expect(usefulness({ helped: 0, failed: 3 })).toBeLessThan(0.5);
    expect(usefulness({ helped: 3, failed: 0 })).toBeGreaterThan(1.5);
  });

  test('a rule fades that nothing supports any more', () => {
    const now = new Date('2026-12-01');
    const rule = { priority: 5, supports: 2, helped: 0, failed: 0 };
    const fresh = standing({ ...rule, confirmed_at: now }, now);
    expect(standing({ ...rule, confirmed_at: new Date('2026-06-04') }, now)).toBeCloseTo(fresh / 2, 5);
    expect(standing({ ...rule, priority: 10, confirmed_at: now }, now)).toBeCloseTo(2 * fresh, 5);
  });
});

describe('patterns', () => {
  test('what half of the samples have in common makes a pattern', () => {
    const sample = (text: string, files: string[]) => ({ text, files, tools: ['bash'], tags: ['write_tests'] });
    expect(
      commonTo([
        sample('Added a migration for invoices', ['prisma/schema.prisma', 'a.ts']),
        sample('Migration of members', ['prisma/schema.prisma']),
        sample('Nothing else', []),
      ]),
    ).toEqual({
      indicators: ['migration', 'bash'],
      recommended_context: { files: ['prisma/schema.prisma'], tags: ['write_tests'] },
    });
  });

  test('five samples are believed half, ten wholly, and the word of people counts within 0 to 1', () => {
    expect([confidenceOf(5), confidenceOf(5, 0.2), confidenceOf(10), confidenceOf(40), confidenceOf(2, -1)]).toEqual([
      0.5, 0.7, 1, 1, 0,
    ]);
    expect(patternOfType('write_tests')).toBe('^write_tests\\M');
    expect(patternOfType('x(y)*')).toBe('^x.y..\\M');
  });
});

test.each([
  ['Ask grace.hopper+x@navy.example.mil first', 'Ask [e-mail] first'],
  ['call +49 30 123456 78 today', 'call [phone] today'],
  ['call 030/1234567 today', 'call 030/1234567 today'.replace('030/1234567', '[phone]')],
  ['call (212) 555-0199 today', 'call [phone] today'],
  ['card 4111 1111 1111 1111 here', 'card [card] here'],
  ['to DE89 3704 0044 0532 0130 00 now', 'to [account] now'],
  ['commit 3f2a9c1d7e on port 8020 in 2026-11-28, v1.2.3', 'commit 3f2a9c1d7e on port 8020 in 2026-11-28, v1.2.3'],
  ['id 12345678-1234-4a23-8456-123456789012', 'id 12345678-1234-4a23-8456-123456789012'],
])('%j keeps no personal data', (text, clean) => {
  expect(withoutPersonalData(text)).toBe(clean);
});
