import { judge } from '#tests/support/phases.ts';

const question = (category: string) => ({ category, questions: ['Why?'] });
const file = { path: 'src/app.js', purpose: 'Entry' };

describe('[PLAN-12] explore', () => {
  test('an empty answer keeps the points of the two lists that may be empty', () => {
    const nothing = {
      codebase_summary: '',
      project_type: '',
      tech_stack: [],
      structure: {},
      key_files: [],
      conventions: {},
      discovery_questions: [],
      feature_summary: {},
      relevant_patterns: [],
      related_to_feature: [],
    };
    expect(judge('explore', nothing).score).toBe(0.08); // .04 + .04
  });

  // 1 less the points each change costs
  test.each<[string, Record<string, unknown>, number]>([
    ['a summary of exactly 50 characters earns half', { codebase_summary: 'x'.repeat(50) }, 0.94], // .12 × .5
    ['a summary of 51 characters earns all', { codebase_summary: 'x'.repeat(51) }, 1],
    ['a type of 5 characters earns nothing', { project_type: 'x'.repeat(5) }, 0.92], // .08
    ['one technology earns half', { tech_stack: ['Node.js'] }, 0.95], // .10 × .5
    ['one area earns half', { structure: { tests: 'test' } }, 0.95], // .10 × .5
    ['two key files earn nothing', { key_files: [file, file] }, 0.85], // .15
    ['two complete key files of three earn two thirds', { key_files: [file, file, { path: 'x' }] }, 0.95], // .15 × 1/3
    ['three complete key files of four earn all', { key_files: [file, file, file, { path: 'x' }] }, 1],
    ['conventions earn a third each', { conventions: { naming: 'camelCase' } }, 0.9333], // .10 × 2/3
    [
      'three categories of five earn three fifths',
      {
        discovery_questions: [
          question('Problem & Value'),
          question('users and journeys'),
          question('Technical Context'),
        ],
      },
      0.94,
    ], // .15 × 2/5
    [
      'two groups of questions earn half',
      { discovery_questions: [question('Problem & Value'), question('Technical Context')] },
      0.925,
    ], // .15 × .5
    [
      'three groups of unknown categories earn nothing',
      { discovery_questions: [question('A'), question('B'), question('C')] },
      0.85,
    ], // .15
    [
      'a category without a question is not covered',
      {
        discovery_questions: [
          question('Problem & Value'),
          question('Technical Context'),
          { category: 'Users & Journeys', questions: [] },
        ],
      },
      0.91,
    ], // .15 × 3/5
    ['the feature earns a quarter each', { feature_summary: { name: 'Export', scope_in: ['CSV'] } }, 0.94], // .12 × 2/4
    ['prose instead of a list of patterns earns half', { relevant_patterns: 'routers' }, 0.98], // .04 × .5
    ['prose instead of a list of related code earns half', { related_to_feature: 'listTasks' }, 0.98], // .04 × .5
  ])('%s', (_title, changes, score) => {
    expect(judge('explore', changes).score).toBe(score);
  });
});
