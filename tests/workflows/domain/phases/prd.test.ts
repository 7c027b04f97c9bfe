import { examplePhases, judge } from '#tests/support/phases.ts';

const [story] = examplePhases.prd.user_stories;

describe('[PLAN-12] prd', () => {
  test('an empty answer keeps what none earns', () => {
    const nothing = Object.fromEntries(
      ['overview', 'goals', 'users', 'scope', 'constraints'].map((field) => [field, {}]),
    );
    const lists = Object.fromEntries(
      ['user_stories', 'assumptions', 'risks', 'open_questions'].map((field) => [field, []]),
    );
    // assumptions .03 × .5, risks .05 × .3, open_questions .02
    expect(judge('prd', { ...nothing, ...lists }).score).toBe(0.05);
  });

  test.each<[string, Record<string, unknown>, number]>([
    [
      'the overview earns a quarter each',
      {
        overview: {
          feature_name: 'X',
          one_liner: 'Y',
          problem_statement: 'p'.repeat(30),
          solution_summary: 's'.repeat(31),
        },
      },
      0.9625,
    ], // .15 × 1/4
    [
      'secondary goals are worth half a part of two and a half',
      { goals: { ...examplePhases.prd.goals, secondary: [] } },
      0.97,
    ], // .15 × .5/2.5
    ['a missing metric costs a whole part', { goals: { ...examplePhases.prd.goals, success_metrics: [] } }, 0.94], // .15 × 1/2.5
    [
      'users without description do not count',
      { users: { primary: [{ role: 'A', description: 'B' }, { role: 'C' }] } },
      0.95,
    ], // .10 × 1/2
    ['secondary users alone earn nothing', { users: { secondary: ['A'] } }, 0.9], // .10
    ['no stories cost all three criteria', { user_stories: [] }, 0.65], // .20 + .05 + .10
    ['a story without benefit is incomplete', { user_stories: [story, { ...story, id: 'US-002', benefit: '' }] }, 0.9], // .20 × 1/2
    ['a story id of another form', { user_stories: [story, { ...story, id: 'STORY-2' }] }, 0.975], // .05 × 1/2
    ['a story without criteria', { user_stories: [story, { ...story, id: 'US-002', acceptance_criteria: [] }] }, 0.95], // .10 × 1/2
    ['scope without what is out', { scope: { in_scope: ['A'], dependencies: ['B'] } }, 0.96], // .10 × 1/2.5
    ['scope without dependencies', { scope: { in_scope: ['A'], out_of_scope: ['B'] } }, 0.98], // .10 × .5/2.5
    ['no assumptions earn half', { assumptions: [] }, 0.985], // .03 × .5
    ['business constraints are worth a third', { constraints: { technical: ['A'] } }, 0.9833], // .05 × .5/1.5
    ['no risks earn three tenths', { risks: [] }, 0.965], // .05 × .7
    [
      'a risk without impact does not count',
      { risks: [{ description: 'A' }, { description: 'B', impact: 'high' }] },
      0.975,
    ], // .05 × 1/2
    ['open questions as prose earn half', { open_questions: 'none' }, 0.99], // .02 × .5
  ])('%s', (_title, changes, score) => {
    expect(judge('prd', changes).score).toBe(score);
  });
});

test('[PLAN-13] a story id that occurs twice fails the PRD', () => {
  const { passed, vetoes } = judge('prd', { user_stories: [story, story] });
  expect(passed).toBe(false);
  expect(vetoes).toEqual([
    { code: 'duplicate_id', message: 'The story id US-001 occurs more than once.', ids: ['US-001'] },
  ]);
});
