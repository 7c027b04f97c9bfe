import { blockageOf, type StandingWork } from '#workflows/domain/tasks/blocking.ts';

type Task = StandingWork['tasks'][number];
const task = (more: Partial<Task> = {}): Task => ({
  ...{ key: 'TSK-1', status: 'running', error_message: null, waiting_for: null, waits_for: [], run: null },
  ...more,
});
const waits = (waiting_for: string, waiting_reason: string | null = null) =>
  task({ run: { status: 'waiting', waiting_for, waiting_reason } });

test.each([
  [
    'a failed task',
    [task({ status: 'failed', error_message: 'The check failed.' })],
    'failing_checks',
    'TSK-1 failed: The check failed.',
  ],
  [
    'a question',
    [waits('person', 'Which currency?')],
    'waiting_on_clarification',
    'TSK-1 waits for an answer: Which currency?',
  ],
  ['tasks of others', [task({ status: 'pending', waits_for: ['TSK-9'] })], 'dependency', 'TSK-1 waits for TSK-9.'],
  ['no task', [], 'waiting_on_clarification', 'It has no open task.'],
  ['no progress', [task()], 'waiting_on_clarification', 'TSK-1 is running and makes no progress.'],
])('a ticket is blocked by %s', (_name, tasks, kind, reason) => {
  const found = blockageOf({ status: 'building', last_error: null, tasks });
  expect(found).toMatchObject({ kind, reason });
  expect(found?.remediation).not.toBe('');
});

test('a step of the platform that failed is the environment, with its words', () => {
  expect(blockageOf({ status: 'testing', last_error: 'The disk is full.', tasks: [] })).toMatchObject({
    ...{ kind: 'environment', reason: 'The disk is full.' },
  });
});

test.each(['budget', 'slot', 'model', 'sandbox'])('a wait for %s is no block: it says so itself', (name) => {
  expect(blockageOf({ status: 'building', last_error: null, tasks: [waits(name)] })).toBeUndefined();
});

test.each(['backlog', 'pending_review', 'done', 'cancelled'])('a ticket that is %s is never blocked', (status) => {
  expect(blockageOf({ status, last_error: null, tasks: [] })).toBeUndefined();
});
