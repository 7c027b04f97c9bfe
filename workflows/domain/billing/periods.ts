/** How often a budget begins again, at midnight UTC; a week begins on Monday. */
export const budgetPeriods = ['day', 'week', 'month'] as const;
export type BudgetPeriod = (typeof budgetPeriods)[number];

/** The end of the period in which a time is. The statements of the store compute the same. */
export function periodEnd(period: BudgetPeriod, at: Date): Date {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  switch (period) {
    case 'day':
      return new Date(Date.UTC(year, month, day + 1));
    case 'week':
      return new Date(Date.UTC(year, month, day + 7 - ((at.getUTCDay() + 6) % 7)));
    case 'month':
      return new Date(Date.UTC(year, month + 1, 1));
  }
}

/** The beginning of the period in which a time is. */
export function periodStart(period: BudgetPeriod, at: Date): Date {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  switch (period) {
    case 'day':
      return new Date(Date.UTC(year, month, day));
    case 'week':
      return new Date(Date.UTC(year, month, day - ((at.getUTCDay() + 6) % 7)));
    case 'month':
      return new Date(Date.UTC(year, month, 1));
  }
}

/** What of a budget limits spending, and who may loosen it. */
export interface BudgetTerms {
  limit_micros: number;
  /** Null: it is spent once. */
  period: string | null;
  /** The next time at which it begins again, or, without a period, ends; null: it does neither. */
  period_end: Date | null;
  raise_role: string;
}

/** From the strictest: how often a budget begins again. */
const byFrequency = [null, 'month', 'week', 'day'] as const;
const frequencyOf = (period: string | null) => byFrequency.findIndex((one) => one === period);

/** Whether a change of a budget would let anybody spend more or sooner, or others decide about it. */
export function loosens(old: BudgetTerms, next: BudgetTerms): boolean {
  const [before, after] = [frequencyOf(old.period), frequencyOf(next.period)];
  const sooner = next.period_end !== null && (old.period_end === null || next.period_end < old.period_end);
  // One that began again and now ends limits nothing afterwards.
  const ends = after === 0 && before > 0 && next.period_end !== null;
  return next.limit_micros > old.limit_micros || after > before || sooner || ends || next.raise_role !== old.raise_role;
}

interface PeriodBudget<T> {
  period: string | null;
  period_end: Date | null;
  spent_micros: T;
  warned_at: Date | null;
  critical_at: Date | null;
  exceeded_at: Date | null;
}

/** Whether a budget that does not begin again has ended: it limits nothing any more. */
export const isOver = ({ period, period_end: end }: Pick<PeriodBudget<bigint>, 'period' | 'period_end'>, at: Date) =>
  period === null && end !== null && end <= at;

/** A budget as it is at a time. One whose period is over has begun again, whether or not anybody has written that yet. */
export function budgetAt<T extends bigint | number, B extends PeriodBudget<T>>(budget: B, at: Date): B {
  const { period, period_end: end } = budget;
  if (!period || !end || end > at) return budget;
  const alerts = { warned_at: null, critical_at: null, exceeded_at: null };
  return {
    ...budget,
    ...alerts,
    spent_micros: (typeof budget.spent_micros === 'bigint' ? 0n : 0) as T,
    period_end: periodEnd(period as BudgetPeriod, at),
  };
}
