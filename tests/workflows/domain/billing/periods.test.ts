import { budgetAt, periodEnd } from '#workflows/domain/billing/periods.ts';

const at = new Date('2026-12-31T15:00:00Z'); // a Thursday

test('periods end at midnight UTC, weeks with Sunday', () => {
  expect(periodEnd('day', at).toISOString()).toBe('2027-01-01T00:00:00.000Z');
  expect(periodEnd('week', at).toISOString()).toBe('2027-01-04T00:00:00.000Z');
  expect(periodEnd('week', new Date('2027-01-04T00:00:00Z')).toISOString()).toBe('2027-01-11T00:00:00.000Z');
  expect(periodEnd('month', at).toISOString()).toBe('2027-01-01T00:00:00.000Z');
});

test('a budget begins again when its period is over, also after several; one without a period does not', () => {
  const alerts = { warned_at: at, critical_at: at, exceeded_at: at };
  const budget = { period: 'day', period_end: new Date('2026-12-29T00:00:00Z'), spent_micros: 7n, ...alerts };
  expect(budgetAt(budget, at)).toEqual({
    period: 'day',
    period_end: new Date('2027-01-01T00:00:00Z'),
    spent_micros: 0n,
    warned_at: null,
    critical_at: null,
    exceeded_at: null,
  });
  const open = { ...budget, period_end: new Date('2027-01-01T00:00:00Z') };
  expect(budgetAt(open, at)).toBe(open);
  const once = { ...budget, period: null };
  expect(budgetAt(once, at)).toBe(once);
});
