import { shortage } from '#workflows/domain/billing/spent-budget.ts';
import { spentBudget } from '../../web/app/lib/spent-budget.ts';

const ids = { id: 'r', project_id: 'p', spec_id: null, ticket_id: 't', task_id: 'a' };
const run = { ...ids, waiting_for: 'budget', waiting_reason: null };
const spent = (scope: string) =>
  `The budget of this ${scope} is spent: $0.50 of $0.50. Raise it, and the run continues.`;

test.each([
  ['run', { scope_type: 'run', scope_id: 'r' }],
  ['ticket', { scope_type: 'ticket', scope_id: 't' }],
  ['project', { scope_type: 'project', scope_id: 'p' }],
  ['spec', undefined],
  ['organization', { scope_type: 'global' }],
  ['phase', undefined],
])('a run that waits for the budget of its %s names the budget to raise', (scope, budget) => {
  expect(spentBudget({ ...run, waiting_reason: spent(scope) })).toEqual(budget);
});

test('a budget that is too low for the next call is named too', () => {
  const waiting_reason = shortage({ scope_type: 'ticket', limit_micros: 50_000, spent_micros: 0 }, 120_000);
  expect(spentBudget({ ...run, waiting_reason })).toEqual({ scope_type: 'ticket', scope_id: 't' });
});

test('a run that waits for a person names no budget', () => {
  expect(spentBudget({ ...run, waiting_for: 'person', waiting_reason: spent('ticket') })).toBeUndefined();
});
