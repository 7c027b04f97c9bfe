import fc from 'fast-check';
import type { BoardPlan } from '#workflows/domain/phases/board.ts';
import { foldTwins } from '#workflows/domain/phases/twins.ts';
import { findCycle } from '#workflows/domain/tasks/graph.ts';

type Task = BoardPlan['tasks'][number];

const task = (id: string, words: Partial<Task> & { description: string }): Task => ({
  local_id: id,
  ticket: 'TKT-001',
  title: 'Task',
  task_type: 'implement_feature',
  phase_id: 'PHASE_IMPLEMENTATION',
  priority: 'MEDIUM',
  depends_on: [],
  owned_files: [`${id}.ts`],
  criteria: [{ id: `${id}.1`, text: `${id} works` }],
  requirements: [],
  estimated_hours: 1,
  analysis: {},
  ...words,
});
const taskId = (at: number) => `TSK-${String(at).padStart(3, '0')}`;
const requirement = (key: string, text: string): BoardPlan['requirements'][number] => ({
  key,
  title: key,
  type: 'functional',
  category: 'FUNC',
  priority: 'HIGH',
  text,
  condition: null,
  action: null,
  linked_design: null,
  criteria: [{ key: `${key}.1`, text: `${key} holds` }],
});
const ticket = (id: string, description = id): BoardPlan['tickets'][number] => ({
  local_id: id,
  title: 'Ticket',
  description,
  priority: 'HIGH',
  blocked_by: [],
  context: {},
});

test('[DEDUP-03] what a plan says twice is done once, and nothing of the twin is lost', () => {
  const { plan, twins } = foldTwins({
    requirements: [
      requirement('REQ-A', 'WHEN asked, THE SYSTEM SHALL stop'),
      requirement('REQ-B', 'when  asked, the system shall STOP'),
    ],
    tickets: [ticket('TKT-001', 'Export'), ticket('TKT-002', 'export ')],
    tasks: [
      task('TSK-001', { description: 'Write it', requirements: ['REQ-A'] }),
      task('TSK-002', { description: 'write  it', ticket: 'TKT-002', requirements: ['REQ-B'] }),
      task('TSK-003', { description: 'Test it', depends_on: ['TSK-002'] }),
      task('TSK-004', { description: 'Write it', task_type: 'write_tests' }),
    ],
  });
  expect(twins).toEqual([
    { kind: 'requirement', id: 'REQ-B', of: 'REQ-A' },
    { kind: 'ticket', id: 'TKT-002', of: 'TKT-001' },
    { kind: 'task', id: 'TSK-002', of: 'TSK-001' },
  ]);
  expect(plan.requirements.map(({ criteria }) => criteria.map(({ key }) => key))).toEqual([['REQ-A.1', 'REQ-B.1']]);
  expect(plan.tasks).toMatchObject([
    { local_id: 'TSK-001', ticket: 'TKT-001', owned_files: ['TSK-001.ts', 'TSK-002.ts'], requirements: ['REQ-A'] },
    { local_id: 'TSK-003', depends_on: ['TSK-001'] },
    { local_id: 'TSK-004' },
  ]);
  expect(plan.tasks[0]?.criteria).toHaveLength(2);
});

test('[DEDUP-03] work that has to be done before and after something is not the same work', () => {
  const tasks = [
    task('TSK-001', { description: 'Format the code' }),
    task('TSK-002', { description: 'Change it', depends_on: ['TSK-001'] }),
    task('TSK-003', { description: 'Format the code', depends_on: ['TSK-002'] }),
  ];
  expect(foldTwins({ requirements: [], tickets: [ticket('TKT-001')], tasks })).toMatchObject({
    plan: { tasks },
    twins: [],
  });
});

test('[DEDUP-02] texts either side of the threshold of their kind', () => {
  const tasks = [task('TSK-001', { description: 'one' }), task('TSK-002', { description: 'two' })];
  const requirements = [requirement('REQ-A', 'first'), requirement('REQ-B', 'second')];
  const at = (similarity: number) =>
    foldTwins(
      { requirements, tickets: [ticket('TKT-001')], tasks },
      (kind) => similarity >= (kind === 'task' ? 0.85 : 0.88),
    ).twins.map(({ kind }) => kind);
  expect([at(0.849), at(0.85), at(0.88)]).toEqual([[], ['task'], ['requirement', 'task']]);
});

test('[DEDUP-03] no plan is folded into one that waits for itself, or loses a criterion', () => {
  const words = fc.constantFrom('Format', 'Change', 'Test');
  const shape = fc.array(fc.record({ description: words, before: fc.array(fc.nat(5)) }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(shape, (rows) => {
      const tasks = rows.map(({ description, before }, at) =>
        task(taskId(at), {
          description,
          depends_on: before.filter((one) => one < at).map((one) => taskId(one)),
        }),
      );
      const { plan } = foldTwins({ requirements: [], tickets: [ticket('TKT-001')], tasks });
      expect(
        findCycle(Object.fromEntries(plan.tasks.map(({ local_id: id, depends_on }) => [id, depends_on]))),
      ).toBeUndefined();
      expect(plan.tasks.flatMap(({ criteria }) => criteria)).toHaveLength(tasks.length);
    }),
  );
});
