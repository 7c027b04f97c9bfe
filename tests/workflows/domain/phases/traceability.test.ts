import { traceability } from '#workflows/domain/phases/traceability.ts';
import { exampleOutput, examplePhases } from '#tests/support/phases.ts';

const { tickets, tasks } = examplePhases.tasks;
const requirements = exampleOutput('requirements');
const statuses = (changes: Record<string, unknown>) =>
  traceability(requirements, exampleOutput('tasks', changes)).matrix.map((row) => row.status);

describe('[PLAN-14] the matrix of requirements, tasks and tickets', () => {
  test('names what covers each requirement', () => {
    expect(traceability(requirements, exampleOutput('tasks'))).toEqual({
      matrix: [
        {
          requirement_id: 'REQ-EXPORT-FUNC-001',
          requirement_title: 'Export tasks as CSV',
          covered_by_tasks: ['TSK-001', 'TSK-003'],
          covered_by_tickets: ['TKT-001', 'TKT-002'],
          status: 'fully_covered',
          coverage_notes: '',
        },
        {
          requirement_id: 'REQ-EXPORT-SEC-001',
          requirement_title: 'Escape spreadsheet formulas',
          covered_by_tasks: ['TSK-002'],
          covered_by_tickets: ['TKT-001'],
          status: 'fully_covered',
          coverage_notes: '',
        },
      ],
      coverage_percent: 100,
      orphans: { tasks: [], tickets: [] },
      warnings: [],
    });
  });

  test('without its task, a requirement that a ticket names is covered in part', () => {
    const changed = traceability(
      requirements,
      exampleOutput('tasks', { tasks: tasks.filter((task) => task.id !== 'TSK-002') }),
    );
    expect(changed.matrix[1]).toMatchObject({
      status: 'partially_covered',
      covered_by_tasks: [],
      covered_by_tickets: ['TKT-001'],
    });
    expect(changed.coverage_percent).toBe(75); // (1 + ½) / 2
    expect(changed.warnings).toEqual([
      'Only 75 % of the requirements are covered.',
      'Covered in part only: REQ-EXPORT-SEC-001.',
    ]);
  });

  test('without ticket and task it is not covered', () => {
    const [, second] = tickets;
    const changed = traceability(
      requirements,
      exampleOutput('tasks', { tickets: [second], tasks: tasks.filter((task) => task.id === 'TSK-003') }),
    );
    expect(changed.matrix.map((row) => row.status)).toEqual(['fully_covered', 'not_covered']);
    expect(changed.coverage_percent).toBe(50);
  });

  test('a task of no ticket covers in part, one that a ticket lists covers fully', () => {
    const withoutParent = tasks.map((task) => ({ ...task, parent_ticket: '' }));
    expect(statuses({ tasks: withoutParent })).toEqual(['fully_covered', 'fully_covered']);
    expect(statuses({ tasks: withoutParent, tickets: [] })).toEqual(['partially_covered', 'partially_covered']);
  });

  test('tasks without a known requirement and tickets without a task are orphans', () => {
    const [first, ...others] = tasks;
    const changed = {
      tickets: [...tickets, { id: 'TKT-003' }],
      tasks: [{ ...first, requirements_addressed: ['REQ-NO-FUNC-001'] }, ...others],
    };
    expect(traceability(requirements, exampleOutput('tasks', changed)).orphans).toEqual({
      tasks: ['TSK-001'],
      tickets: ['TKT-003'],
    });
  });

  test('either side may be missing', () => {
    expect(traceability(undefined, undefined)).toEqual({
      matrix: [],
      coverage_percent: 0,
      orphans: { tasks: [], tickets: [] },
      warnings: [],
    });
    expect(traceability(requirements, undefined).matrix.map((row) => row.status)).toEqual([
      'not_covered',
      'not_covered',
    ]);
  });
});
