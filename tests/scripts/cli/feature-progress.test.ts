import { FeatureProgress } from '#scripts/cli/feature-progress.ts';
import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';

let seq = 0;
const event = (type: string, data: Record<string, unknown>): EventEnvelope => ({
  seq: (seq += 1),
  id: String(seq),
  type,
  at: '2026-01-01T00:00:00.000Z',
  organization_id: 'o',
  project_id: 'p',
  entity: { kind: 'spec', id: 's' },
  data,
});

function play(subject: { spec_id?: string; ticket_id?: string }, ...events: EventEnvelope[]) {
  const lines: string[] = [];
  const progress = new FeatureProgress(subject, (line) => lines.push(line));
  const outcomes = events.map((one) => progress.apply(one));
  return { progress, lines, outcome: outcomes.at(-1) };
}

const task = { spec_id: 's', ticket_id: 't', task_id: 'k', key: 'TSK-1', title: 'Write the export' };

test('a spec: phases, tasks and cost are shown, and the pull request ends it', () => {
  const { progress, lines, outcome } = play(
    { spec_id: 's' },
    event('spec.phase_started', { spec_id: 's', phase: 'prd', attempt: 2 }),
    event('spec.phase_retry', { spec_id: 's', phase: 'prd', eval_score: 0.5, eval_feedback: 'Not yet.\n- no goals' }),
    event('spec.phase_completed', { spec_id: 's', phase: 'prd', attempt: 2, eval_score: 0.9 }),
    event('task.created', { ...task, status: 'pending' }),
    event('run.created', { spec_id: 's', task_id: 'k', run_id: 'r', kind: 'task' }),
    event('task.status_changed', { ...task, status: 'running' }),
    event('run.turn.completed', { run_id: 'r', turn: 3, tools: ['bash', 'edit_file'] }),
    event('cost.recorded', { run_id: 'r', cost_micros: 1500 }),
    event('pull_request.opened', { spec_id: 's', number: 1 }),
  );
  expect(lines).toEqual([
    '  prd: attempt 2',
    '↺ prd           did not pass its gate (0.50): no goals',
    '✓ prd           score 0.90  (attempt 2)',
    '▸ TSK-1 Write the export',
  ]);
  expect(progress.status('*').join('\n')).toMatch(/0 of 1 tasks {2}\$0\.0015.*\n.*TSK-1 .*turn 3: bash, edit_file/);
  expect(outcome).toBe('pr');
});

test('events of another feature change nothing', () => {
  const { progress, lines, outcome } = play(
    { spec_id: 's' },
    event('task.created', { ...task, spec_id: 'other', status: 'pending' }),
    event('cost.recorded', { run_id: 'other', cost_micros: 9 }),
    event('pull_request.opened', { spec_id: 'other', number: 2 }),
  );
  expect({ lines, outcome, cost: progress.cost_micros }).toEqual({ lines: [], outcome: undefined, cost: 0 });
});

test.each([
  [{ spec_id: 's' }, 'spec.status_changed', { spec_id: 's', status: 'failed' }, 'failed'],
  [{ spec_id: 's' }, 'spec.status_changed', { spec_id: 's', status: 'waiting', waiting_for: 'person' }, 'person'],
  [{ spec_id: 's' }, 'spec.status_changed', { spec_id: 's', status: 'waiting', waiting_for: 'gate' }, undefined],
  [{ spec_id: 's' }, 'ticket.review_needed', { spec_id: 's', ticket_id: 't' }, undefined],
  [{ ticket_id: 't' }, 'ticket.review_needed', { ticket_id: 't' }, 'person'],
  [{ ticket_id: 't' }, 'ticket.status_changed', { ticket_id: 't', to_status: 'cancelled' }, 'cancelled'],
])('%j: %s with %j ends as %s', (subject, type, data, expected) => {
  expect(play(subject, event(type, data)).outcome).toBe(expected);
});

test('a gate that waits prints the command that approves it', () => {
  const { lines } = play({ spec_id: 's' }, event('spec.gate_waiting', { spec_id: 's', phase: 'design', attempt: 1 }));
  expect(lines).toEqual(['? design waits for approval: omoios spec approve s design']);
});
