import { periodEnd, type BudgetPeriod } from './periods.ts';

interface SpentBudget {
  scope_type: string;
  limit_micros: number;
  spent_micros: number;
  period: string | null;
  /** ISO time. */
  period_end: string | null;
  raise_role: string;
}

const usd = (micros: number) => `$${(micros / 1e6).toFixed(4).replace(/0{1,2}$/, '')}`;
const goesOn = { run: 'the run continues', task: 'the task starts' };

/** Why work waits for the money of a budget, what ends the wait, and the ISO time at which it ends by itself. */
export function spentBudget(
  budget: SpentBudget,
  now: Date,
  work: keyof typeof goesOn,
): { message: string; until: string | undefined } {
  const { scope_type, period, period_end, raise_role, spent_micros: spent, limit_micros: limit } = budget;
  const scope = scope_type === 'global' ? 'organization' : scope_type;
  const end = period ? periodEnd(period as BudgetPeriod, now).toISOString() : period_end;
  const until = end === null ? undefined : new Date(end).toISOString();
  const who = raise_role === 'admin' ? 'Raise it' : `Ask for a higher one, which takes the role ${raise_role}`;
  const or = until === undefined ? '' : `, at the latest at ${until.slice(0, 16).replace('T', ' ')} UTC`;
  return {
    message: `The budget of this ${scope} is spent: ${usd(spent)} of ${usd(limit)}. ${who}, and ${goesOn[work]}${or}.`,
    until,
  };
}
