import { designChanges, designDraft, designSections } from '../../web/app/lib/design-draft.ts';
import { fieldProblem } from '../../web/app/lib/field-problem.ts';
import { newTask, taskChanges, taskDraft } from '../../web/app/lib/task-draft.ts';
import { design } from '#workflows/domain/phases/design.ts';
import { tasks } from '#workflows/domain/phases/tasks.ts';

const plan = design.schema.parse({
  feature_name: 'Export',
  architecture_overview: 'One route.',
  components: [{ name: 'Csv', type: 'module', responsibility: 'Writes rows', interfaces: [{ method: 'write' }] }],
  data_models: [{ name: 'Row', fields: { id: 'number' }, indexes: ['id'] }],
  error_handling: { 'no rows': 'an empty file', codes: { empty: 204 } },
  testing_strategy: { unit_tests: ['escapes commas'], integration_tests: [] },
  security_considerations: ['Formulas are escaped.', { risk: 'size' }],
});

describe('the forms of what waits at a gate', () => {
  test.each(designSections)('an untouched %s of a design changes nothing', (section) => {
    const draft = designDraft(plan, section);
    expect(designChanges(draft, section, structuredClone(draft))).toEqual({});
  });

  test('a section sends the parts that changed, and keeps what its form does not show', () => {
    const parts = designDraft(plan, 'components');
    const renamed = { ...parts, rows: [{ ...parts.rows[0]!, values: { ...parts.rows[0]!.values, name: 'Writer' } }] };
    expect(designChanges(parts, 'components', renamed)).toEqual({
      components: [{ ...plan.components[0], name: 'Writer' }],
    });
    const data = designDraft(plan, 'data');
    const typed = {
      ...data,
      rows: [{ ...data.rows[0]!, values: { ...data.rows[0]!.values, fields: 'id: text\nat: date' } }],
    };
    expect(designChanges(data, 'data', typed)).toEqual({
      data_models: [{ ...plan.data_models[0], fields: { id: 'text', at: 'date' } }],
    });
    const safety = designDraft(plan, 'safety');
    expect(safety.texts.security_considerations).toBe('Formulas are escaped.\n{"risk":"size"}');
    const texts = {
      ...safety.texts,
      error_handling: 'no rows: nothing\ncodes: {"empty":204}\n\n',
      integration_tests: 'answers 200',
      security_considerations: `${safety.texts.security_considerations}\nLimits: 10 MB`,
    };
    expect(designChanges(safety, 'safety', { ...safety, texts })).toEqual({
      error_handling: { 'no rows': 'nothing', codes: { empty: 204 } },
      testing_strategy: { unit_tests: ['escapes commas'], integration_tests: ['answers 200'] },
      security_considerations: ['Formulas are escaped.', { risk: 'size' }, 'Limits: 10 MB'],
    });
  });

  test('a task sends the fields that changed alone, its lists by line and comma', () => {
    const [task] = tasks.schema.parse({
      tasks: [
        {
          id: 'TSK-001',
          title: 'Csv',
          description: 'Write it.',
          parent_ticket: 'TKT-001',
          depends_on: [],
          files_to_create: ['a.js'],
        },
      ].map(({ depends_on, ...rest }) => ({ ...rest, dependencies: depends_on })),
    }).tasks;
    const before = taskDraft(task);
    expect(taskChanges(before, { ...before })).toEqual({});
    expect(
      taskChanges(before, {
        ...before,
        depends_on: 'TSK-002, TSK-003',
        files_to_create: 'a.js\n b.js \n',
        criteria: [
          { text: 'It answers', check: ' npm test ' },
          { text: ' ', check: '' },
        ],
      }),
    ).toEqual({
      depends_on: ['TSK-002', 'TSK-003'],
      files_to_create: ['a.js', 'b.js'],
      acceptance_criteria: [{ text: 'It answers', check: 'npm test' }],
    });
    expect(newTask({ ...taskDraft(undefined, 'TKT-001'), title: ' A ', description: 'B' })).toMatchObject({
      title: 'A',
      parent_ticket: 'TKT-001',
      priority: 'MEDIUM',
      estimated_hours: 2,
    });
  });

  test('a refusal is found at its field, however deep it is', () => {
    const error = { details: [{ field: 'tasks.0.estimated_hours', message: 'must be at least 0' }] };
    expect(fieldProblem(error, 'estimated_hours', 'Hours')).toBe('Hours must be at least 0.');
    expect(fieldProblem(error, 'hours', 'Hours')).toBeUndefined();
  });
});
