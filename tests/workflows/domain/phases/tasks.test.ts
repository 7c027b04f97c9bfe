import { exampleOutput, exampleOutputs, examplePhases, judge } from '#tests/support/phases.ts';

const { tickets, tasks } = examplePhases.tasks;
const [firstTask, secondTask, thirdTask] = tasks;
const [firstTicket, secondTicket] = tickets;

/** The example's tasks, the third one changed. */
const withThird = (changes: Record<string, unknown>) => ({
  tasks: [firstTask, secondTask, { ...thirdTask, ...changes }],
});
const codes = (changes: Record<string, unknown>) => judge('tasks', changes).vetoes.map((veto) => veto.code);
const messages = (changes: Record<string, unknown>) => judge('tasks', changes).vetoes.map((veto) => veto.message);

describe('[PLAN-12] tasks', () => {
  test.each<[string, Record<string, unknown>, number]>([
    ['no tasks earn nothing at all', { tasks: [] }, 0],
    ['no feature name earns half', { feature_name: '' }, 0.985], // .03 × .5
    [
      'a ticket without priority is incomplete',
      { tickets: [firstTicket, { ...secondTicket, priority: undefined }] },
      0.94,
    ], // .12 × 1/2
    [
      'a ticket without a task is incomplete',
      { tickets: [...tickets, { id: 'TKT-003', title: 'A', description: 'B', priority: 'LOW' }] },
      0.96,
    ], // .12 × 1/3
    ['no tickets earn half of tickets and of parents', { tickets: [] }, 0.88], // .12 × .5 + .12 × .5
    ['a task without type is incomplete', withThird({ type: undefined }), 0.95], // .15 × 1/3
    ['4 hours are atomic', withThird({ estimated_hours: 4 }), 1],
    ['5 hours are not', withThird({ estimated_hours: 5 }), 0.96], // .12 × 1/3
    ['0 hours are not', withThird({ estimated_hours: 0 }), 0.96],
    ['a task id of another form', { ...withThird({ id: 'TASK-3' }), critical_path: ['TSK-001'] }, 0.9833], // .05 × 1/3
    ['a task without files', withThird({ files_to_create: [], files_to_modify: [] }), 0.9733], // .08 × 1/3
    ['an unknown parent', withThird({ parent_ticket: 'TKT-009' }), 0.96], // .12 × 1/3
    ['a cycle', { tasks: [{ ...firstTask, dependencies: { depends_on: ['TSK-003'] } }, secondTask, thirdTask] }, 0.85], // .15
    ['one unknown dependency costs a fifth', withThird({ dependencies: ['TSK-009'] }), 0.984], // .08 × .2
    [
      'six unknown dependencies cost no more than all',
      withThird({ dependencies: ['A', 'B', 'C', 'D', 'E', 'F'] }),
      0.92,
    ], // .08
    ['no critical path earns half', { critical_path: [] }, 0.975], // .05 × .5
    ['a critical path of unknown tasks earns half', { critical_path: ['TSK-001', 'TSK-009'] }, 0.975],
    ['no total earns half', { total_estimated_hours: 0 }, 0.975], // .05 × .5
  ])('%s', (_title, changes, score) => {
    expect(judge('tasks', changes).score).toBe(score);
  });
});

describe('[PLAN-13] a plan that cannot be carried out fails whatever its score', () => {
  test('a cycle is named as a path', () => {
    const { score, passed, vetoes } = judge('tasks', {
      tasks: [{ ...firstTask, dependencies: { depends_on: ['TSK-003'] } }, secondTask, thirdTask],
    });
    expect({ score, passed }).toEqual({ score: 0.85, passed: false });
    expect(vetoes).toEqual([
      {
        code: 'cycle',
        message: 'Tasks wait for each other: TSK-001 -> TSK-003 -> TSK-001.',
        ids: ['TSK-001', 'TSK-003'],
      },
    ]);
  });

  test('a cycle is seen in a plain list of dependencies, and in blocks', () => {
    const cycle = 'Tasks wait for each other: TSK-001 -> TSK-003 -> TSK-001.';
    expect(messages({ tasks: [{ ...firstTask, dependencies: ['TSK-003'] }, secondTask, thirdTask] })).toEqual([cycle]);
    expect(messages(withThird({ dependencies: { depends_on: ['TSK-001', 'TSK-002'], blocks: ['TSK-001'] } }))).toEqual([
      cycle,
    ]);
  });

  test('a task that depends on itself is a cycle', () => {
    expect(messages(withThird({ dependencies: ['TSK-003'] }))).toEqual([
      'Tasks wait for each other: TSK-003 -> TSK-003.',
    ]);
  });

  test('tickets may not wait for each other either', () => {
    expect(
      messages({ tickets: [{ ...firstTicket, dependencies: { blocked_by: ['TKT-002'] } }, secondTicket] }),
    ).toEqual(['Tickets wait for each other: TKT-001 -> TKT-002 -> TKT-001.']);
  });

  test('tasks and tickets that contradict each other are a cycle', () => {
    const reversed = {
      tickets: [
        { ...firstTicket, dependencies: ['TKT-002'] },
        { ...secondTicket, dependencies: {} },
      ],
    };
    expect(messages(reversed)).toEqual([
      'Tasks, by the order of their tickets, wait for each other: TSK-001 -> TSK-003 -> TSK-001.',
    ]);
  });

  test('a circle of tickets that arises from their tasks is named as a path', () => {
    const fourth = { ...thirdTask, id: 'TSK-004', dependencies: { depends_on: ['TSK-002'], blocks: [] } };
    const tasks = [
      { ...firstTask, dependencies: { depends_on: ['TSK-003'], blocks: [] } },
      secondTask,
      { ...thirdTask, dependencies: { depends_on: [], blocks: [] } },
      fourth,
    ];
    const tickets = [
      { ...firstTicket, dependencies: {} },
      { ...secondTicket, dependencies: {}, tasks: ['TSK-003', 'TSK-004'] },
    ];
    expect(messages({ tickets, tasks })).toEqual([
      'Tickets, by the order of their tasks, wait for each other: TKT-001 -> TKT-002 -> TKT-001.',
    ]);
    const blocking = [
      { ...firstTask, dependencies: {} },
      { ...secondTask, dependencies: { depends_on: [], blocks: ['TSK-004'] } },
      { ...thirdTask, dependencies: { depends_on: [], blocks: ['TSK-001'] } },
      { ...fourth, dependencies: {} },
    ];
    expect(messages({ tickets, tasks: blocking })).toEqual([
      'Tickets, by the order of their tasks, wait for each other: TKT-001 -> TKT-002 -> TKT-001.',
    ]);
  });

  test('an unknown dependency, parent, requirement or listed task is named', () => {
    expect(messages(withThird({ dependencies: ['TSK-009'] }))).toEqual([
      'TSK-003 depends on or blocks TSK-009, which does not exist.',
    ]);
    expect(messages(withThird({ parent_ticket: 'TKT-009' }))).toEqual([
      'TSK-003 belongs to TKT-009, which does not exist.',
    ]);
    expect(messages(withThird({ requirements_addressed: ['REQ-NO-FUNC-001'] }))).toEqual([
      'TSK-003 addresses REQ-NO-FUNC-001, which does not exist.',
    ]);
    expect(messages({ tickets: [firstTicket, { ...secondTicket, requirements: ['REQ-NO-FUNC-001'] }] })).toEqual([
      'TKT-002 names REQ-NO-FUNC-001, which does not exist.',
    ]);
    expect(messages({ tickets: [firstTicket, { ...secondTicket, tasks: ['TSK-003', 'TSK-009'] }] })).toEqual([
      'TKT-002 lists TSK-009, which does not exist.',
    ]);
    expect(messages({ tickets: [firstTicket, { ...secondTicket, dependencies: ['TKT-009'] }] })).toEqual([
      'TKT-002 depends on or blocks TKT-009, which does not exist.',
    ]);
  });

  test('a duplicate id is named', () => {
    expect(judge('tasks', { tasks: [...tasks, thirdTask] }).vetoes).toEqual([
      { code: 'duplicate_id', message: 'The id TSK-003 occurs more than once.', ids: ['TSK-003'] },
    ]);
  });

  test('a requirement that nothing covers is named', () => {
    const uncovered = {
      tickets: [{ ...firstTicket, requirements: [] }, secondTicket],
      tasks: [firstTask, { ...secondTask, requirements_addressed: [] }, thirdTask],
    };
    expect(judge('tasks', uncovered).vetoes).toEqual([
      {
        code: 'uncovered_requirement',
        message: 'No task or ticket covers REQ-EXPORT-SEC-001.',
        ids: ['REQ-EXPORT-SEC-001'],
      },
    ]);
  });

  test('[PLAN-14] an empty ticket, a task without ticket, 80 hours or no task at all are no plan', () => {
    expect(codes({ tickets: [...tickets, { id: 'TKT-003' }] })).toEqual(['empty_ticket']);
    expect(
      codes({ tickets: [firstTicket, { ...secondTicket, tasks: [] }], ...withThird({ parent_ticket: '' }) }),
    ).toEqual(['empty_ticket', 'task_without_ticket']);
    expect(codes(withThird({ estimated_hours: 75.99 }))).toEqual([]); // with 3 and 1: 79.99
    expect(codes(withThird({ estimated_hours: 76 }))).toEqual(['too_large']);
    expect(codes({ tasks: [], tickets: [] })).toEqual(['no_tasks', 'uncovered_requirement', 'uncovered_requirement']);
  });

  describe('the files of the plan', () => {
    const file = 'src/shared.ts';
    const plan = (first: Record<string, unknown>, second: Record<string, unknown>) => ({
      tasks: [{ ...firstTask, ...first }, { ...secondTask, ...second }, thirdTask],
    });
    const alone = { dependencies: {} };

    test.each([
      [
        'both create',
        { ...alone, files_to_create: [file] },
        { ...alone, files_to_create: [`./${file}`] },
        'creates too',
      ],
      [
        'one changes what the other creates',
        { ...alone, files_to_create: [file] },
        { ...alone, files_to_modify: [file] },
        'changes',
      ],
    ])('two tasks that may run at once: %s', (_name, first, second, verb) => {
      const [message = '', ...others] = messages(plan(first, second));
      expect(others).toEqual([]);
      expect(message).toMatch(new RegExp(`may run at once.* creates ${file}.*${verb}`));
    });

    test.each([
      [
        'one after the other',
        { ...alone, files_to_create: [file] },
        { dependencies: ['TSK-001'], files_to_modify: [file] },
      ],
      ['both change', { ...alone, files_to_modify: [file] }, { ...alone, files_to_modify: [file] }],
      ['a pattern', { ...alone, files_to_create: ['src/**'] }, { ...alone, files_to_create: ['src/**'] }],
    ])('nothing is wrong: %s', (_name, first, second) => {
      expect(messages(plan(first, second))).toEqual([]);
    });

    test('a file to change exists at the base, or a task creates it', () => {
      const vetoes = (paths: string[]) =>
        judge('tasks', plan(alone, { dependencies: ['TSK-001'], files_to_modify: [file, 'docs/'] }), undefined, paths)
          .vetoes;
      expect(vetoes(['src/app.js'])).toEqual([
        {
          code: 'missing_file',
          message: `TSK-002 changes ${file}, which does not exist and which no task creates.`,
          ids: ['TSK-002'],
        },
      ]);
      expect(vetoes(['src/app.js', file])).toEqual([]);
    });
  });

  test('without requirements nothing is demanded of them', () => {
    const { requirements: _, ...prior } = exampleOutputs();
    expect(judge('tasks', {}, prior).vetoes).toEqual([]);
  });
});

describe('[PLAN-08] the shapes of a plan', () => {
  test('dependencies come as an object or as a list', () => {
    const plan = exampleOutput('tasks', {
      ...withThird({ dependencies: ['TSK-001'] }),
      tickets: [firstTicket, { ...secondTicket, dependencies: ['TKT-001'] }],
    });
    expect(plan.tasks[2]?.dependencies).toEqual({ depends_on: ['TSK-001'], blocks: [] });
    expect(plan.tickets[1]?.dependencies).toEqual({ blocked_by: ['TKT-001'], blocks: [] });
  });

  test('numbers may be text and words may be in any case', () => {
    const plan = exampleOutput(
      'tasks',
      withThird({ estimated_hours: '2.5', type: 'Test', priority: 'high', estimate: 'm' }),
    );
    expect(plan.tasks[2]).toMatchObject({ estimated_hours: 2.5, type: 'test', priority: 'HIGH', estimate: 'M' });
  });
});
