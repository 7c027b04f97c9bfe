import { phaseIds } from '#workflows/domain/phases/index.ts';
import { parseSubmission, submissionSchema } from '#workflows/domain/phases/submission.ts';
import { examplePhases } from '#tests/support/phases.ts';

const problemsOf = (result: ReturnType<typeof parseSubmission>) => ('problems' in result ? result.problems : []);

describe('[PLAN-08] a submission is checked against the schema of its phase', () => {
  test('a wrong type is refused, naming its field', () => {
    expect(problemsOf(parseSubmission('explore', { tech_stack: 'Node.js' }))).toEqual([
      { pointer: '/tech_stack', message: 'Invalid input: expected array, received string.' },
    ]);
  });

  test('all problems come at once', () => {
    const draft = {
      feature_name: 5,
      tickets: [{ id: 'TKT-001', colour: 'red' }],
      tasks: [
        { title: 'A' },
        { id: 'TSK-002', type: 'magic', estimated_hours: 'many', dependencies: { depends_on: [1] } },
      ],
      'a/b~c': 1,
    };
    expect(problemsOf(parseSubmission('tasks', draft))).toEqual([
      { pointer: '/feature_name', message: 'Invalid input: expected string, received number.' },
      { pointer: '/tickets/0/colour', message: 'There is no such field.' },
      { pointer: '/tasks/0/id', message: 'This field is required.' },
      {
        pointer: '/tasks/1/type',
        message:
          'Invalid option: expected one of "implementation"|"refactor"|"test"|"documentation"|"configuration"|"research".',
      },
      { pointer: '/tasks/1/estimated_hours', message: 'Invalid input: expected number, received string.' },
      { pointer: '/tasks/1/dependencies/depends_on/0', message: 'Invalid input: expected string, received number.' },
      { pointer: '/a~1b~0c', message: 'There is no such field.' },
    ]);
  });

  test('of alternatives, the one that was meant is explained', () => {
    const draft = { testing_strategy: { unit_tests: 'all' }, security_considerations: [4] };
    expect(problemsOf(parseSubmission('design', draft))).toEqual([
      { pointer: '/testing_strategy/unit_tests', message: 'Invalid input: expected array, received string.' },
      { pointer: '/security_considerations/0', message: 'Expected one of: string, record.' },
    ]);
  });

  test('20 problems are listed and the rest is counted', () => {
    const result = parseSubmission('tasks', { tasks: Array.from({ length: 25 }, () => ({})) });
    expect(problemsOf(result)).toHaveLength(20);
    expect(result).toMatchObject({ more: 5 });
  });

  test('null counts as left out', () => {
    expect(parseSubmission('tasks', { feature_name: null, tasks: [{ id: 'TSK-001', priority: null }] })).toHaveProperty(
      'ok',
    );
    expect(problemsOf(parseSubmission('tasks', { tasks: [{ id: null }] }))).toEqual([
      { pointer: '/tasks/0/id', message: 'This field is required.' },
    ]);
  });

  test.each(phaseIds)('%s: an empty answer reaches the gate', (id) => {
    expect(parseSubmission(id, {})).toHaveProperty('ok');
  });

  test.each(phaseIds)('%s: an output is a valid submission again, and stays the same', (id) => {
    const first = parseSubmission(id, examplePhases[id]);
    expect(first).toHaveProperty('ok');
    expect('ok' in first && parseSubmission(id, { ...first.ok })).toEqual(first);
  });
});

test.each(phaseIds)(
  '[PLAN-08] the schema shown for submit_%s has every field of the example and demands none',
  (id) => {
    const schema = submissionSchema(id);
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(schema).not.toHaveProperty('required');
    expect(Object.keys(schema.properties ?? {})).toEqual(['partial', ...Object.keys(examplePhases[id])]);
  },
);
